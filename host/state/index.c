/* SPDX-License-Identifier: MIT
 * The index over the keys of a shard. */
#include "base/compiler.h"
#include "state/shard.h"

enum { GROUP = 128 /* rows whose cache misses overlap */ };

/* In pages as large as the rows' are, since every look-up goes somewhere else in it. */
void index_make(struct shard *shard, uint64_t slots)
{
    range_finish(&shard->slots);
    range_grow(&shard->slots, slots * sizeof *shard->index);
    shard->index = (uint32_t *)shard->slots.data;
    shard->mask = (uint32_t)(slots - 1);
}

INLINE void hash_rows(const char *row, size_t count, uint32_t row_bytes, uint32_t key_words,
                                                            uint32_t *hashes)
{
    for (size_t i = 0; i < count; i++, row += row_bytes) hashes[i] = hash_words((const uint64_t *)row, key_words);
}

static void hash_group(const struct table *table, const struct shard *shard, size_t from, size_t count, uint32_t *hashes)
{
    const struct layout *layout = &table->row_layout;
    const char *rows = row_at(table, shard, from);
    if (shard->has_long_keys)
        for (size_t i = 0; i < count; i++) hashes[i] = table_hash(table, rows + i * layout->row_bytes);
    else if (layout->key_words == 3) hash_rows(rows, count, layout->row_bytes, 3, hashes);
    else hash_rows(rows, count, layout->row_bytes, layout->key_words, hashes);
}

/* Hashes are not kept but made again from the keys, in groups so that the misses overlap. */
void index_rebuild(const struct table *table, struct shard *shard, uint64_t slots)
{
    index_make(shard, slots);
    for (size_t from = 0; from < shard->count; from += GROUP) {
        uint32_t hashes[GROUP];
        size_t count = shard->count - from < GROUP ? shard->count - from : GROUP;
        hash_group(table, shard, from, count, hashes);
        for (size_t i = 0; i < count; i++) __builtin_prefetch(&shard->index[hashes[i] & shard->mask], 1);
        for (size_t i = 0; i < count; i++) index_put(shard, hashes[i], from + i);
    }
}

/* Later slots move back into the hole, so that every probe still finds what it should. */
void index_take(const struct table *table, struct shard *shard, uint64_t hole)
{
    for (uint64_t at = (hole + 1) & shard->mask; shard->index[at]; at = (at + 1) & shard->mask) {
        uint64_t home = table_hash(table, row_at(table, shard, slot_row(shard->mask, shard->index[at]))) & shard->mask;
        if (((at - home) & shard->mask) < ((at - hole) & shard->mask)) continue;
        shard->index[hole] = shard->index[at];
        hole = at;
    }
    shard->index[hole] = 0;
}

uint64_t index_of(const struct shard *shard, uint32_t hash, size_t number)
{
    uint64_t at = hash & shard->mask;
    while (slot_row(shard->mask, shard->index[at]) != number || !slot_may_be(shard->mask, shard->index[at], hash))
        at = (at + 1) & shard->mask;
    return at;
}
