/* SPDX-License-Identifier: MIT
 * table: the rows of one effect type. Rows lie dense and in no order; an index of 4-byte slots (row number, and above it as many bits of the
 * hash as fit) finds them, at most 60 % full. Entries are applied by the batch, in three loops whose cache misses overlap:
 * prefetch the index, look up and prefetch the row, compare and fold. Measured elsewhere in this job: without batches 2.3 times slower,
 * without prefetching 1.36 times. */
#ifndef STATE_TABLE_H
#define STATE_TABLE_H

#include "state/layout.h"

/* A reducer as the table sees it: folds an entry into a row, both in their layouts. False: the row cannot stand; the run stops. */
typedef bool table_reduce(void *data, struct table *table, void *row, const void *entry, struct error *error);

struct table {
    char *name;
    char *declared_by;            /* the plugin that declared it first */
    struct layout effect_layout;  /* of entries */
    struct layout row_layout;     /* of rows: the same, or keys and the reducer's columns */
    table_reduce *reduce;         /* NULL: the declared folds */
    void *reduce_data;
    struct range rows;
    uint32_t *index;
    uint64_t mask;  /* slots - 1 */
    size_t count;   /* rows */
    size_t heap_bytes; /* long texts and wide sums */
    bool has_long_keys;
};

/* Effects of one table that wait to be applied, in log order. */
struct batch {
    char *entries;      /* of effect_layout.row_bytes each */
    uint32_t *hashes;   /* of their keys */
    uint32_t *rows;     /* for table_apply(): row numbers + 1 */
    unsigned char *removes; /* 1: the effect that takes the row away */
    uint32_t count, capacity;
    bool any_remove;
};

void table_init(struct table *table, const char *name, const char *declared_by);
void table_finish(struct table *table);
/* Once the layouts are known, before the first row. */
void table_open(struct table *table);

/* Hash of the keys of an entry or row; notes that there are long keys. */
uint32_t table_hash(struct table *table, const void *entry);
/* Applies the first `count` entries in order. False: a reducer's row cannot stand. */
bool table_apply(struct table *table, struct batch *batch, uint32_t count, struct error *error);
/* The row of an entry's keys, or NULL. */
char *table_find(const struct table *table, const void *entry, uint32_t hash);
/* Adds a row whose keys are new: its texts are copied, its wide sums become the table's. */
char *table_insert(struct table *table, const void *row, uint32_t hash);

void batch_init(struct batch *batch, const struct table *table);
/* Room for one more entry, at batch->entries + batch->count * row_bytes. */
void batch_reserve(struct batch *batch, const struct table *table);
void batch_finish(struct batch *batch);

#endif
