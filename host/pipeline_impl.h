/* SPDX-License-Identifier: MIT
 * The parts of a pipeline, for pipeline.c, describe.c, summary.c, and those who work on it. */
#ifndef PIPELINE_IMPL_H
#define PIPELINE_IMPL_H

#include "dispatch/dispatch.h"
#include "pipeline.h"
#include "progress.h"
#include "reasons.h"
#include "sinks/rejects.h"
#include "sinks/sinks.h"
#include "turn.h"

#include <stdint.h>
#include <time.h>

struct handler_counts {
    uint64_t called, refused; /* of lines that were not handled in the end; of the others, called is the count of their type */
};

struct pipeline {
    const struct config *config;
    bool quiet;
    unsigned threads, threads_wanted; /* wanted: were it not for handlers that read state */
    unsigned threads_used;            /* a small log needs one only */
    size_t producers;                 /* of a turn */
    size_t producer_bytes;            /* of effects and texts that each may hold before the turn is cut */
    size_t kept_bytes_max;            /* of rows that threads keep each for themselves; beyond it, each goes to its shard */
    bool partitioned; /* threads own partitions of the tables that handlers read */
    bool rejects_kept, results_kept; /* published, or written as they came */
    bool played;      /* the whole log; where it was not, the state stands at no line of it that could be told */
    bool reduces;     /* there are reducers, which may fail when effects are applied */
    struct source *source, *initial; /* initial: rows to start from, NULL: none */
    struct schema *schema;
    struct dispatch *dispatch;
    struct effects *effects;
    struct sinks *sinks;
    struct rejects *rejects;
    uint64_t *outcomes;              /* how many lines had each, by outcome_of(): their sum is the number read */
    struct handler_counts *handlers; /* by handler */
    struct reasons reasons;          /* of rejects */
    uint64_t bytes;                  /* of all blocks that were played */
    struct progress progress;
};

/* How many lines this became of, and how many were read: the sum over all fates. */
uint64_t pipeline_count(const struct pipeline *pipeline, enum fate fate);
uint64_t pipeline_lines(const struct pipeline *pipeline);

/* The account of a run, to standard error: loglines by event type and handler, rejects by reason, rows by table, time; and of a
 * run that stopped, what is published. */
void summary_print(const struct pipeline *pipeline, bool published, double seconds);

/* Where handlers that read state keep the run on one thread: a line that says so, and what to add. After `before`. */
void threads_advise(const struct pipeline *pipeline, const char *before, FILE *to);

#endif
