/* SPDX-License-Identifier: MIT
 * The parts of a pipeline, for pipeline.c, describe.c and summary.c. */
#ifndef PIPELINE_IMPL_H
#define PIPELINE_IMPL_H

#include "dispatch/dispatch.h"
#include "pipeline.h"
#include "sinks/rejects.h"
#include "sinks/sinks.h"
#include "turn.h"

#include <stdint.h>
#include <time.h>

/* What became of loglines, by enum fate: their sum is the number read. */
struct counts {
    uint64_t fates[FATE_COUNT];
};

struct handler_counts {
    uint64_t called, refused; /* of lines that were not handled in the end; of the others, called is the count of their type */
};

struct pipeline {
    const struct config *config;
    unsigned threads;
    bool partitioned; /* threads own partitions of the tables that handlers read */
    bool played;      /* the whole log; where it was not, the state stands at no line of it that could be told */
    bool reduces;     /* there are reducers, which may fail when effects are applied */
    struct source *source, *initial; /* initial: rows to start from, NULL: none */
    struct schema *schema;
    struct dispatch *dispatch;
    struct effects *effects;
    struct sinks *sinks;
    struct rejects *rejects;
    struct counts counts;            /* of all lines */
    struct counts *types;            /* by event type */
    struct handler_counts *handlers; /* by handler */
};

/* The account of a run, to standard error: counts, handlers that never fired, rows by table, time. */
void summary_print(const struct pipeline *pipeline, double seconds);

#endif
