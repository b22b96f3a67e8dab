/* SPDX-License-Identifier: MIT */
#include "table.h"
#include "base/memory.h"
#include "state/fold.h"
#include "state/hash.h"
#include "state/text.h"
#include "state/wide.h"

#include <assert.h>

enum { FIRST_SLOTS = 1 << 10, SLOTS_BITS_MAX = 31, BATCH_ROOM = 192 };

void table_init(struct table *table, const char *name, const char *declared_by)
{
    *table = (struct table){.name = copy_text(name), .declared_by = copy_text(declared_by)};
}

void table_open(struct table *table)
{
    hash_init();
    table->mask = FIRST_SLOTS - 1;
    table->index = allocate(FIRST_SLOTS * sizeof *table->index);
}

static char *row_at(const struct table *table, size_t number)
{
    return table->rows.data + number * table->row_layout.row_bytes;
}

void table_finish(struct table *table)
{
    if (table->heap_bytes)
        for (size_t i = 0; i < table->count; i++) row_release(&table->row_layout, row_at(table, i));
    if (table->row_layout.columns != table->effect_layout.columns) layout_finish(&table->row_layout);
    layout_finish(&table->effect_layout);
    range_finish(&table->rows);
    free(table->index);
    free(table->name);
    free(table->declared_by);
    *table = (struct table){0};
}

/* ---- keys */

/* A long text counts by its hash and size, not by where it lies. */
static uint32_t hash_keys(const struct table *table, const void *row)
{
    const struct layout *layout = &table->row_layout;
    if (!table->has_long_keys) return hash_words(row, layout->key_words);
    uint64_t words[ROW_BYTES_MAX / 8];
    memcpy(words, row, layout->key_words * 8);
    for (uint32_t i = 0; i < layout->key_count; i++) {
        uint64_t *text = words + layout->columns[i].at / 8;
        if (layout->columns[i].column.kind == ETL_KIND_STRING && text_is_long(text)) text[0] = 0;
    }
    return hash_words(words, layout->key_words);
}

uint32_t table_hash(struct table *table, const void *entry)
{
    const struct layout *layout = &table->effect_layout;
    if (!table->has_long_keys && layout->has_text)
        for (uint32_t i = 0; i < layout->key_count; i++)
            if (layout->columns[i].column.kind == ETL_KIND_STRING)
                table->has_long_keys |= text_is_long((const uint64_t *)((const char *)entry + layout->columns[i].at));
    return hash_keys(table, entry);
}

static bool long_keys_equal(const struct layout *layout, const uint64_t *a, const uint64_t *b)
{
    for (uint32_t i = 0; i < layout->key_count; i++) {
        uint32_t at = layout->columns[i].at / 8, words = 0;
        switch (layout->columns[i].column.kind) {
        case ETL_KIND_STRING:
            if (!text_equal(a + at, b + at)) return false;
            continue;
        case ETL_KIND_DECIMAL: words = 3; break;
        default: words = 1;
        }
        if (memcmp(a + at, b + at, words * 8)) return false;
    }
    return true;
}

static inline bool keys_equal(const struct table *table, const uint64_t *a, const uint64_t *b)
{
    uint64_t difference = a[0] ^ b[0];
    for (uint32_t i = 1; i < table->row_layout.key_words; i++) difference |= a[i] ^ b[i];
    return !difference || (table->has_long_keys && long_keys_equal(&table->row_layout, a, b));
}

/* ---- the index: a slot is a row number + 1 below the mask's bits, bits of the hash above them; 0 is empty */

static uint32_t slot_make(const struct table *table, uint32_t hash, size_t number)
{
    return (hash & ~(uint32_t)table->mask) | (uint32_t)(number + 1);
}

static size_t slot_row(const struct table *table, uint32_t slot)
{
    return (slot & (uint32_t)table->mask) - 1;
}

static bool slot_may_be(const struct table *table, uint32_t slot, uint32_t hash)
{
    return !((slot ^ hash) & ~(uint32_t)table->mask);
}

static void index_put(struct table *table, uint32_t hash, size_t number)
{
    uint64_t at = hash & table->mask;
    while (table->index[at]) at = (at + 1) & table->mask;
    table->index[at] = slot_make(table, hash, number);
}

