/* SPDX-License-Identifier: MIT
 * apply: entries change rows. In loops whose cache misses overlap: prefetch the index, look up and prefetch the row, compare and
 * fold; where keys are long texts, another before the last prefetches the row's text. Without batches the job was 2.3 times
 * slower, without prefetching 1.36 times. A thread that applies its own effects prefetches the index when they are emitted, and
 * folds a small batch when the next one has been looked up: so memory is never waited for while there is something to do, which
 * took 6 to 9 % off the whole job. An owner of a shard, who applies the effects of many lines at once, goes by steps for the same
 * reason: 4 % of the job on two threads. For common signatures (signatures.h) all is compiled with the columns known: 60
 * instructions an effect, about half of what it takes to read them from the layout. */
#ifndef STATE_APPLY_H
#define STATE_APPLY_H

#include "state/table.h"

/* The functions for a table's layouts. */
struct apply apply_choose(const struct table *table);

#endif
