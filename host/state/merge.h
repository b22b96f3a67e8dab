/* SPDX-License-Identifier: MIT
 * merge: one row of those that several shards have of the same keys. Where the folds allow it (layout.h), a thread may fold
 * effects into a row of its own, instead of handing them to another (effects/heat.h); a row then has a part in any shard. After
 * the last effect the parts are found by sorting, which sinks need anyhow, and folded into the first of them. Sums, counts,
 * least and greatest values do not ask for an order; which value is the first, or the last, rows tell by the times at which they
 * were made and changed. Removals reach all shards, each at its place in the log (effects/outbox.c), so that no part holds what
 * came before one. */
#ifndef STATE_MERGE_H
#define STATE_MERGE_H

#include "state/table.h"

/* No effect and no look-up comes after this. */
void table_merge(struct table *table, unsigned threads);

#endif
