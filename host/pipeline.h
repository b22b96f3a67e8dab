/* SPDX-License-Identifier: MIT
 * The pipeline: source, decode, dispatch, effects, state, sinks, in this order. */
#ifndef PIPELINE_H
#define PIPELINE_H

#include "base/diagnostic.h"
#include "base/error.h"
#include "config/config.h"

#include <stdio.h>

/* Exit statuses of etl-host. */
enum exit_status {
    EXIT_DONE = 0,
    EXIT_STOPPED = 1, /* failed or stopped */
    EXIT_USAGE = 2,   /* wrong usage or configuration */
    EXIT_REJECTS = 3, /* done, with rejects */
    EXIT_UNSAID = 4,  /* failed or stopped, and standard error could not be told why */
};

struct pipeline;

/* Loads plugins, finds files, checks everything; reads no line and writes nothing. NULL where diagnostics hold errors. */
struct pipeline *pipeline_create(const struct config *config, struct diagnostics *diagnostics);
/* The run is to say nothing but errors and rejects: no progress, no summary. */
void pipeline_be_quiet(struct pipeline *pipeline);
/* Plays the log forward to its final state. Errors, progress and the summary go to standard error. Once. */
enum exit_status pipeline_run(struct pipeline *pipeline);
/* What would run, stage by stage: `check`. */
void pipeline_describe(const struct pipeline *pipeline, FILE *to);
/* Plugins, event types with their handlers, effects, tables: `list`. */
void pipeline_list(const struct pipeline *pipeline, FILE *to);
void pipeline_destroy(struct pipeline *pipeline);

#endif
