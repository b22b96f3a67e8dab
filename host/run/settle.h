/* SPDX-License-Identifier: MIT
 * settle: what turns brought is counted and written, in the order of the log, up to the logline at which the run stops, if it
 * does. */
#ifndef SETTLE_H
#define SETTLE_H

#include "run/chunk.h"
#include "run/run.h"

/* Turn after turn, one call at a time. False: the run stops here, and the error says at which logline and why. */
bool settle(struct run *run, const struct turn *turn, struct error *error);

#endif
