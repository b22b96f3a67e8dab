/* SPDX-License-Identifier: MIT
 * Entries that wait to be applied. */
#include "base/memory.h"
#include "state/table.h"

enum { BATCH_ROOM = 192 };
#define BATCH_BYTES_KEPT ((size_t)4 << 20) /* by a batch that is empty */

void batch_init(struct batch *batch, const struct table *table)
{
    *batch = (struct batch){0};
    batch_grow(batch, table);
}

void batch_grow(struct batch *batch, const struct table *table)
{
    const size_t old = batch->capacity, capacity = old ? old * 2 : BATCH_ROOM, bytes = table->effect_layout.row_bytes;
    batch->entries = reallocate_lines(batch->entries, old * bytes, capacity * bytes + LINE_SIZE);
    batch->hashes = reallocate_lines(batch->hashes, old * sizeof *batch->hashes, capacity * sizeof *batch->hashes);
    batch->lines = reallocate_lines(batch->lines, old * sizeof *batch->lines, capacity * sizeof *batch->lines);
    batch->removes = reallocate_lines(batch->removes, old, capacity);
    batch->capacity = (uint32_t)capacity;
}

void batch_drop(struct batch *batch, uint32_t count, size_t entry_bytes)
{
    const uint32_t rest = batch->count - count;
    if (rest && count) {
        memmove(batch->entries, batch->entries + count * entry_bytes, rest * entry_bytes);
        memmove(batch->hashes, batch->hashes + count, rest * sizeof *batch->hashes);
        memmove(batch->lines, batch->lines + count, rest * sizeof *batch->lines);
        memmove(batch->removes, batch->removes + count, rest);
    }
    batch->count = rest;
    if (rest) return;
    batch->any_remove = false;
    if (batch->capacity * entry_bytes > BATCH_BYTES_KEPT) batch_finish(batch);
}

void batch_finish(struct batch *batch)
{
    free(batch->entries);
    free(batch->hashes);
    free(batch->lines);
    free(batch->removes);
    *batch = (struct batch){0};
}
