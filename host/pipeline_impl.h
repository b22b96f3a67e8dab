/* SPDX-License-Identifier: MIT
 * The parts of a pipeline, for pipeline.c, describe.c and summary.c. */
#ifndef PIPELINE_IMPL_H
#define PIPELINE_IMPL_H

#include "dispatch/dispatch.h"
#include "pipeline.h"
#include "sinks/rejects.h"
#include "sinks/sinks.h"

#include <stdint.h>
#include <time.h>

/* What became of each logline: their sum is the number read. */
struct counts {
    uint64_t handled, unhandled, skipped, rejected, blank;
};

struct pipeline {
    const struct config *config;
    struct source *source, *initial; /* initial: rows to start from, NULL: none */
    struct schema *schema;
    struct decoder *decoder;
    struct dispatch *dispatch;
    struct effects *effects;
    struct sinks *sinks;
    struct rejects *rejects;
    struct counts counts;
};

/* The account of a run, to standard error: counts, handlers that never fired, rows by table, time. */
void summary_print(const struct pipeline *pipeline, double seconds);

#endif
