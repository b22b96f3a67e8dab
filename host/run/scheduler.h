/* SPDX-License-Identifier: MIT
 * chunks: threads take blocks and bring them through the run; order is kept here. Each thread does, again and again, the
 * first of these that can be done: settle the oldest chunk; apply effects to its own shard, chunk by chunk; play the lines of its
 * own partitions, chunk by chunk; do these two for a thread that waits for input; play on where a chunk was cut; take the next
 * block and play its lines. A thread that finds nothing to do waits. With one thread this is: take a block, play it, settle
 * it. */
#ifndef RUN_SCHEDULER_H
#define RUN_SCHEDULER_H

#include "run/run.h"

/* Plays the whole source. False: the run stopped; what comes before the stop is settled. */
bool scheduler_run(struct run *run, struct error *error);

#endif
