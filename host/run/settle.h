/* SPDX-License-Identifier: MIT
 * settle: what chunks brought is counted and written, in the order of the log, up to the logline at which the run stops, if it
 * does. */
#ifndef RUN_SETTLE_H
#define RUN_SETTLE_H

#include "run/chunk.h"
#include "run/run.h"

/* Chunk after chunk, one call at a time. False: the run stops here, and the error says at which logline and why. */
bool settle(struct run *run, const struct chunk *chunk, struct error *error);

#endif
