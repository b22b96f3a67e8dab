/* SPDX-License-Identifier: MIT
 * shard: the rows of a shard, and the index that finds them. A slot of its index is a row number + 1 in the mask's bits, and bits of the
 * hash above them; 0 is empty. */
#ifndef STATE_SHARD_H
#define STATE_SHARD_H

#include "state/table.h"

static inline char *row_at(const struct table *table, const struct shard *shard, size_t number)
{
    return shard->rows.data + number * table->row_layout.row_bytes;
}

static inline uint32_t slot_make(uint32_t mask, uint32_t hash, size_t number)
{
    return (hash & ~mask) | (uint32_t)(number + 1);
}

static inline size_t slot_row(uint32_t mask, uint32_t slot)
{
    return (slot & mask) - 1;
}

static inline bool slot_may_be(uint32_t mask, uint32_t slot, uint32_t hash)
{
    return !((slot ^ hash) & ~mask);
}

/* The row is new, or is changed, by an effect of this time (see struct shard). */
static inline void row_change(const struct layout *layout, char *row, uint64_t time)
{
    if (layout->changed_at) memcpy(row + layout->changed_at, &time, sizeof time);
}
static inline void row_make(const struct layout *layout, char *row, uint64_t time)
{
    if (layout->made_at) memcpy(row + layout->made_at, &time, sizeof time);
    row_change(layout, row, time);
}

/* ---- the index */
enum { INDEX_SLOTS_MIN = 1 << 10 };
/* An empty one of so many slots, a power of 2. */
void index_make(struct shard *shard, uint64_t slots);
/* One of so many slots, with all rows. */
void index_rebuild(const struct table *table, struct shard *shard, uint64_t slots);
/* Adds the row of this number. */
static inline void index_put(struct shard *shard, uint32_t hash, size_t number)
{
    uint64_t at = hash & shard->mask;
    while (shard->index[at]) at = (at + 1) & shard->mask;
    shard->index[at] = slot_make(shard->mask, hash, number);
}
/* Takes the slot at this place out. */
void index_take(const struct table *table, struct shard *shard, uint64_t at);
/* Where the slot of a row is, which is there. */
uint64_t index_of(const struct shard *shard, uint32_t hash, size_t number);

/* ---- rows */
void shard_init(struct shard *shard);
void shard_finish(const struct table *table, struct shard *shard);
/* Room for `more` rows, and slots for them. */
void shard_reserve(const struct table *table, struct shard *shard, size_t more);
/* The row of an entry's keys, made if there is none; there is room for it. */
char *shard_find_or_add(const struct table *table, struct shard *shard, const char *entry, uint32_t hash, bool *added);
/* The row's texts become its own. */
void shard_own(const struct table *table, struct shard *shard, char *row);
void shard_remove(const struct table *table, struct shard *shard, const void *entry, uint32_t hash);

#endif