/* Hashes are not kept but made again from the keys, in groups so that the misses overlap. */
static void index_rebuild(struct table *table, uint64_t slots)
{
    enum { GROUP = 32 };
    free(table->index);
    table->index = allocate(slots * sizeof *table->index);
    table->mask = slots - 1;
    for (size_t from = 0; from < table->count; from += GROUP) {
        uint32_t hashes[GROUP];
        size_t count = table->count - from < GROUP ? table->count - from : GROUP;
        for (size_t i = 0; i < count; i++) {
            hashes[i] = hash_keys(table, row_at(table, from + i));
            __builtin_prefetch(&table->index[hashes[i] & table->mask], 1);
        }
        for (size_t i = 0; i < count; i++) index_put(table, hashes[i], from + i);
    }
}

static void table_reserve(struct table *table, size_t more)
{
    uint64_t slots = table->mask + 1;
    while ((table->count + more) * 10 > slots * 6) slots *= slots < (1 << 22) ? 4 : 2;
    if (slots > (uint64_t)1 << SLOTS_BITS_MAX) die_without_memory();
    if (slots != table->mask + 1) index_rebuild(table, slots);
    range_grow(&table->rows, (table->count + more) * table->row_layout.row_bytes);
}

char *table_find(const struct table *table, const void *entry, uint32_t hash)
{
    for (uint64_t at = hash & table->mask; table->index[at]; at = (at + 1) & table->mask) {
        if (!slot_may_be(table, table->index[at], hash)) continue;
        char *row = row_at(table, slot_row(table, table->index[at]));
        if (keys_equal(table, (const uint64_t *)row, entry)) return row;
    }
    return NULL;
}

/* ---- rows */

char *table_insert(struct table *table, const void *from, uint32_t hash)
{
    const struct layout *layout = &table->row_layout;
    table_reserve(table, 1);
    char *row = memcpy(row_at(table, table->count), from, layout->row_bytes);
    index_put(table, hash, table->count++);
    table->heap_bytes += (size_t)row_own(layout, row, layout->column_count);
    for (uint32_t i = 0; i < layout->column_count; i++)
        if (layout->columns[i].column.role == ETL_ROLE_SUM && layout->columns[i].column.kind == ETL_KIND_DECIMAL)
            table->heap_bytes += ((struct decimal_sum *)(row + layout->columns[i].at))->mark == SUM_WIDE ? sizeof(struct wide) : 0;
    return row;
}

/* A new row of an entry's keys; the caller has reserved. */
static char *row_new(struct table *table, const void *entry)
{
    const struct layout *layout = &table->row_layout;
    char *row = row_at(table, table->count++);
    if (table->reduce) {
        memcpy(row, entry, layout->key_words * 8);
        memset(row + layout->key_words * 8, 0, layout->row_bytes - layout->key_words * 8);
    } else memcpy(row, entry, layout->row_bytes);
    if (layout->has_text) table->heap_bytes += (size_t)row_own(layout, row, table->reduce ? layout->key_count : layout->column_count);
    return row;
}

/* Takes a slot out so that every probe still finds what it should: later slots move back into the hole. */
static void index_take(struct table *table, uint64_t hole)
{
    for (uint64_t at = (hole + 1) & table->mask; table->index[at]; at = (at + 1) & table->mask) {
        uint64_t home = hash_keys(table, row_at(table, slot_row(table, table->index[at]))) & table->mask;
        if (((at - home) & table->mask) < ((at - hole) & table->mask)) continue;
        table->index[hole] = table->index[at];
        hole = at;
    }
    table->index[hole] = 0;
}

static uint64_t index_of(const struct table *table, uint32_t hash, size_t number)
{
    uint64_t at = hash & table->mask;
    while (slot_row(table, table->index[at]) != number || !slot_may_be(table, table->index[at], hash)) at = (at + 1) & table->mask;
    return at;
}

