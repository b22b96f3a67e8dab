/* SPDX-License-Identifier: MIT
 * run: what a run is made of: a plan that is made before it, the parts that it goes through, and a tally of what came of it. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "config/config.h"
#include "dispatch/dispatch.h"
#include "run/progress.h"
#include "run/tally.h"
#include "sinks/rejects.h"
#include "sinks/sinks.h"
#include "source/source.h"

/* What was decided before the first logline. */
struct plan {
    const struct config *config;
    bool quiet;
    unsigned threads, threads_wanted; /* wanted: were it not for handlers that read state */
    size_t producers;                 /* of a chunk */
    size_t producer_bytes;            /* of effects and texts that each may hold before the chunk is cut */
    size_t kept_bytes_max;            /* of rows that threads keep each for themselves; beyond it, each goes to its shard */
    bool partitioned; /* threads own partitions of the tables that handlers read */
    bool reduces;     /* there are reducers, which may fail when effects are applied */
};

/* The stages, in the order of the flow. */
struct parts {
    struct source *source, *initial; /* initial: rows to start from, NULL: none */
    struct schema *schema;
    struct dispatch *dispatch;
    struct effects *effects;
    struct sinks *sinks;
    struct rejects *rejects;
};

struct run {
    struct plan plan;
    struct parts parts;
    struct tally tally;
    struct progress progress;
};

#endif
