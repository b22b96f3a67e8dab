/* SPDX-License-Identifier: MIT
 * The pipeline: source, decode, dispatch, effects, state, sinks, in this order. */
#ifndef PIPELINE_H
#define PIPELINE_H

#include "base/diagnostic.h"
#include "base/error.h"
#include "config/config.h"

/* Exit statuses of etl-host. */
enum exit_status {
    EXIT_DONE = 0,
    EXIT_STOPPED = 1, /* failed or stopped */
    EXIT_USAGE = 2,   /* wrong usage or configuration */
    EXIT_REJECTS = 3, /* done, with rejects */
    EXIT_UNSAID = 4,  /* failed or stopped, and standard error could not be told why */
};

struct run; /* run/run.h */

/* Loads plugins, finds files, checks everything; reads no line and writes nothing. NULL where diagnostics hold errors. */
struct run *pipeline_create(const struct config *config, struct diagnostics *diagnostics);
/* The run is to show no progress. */
void pipeline_be_quiet(struct run *run);
/* Plays the log forward to its final state, and publishes it. Errors and progress go to standard error. Once. */
enum exit_status pipeline_run(struct run *run);
void pipeline_destroy(struct run *run);

#endif