static void table_remove(struct table *table, const void *entry, uint32_t hash)
{
    char *row = table_find(table, entry, hash), *last = row_at(table, table->count - 1);
    if (!row) return;
    size_t number = (size_t)(row - table->rows.data) / table->row_layout.row_bytes;
    index_take(table, index_of(table, hash, number));
    if (row != last) { /* rows stay dense: the last one moves */
        uint32_t last_hash = hash_keys(table, last);
        table->index[index_of(table, last_hash, table->count - 1)] = slot_make(table, last_hash, number);
    }
    table->heap_bytes += (size_t)row_release(&table->row_layout, row);
    if (row != last) memcpy(row, last, table->row_layout.row_bytes);
    table->count--;
}

/* ---- applying */

static bool table_fold(struct table *table, char *row, const char *entry, struct error *error)
{
    if (table->reduce) return table->reduce(table->reduce_data, table, row, entry, error);
    table->heap_bytes += (size_t)row_fold(&table->row_layout, row, entry);
    return true;
}

static bool apply_one(struct table *table, const char *entry, uint32_t hash, struct error *error)
{
    char *row = table_find(table, entry, hash);
    if (row) return table_fold(table, row, entry, error);
    row = row_new(table, entry);
    index_put(table, hash, table->count - 1);
    return !table->reduce || table_fold(table, row, entry, error);
}

static bool apply_in_turn(struct table *table, const struct batch *batch, uint32_t count, struct error *error)
{
    for (uint32_t i = 0; i < count; i++) {
        const char *entry = batch->entries + (size_t)i * table->effect_layout.row_bytes;
        if (batch->removes[i]) table_remove(table, entry, batch->hashes[i]);
        else if (!apply_one(table, entry, batch->hashes[i], error)) return false;
    }
    return true;
}

/* First loop: from the index to a row that may be the right one; a new row is made at once. */
static void find_candidates(struct table *table, const struct batch *batch, uint32_t count)
{
    const uint32_t row_bytes = table->row_layout.row_bytes;
    for (uint32_t i = 0; i < count; i++) __builtin_prefetch(&table->index[batch->hashes[i] & table->mask]);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t hash = batch->hashes[i], slot;
        uint64_t at = hash & table->mask;
        while ((slot = table->index[at]) && !slot_may_be(table, slot, hash)) at = (at + 1) & table->mask;
        if (!slot) {
            table->index[at] = slot_make(table, hash, table->count);
            row_new(table, batch->entries + (size_t)i * row_bytes);
            batch->rows[i] = 0;
        } else {
            batch->rows[i] = (uint32_t)slot_row(table, slot) + 1;
            __builtin_prefetch(row_at(table, slot_row(table, slot)), 1);
        }
    }
}

bool table_apply(struct table *table, struct batch *batch, uint32_t count, struct error *error)
{
    table_reserve(table, count);
    if (batch->any_remove || table->reduce) return apply_in_turn(table, batch, count, error);

    const uint32_t row_bytes = table->row_layout.row_bytes;
    find_candidates(table, batch, count);
    for (uint32_t i = 0; i < count; i++) {
        if (!batch->rows[i]) continue;
        const char *entry = batch->entries + (size_t)i * row_bytes;
        char *row = row_at(table, batch->rows[i] - 1);
        if (keys_equal(table, (const uint64_t *)row, (const uint64_t *)entry))
            table->heap_bytes += (size_t)row_fold(&table->row_layout, row, entry);
        else if (!apply_one(table, entry, batch->hashes[i], error)) return false; /* the hash bits lied */
    }
    return true;
}

/* ---- batches */

void batch_init(struct batch *batch, const struct table *table)
{
    *batch = (struct batch){0};
    batch_reserve(batch, table);
}

void batch_reserve(struct batch *batch, const struct table *table)
{
    if (batch->count < batch->capacity) return;
    batch->capacity = batch->capacity ? batch->capacity * 2 : BATCH_ROOM;
    batch->entries = reallocate(batch->entries, (size_t)batch->capacity * table->effect_layout.row_bytes);
    batch->hashes = reallocate(batch->hashes, batch->capacity * sizeof *batch->hashes);
    batch->rows = reallocate(batch->rows, batch->capacity * sizeof *batch->rows);
    batch->removes = reallocate(batch->removes, batch->capacity);
}

void batch_finish(struct batch *batch)
{
    free(batch->entries);
    free(batch->hashes);
    free(batch->rows);
    free(batch->removes);
    *batch = (struct batch){0};
}
