/* SPDX-License-Identifier: MIT
 * table: the rows of one effect type. Rows lie dense and in no order; an index of 4-byte slots (row number, and above it as
 * many bits of the hash as fit) finds them, at most 60 % full. Entries are applied by the batch, see apply.h. */
#ifndef STATE_TABLE_H
#define STATE_TABLE_H

#include "base/compiler.h"
#include "row/keys.h"
#include "row/string_pool.h"

#include <stdatomic.h>

struct table;
struct shard;
struct batch;

/* An entry to be folded into a row, both in their layouts, and the number of the entry's
 * logline in its block. */
struct reduction {
    void *row;
    const void *entry;
    uint32_t line;
};

/* A reducer as the table sees it. False: state cannot hold the row that it left; the run stops. */
typedef bool table_reduce(struct table *table, struct shard *shard, const struct reduction *reduction,
                          void *data, struct error *error);

/* Some entries of a batch: from `from` up to `to`; or the ones whose numbers are in `which`,
 * from place `from` up to `to`. */
struct entries {
    const struct batch *batch;
    const uint32_t *which; /* NULL: every entry */
    uint32_t from, to;
};

/* An entry, and the row that it is to change, unless the few bits of its hash in the index lied. */
struct candidate {
    char *row;
    const char *entry;
};

/* How entries, none a removal, are applied, in two steps; the functions are for the table's layouts, see apply.h. */
struct apply {
    /* Finds the rows of entries and has them fetched from memory; there is room for those that are new, which are made. Returns
     * how many others there are, which are to be folded. */
    size_t (*find)(const struct table *table, struct shard *shard, const struct entries *entries,
                   struct candidate *found);
    void (*fold)(const struct table *table, struct shard *shard, const struct batch *batch, const struct candidate *found,
                 size_t count);
};

/* A part of a table's rows: those whose keys (or whose partition key) hash to it; or, where they are merged in the end, those
 * of effects that one thread kept. One thread at a time applies to it. */
struct shard {
    struct range rows, slots;
    uint32_t *index;   /* slots.data */
    uint32_t mask;     /* slots - 1 */
    size_t count;      /* rows */
    size_t heap_bytes; /* long texts and wide sums, */
    size_t key_bytes;  /* of which the texts of keys */
    struct texts texts; /* where they are */
    bool has_long_keys;
    uint64_t time;      /* of the effects at hand, where rows are merged: those of another time are all before, or all behind */
};

struct table {
    char *name;
    char *declared_by;           /* the plugin that declared it first */
    size_t number;               /* among the tables of the state */
    struct layout effect_layout; /* of entries */
    struct layout row_layout;    /* of rows: the same, or keys and the reducer's columns */
    int partition_column;        /* the key whose value decides the shard; -1: all keys together */
    struct apply apply;
    table_reduce *reduce;        /* NULL: the declared folds */
    struct reducer *reducer;     /* effects/ keeps it here for `reduce` */
    bool merges;                 /* several shards may have rows of the same keys, see merge.h; */
    atomic_bool parted;          /* and may do so now */
    struct order *order;         /* once they have been merged: of those that are left; NULL: all shards' */
    struct shard *shards;
    unsigned shard_count;
};

/* Effects of one table that wait to be applied, in log order. All arrays begin with a line of the cache. */
struct batch {
    char *entries;          /* of effect_layout.row_bytes each, and room for a line of the cache behind them */
    uint32_t *hashes;       /* of their keys */
    uint32_t *lines;        /* numbers of their loglines in the block */
    unsigned char *removes; /* 1: the effect that takes the row away */
    uint32_t count, capacity;
    bool any_remove;
};

void table_init(struct table *table, const char *name, const char *declared_by);
void table_finish(struct table *table);
/* Once the layouts are known, before the first row. */
void table_open(struct table *table, unsigned shards);

static inline uint32_t table_hash(const struct table *table, const void *entry)
{
    return hash_keys(&table->row_layout, entry);
}
/* By their highest bits hashes fall into buckets, and these into shards. */
enum { HASH_BUCKET_BITS = 14, HASH_BUCKETS = 1 << HASH_BUCKET_BITS };
static inline uint32_t hash_bucket(uint32_t hash)
{
    return hash >> (32 - HASH_BUCKET_BITS);
}
static inline unsigned bucket_shard(uint32_t bucket, unsigned shards)
{
    return bucket * shards >> HASH_BUCKET_BITS;
}
static inline unsigned hash_shard(uint32_t hash, unsigned shards)
{
    return bucket_shard(hash_bucket(hash), shards);
}

/* The shard of an entry or row with this hash; of one whose table has a partition column. */
unsigned table_partition(const struct table *table, const void *entry);
static inline unsigned table_shard(const struct table *table, const void *entry, uint32_t hash)
{
    return table->partition_column < 0 ? hash_shard(hash, table->shard_count) : table_partition(table, entry);
}

/* Applies the entries in order. `data` is for the reducer. False: state cannot hold a reducer's
 * row; *failed is the line. */
bool shard_apply(struct table *table, struct shard *shard, const struct entries *entries, void *data,
                 uint32_t *failed, struct error *error);
/* The same of a whole batch, in which nothing is a removal, of a table without a reducer: in two steps, between which its rows
 * come from memory while the caller does something else, but nothing to the shard. */
enum { WAVE_MAX = 128 };
struct wave {
    struct batch batch; /* of up to WAVE_MAX entries */
    struct candidate found[WAVE_MAX];
    size_t count; /* of those found that are to be folded */
};
void wave_begin(const struct table *table, struct shard *shard, struct wave *wave);
void wave_end(const struct table *table, struct shard *shard, struct wave *wave);
/* An entry with this hash is going to be looked up. */
static inline void shard_expect(const struct shard *shard, uint32_t hash)
{
    __builtin_prefetch(&shard->index[hash & shard->mask]);
}
/* The row of an entry's keys, or NULL. */
char *shard_find(const struct table *table, const struct shard *shard, const void *entry, uint32_t hash);
/* Adds a row whose keys are new: its texts are copied, its wide sums become the table's. */
char *shard_insert(struct table *table, struct shard *shard, const void *row, uint32_t hash);

void batch_init(struct batch *batch, const struct table *table);
/* Room for one more entry, at batch->entries + batch->count * row_bytes. */
void batch_grow(struct batch *batch, const struct table *table);
static inline void batch_reserve(struct batch *batch, const struct table *table)
{
    if (UNLIKELY(batch->count == batch->capacity)) batch_grow(batch, table);
}
/* Without its first `count` entries, of `entry_bytes` each; the others move to the front. An empty one gives back the memory that
 * an event with very many effects made it take. */
void batch_drop(struct batch *batch, uint32_t count, size_t entry_bytes);
void batch_finish(struct batch *batch);

#endif
