/* SPDX-License-Identifier: MIT */
#include "state/table.h"
#include "base/compiler.h"
#include "base/memory.h"
#include "row/decimal_sum.h"
#include "row/encode.h"
#include "row/fold.h"
#include "row/hash.h"
#include "row/packed_string.h"
#include "state/apply.h"
#include "state/shard.h"
#include "state/sort.h"
#include "state/state.h"

enum { FIRST_SLOTS = 1 << 10, SLOTS_BITS_MAX = 31, BATCH_ROOM = 192, GROUP = 128 /* rows whose cache misses overlap */ };
enum { SPARSE = 16 /* slots a row, of an index that is far too large */, TEXTS_SLACK = 64 * 1024 };
#define BATCH_BYTES_KEPT ((size_t)4 << 20) /* by a batch that is empty */

void table_init(struct table *table, const char *name, const char *declared_by)
{
    *table = (struct table){.name = copy_text(name), .declared_by = copy_text(declared_by), .partition_column = -1};
}

/* An empty index; in pages as large as the rows' are, since every look-up goes somewhere else in it. */
static void index_make(struct shard *shard, uint64_t slots)
{
    range_finish(&shard->slots);
    range_grow(&shard->slots, slots * sizeof *shard->index);
    shard->index = (uint32_t *)shard->slots.data;
    shard->mask = (uint32_t)(slots - 1);
}

void table_open(struct table *table, unsigned shards)
{
    hash_init();
    table->apply = apply_choose(table);
    table->shard_count = shards;
    table->shards = allocate(shards * sizeof *table->shards);
    for (unsigned i = 0; i < shards; i++) {
        index_make(&table->shards[i], FIRST_SLOTS);
    }
}

/* Copies the key's long texts. */
static void own_key(const struct layout *layout, struct shard *shard, char *row)
{
    for (uint32_t i = 0; i < layout->text_key_count; i++) {
        uint64_t *words = (uint64_t *)row + layout->text_keys[i];
        if (!text_is_long(words)) continue;
        etl_string text = text_view(words);
        words[0] = (uintptr_t)texts_copy(&shard->texts, text.data, text.size);
        shard->heap_bytes += text.size, shard->key_bytes += text.size;
        shard->has_long_keys = true;
    }
}

static void release_key(const struct layout *layout, struct shard *shard, char *row)
{
    for (uint32_t i = 0; i < layout->text_key_count; i++) {
        const uint64_t *words = (const uint64_t *)row + layout->text_keys[i];
        if (!text_is_long(words)) continue;
        texts_give_back(&shard->texts, (char *)(uintptr_t)words[0], (uint32_t)words[1]);
        shard->heap_bytes -= (uint32_t)words[1], shard->key_bytes -= (uint32_t)words[1];
    }
}

static void shard_finish(const struct table *table, struct shard *shard)
{
    const struct layout *layout = &table->row_layout;
    if (shard->heap_bytes > shard->key_bytes)
        for (size_t i = 0; i < shard->count; i++) row_release(layout, row_at(table, shard, i));
    if (shard->texts.separate)
        for (size_t i = 0; i < shard->count; i++) release_key(layout, shard, row_at(table, shard, i));
    texts_finish(&shard->texts);
    range_finish(&shard->rows);
    range_finish(&shard->slots);
}

void table_finish(struct table *table)
{
    if (table->order) order_finish(table->order);
    free(table->order);
    for (unsigned i = 0; i < table->shard_count; i++) shard_finish(table, &table->shards[i]);
    if (table->row_layout.columns != table->effect_layout.columns) layout_finish(&table->row_layout);
    layout_finish(&table->effect_layout);
    free(table->shards);
    free(table->name);
    free(table->declared_by);
    *table = (struct table){0};
}

/* ---- keys */

uint32_t hash_long_keys(const struct layout *layout, const void *row)
{
    uint64_t words[ROW_BYTES_MAX / 8];
    memcpy(words, row, layout->key_words * 8);
    for (uint32_t i = 0; i < layout->key_count; i++) {
        uint64_t *text = words + layout->columns[i].at / 8;
        if (layout->columns[i].column.kind == ETL_KIND_STRING && text_is_long(text)) text[0] = 0;
    }
    return hash_words(words, layout->key_words);
}

static uint32_t hash_value(const uint64_t *words, uint32_t count, bool is_text)
{
    uint64_t copy[3] = {0};
    memcpy(copy, words, count * 8);
    if (is_text && text_is_long(copy)) copy[0] = 0;
    return hash_words(copy, count);
}

unsigned table_partition(const struct table *table, const void *entry)
{
    const struct layout_column *c = &table->row_layout.columns[table->partition_column];
    const uint64_t *words = (const uint64_t *)((const char *)entry + c->at);
    return hash_shard(hash_value(words, column_words(&c->column), c->column.kind == ETL_KIND_STRING), table->shard_count);
}

unsigned partition_shard(enum etl_kind kind, const void *member, unsigned shards)
{
    struct column column = {.kind = kind, .role = ETL_ROLE_KEY};
    uint64_t words[3];
    encode_key(&column, member, words);
    return hash_shard(hash_value(words, column_words(&column), kind == ETL_KIND_STRING), shards);
}

bool long_keys_equal(const struct layout *layout, const uint64_t *a, const uint64_t *b)
{
    for (uint32_t i = 0; i < layout->key_count; i++) {
        const struct layout_column *c = &layout->columns[i];
        const uint64_t *x = a + c->at / 8, *y = b + c->at / 8;
        if (c->column.kind == ETL_KIND_STRING ? !text_equal(x, y) : memcmp(x, y, 8 * column_words(&c->column)) != 0) return false;
    }
    return true;
}

/* ---- the index */

static void index_put(struct shard *shard, uint32_t hash, size_t number)
{
    uint64_t at = hash & shard->mask;
    while (shard->index[at]) at = (at + 1) & shard->mask;
    shard->index[at] = slot_make(shard->mask, hash, number);
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
static void index_rebuild(const struct table *table, struct shard *shard, uint64_t slots)
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

void shard_reserve(const struct table *table, struct shard *shard, size_t more)
{
    uint64_t slots = (uint64_t)shard->mask + 1;
    while ((shard->count + more) * 10 > slots * 6) slots *= slots < (1 << 22) ? 4 : 2;
    if (slots > (uint64_t)1 << SLOTS_BITS_MAX) die_without_memory();
    if (slots - 1 != shard->mask) index_rebuild(table, shard, slots);
    range_grow(&shard->rows, (shard->count + more) * table->row_layout.row_bytes);
}

char *shard_find(const struct table *table, const struct shard *shard, const void *entry, uint32_t hash)
{
    for (uint64_t at = hash & shard->mask; shard->index[at]; at = (at + 1) & shard->mask) {
        if (!slot_may_be(shard->mask, shard->index[at], hash)) continue;
        char *row = row_at(table, shard, slot_row(shard->mask, shard->index[at]));
        if (keys_equal(&table->row_layout, shard->has_long_keys, (const uint64_t *)row, entry)) return row;
    }
    return NULL;
}

/* ---- rows */

char *shard_insert(struct table *table, struct shard *shard, const void *from, uint32_t hash)
{
    const struct layout *layout = &table->row_layout;
    shard_reserve(table, shard, 1);
    char *row = memcpy(row_at(table, shard, shard->count), from, layout->row_bytes);
    index_put(shard, hash, shard->count++);
    own_key(layout, shard, row);
    shard->heap_bytes += (size_t)row_own(layout, row);
    for (uint32_t i = 0; i < layout->column_count; i++)
        if (layout->columns[i].column.role == ETL_ROLE_SUM && layout->columns[i].column.kind == ETL_KIND_DECIMAL)
            if (((struct decimal_sum *)(row + layout->columns[i].at))->mark == SUM_WIDE) shard->heap_bytes += sizeof(struct wide);
    return row;
}

void shard_own(const struct table *table, struct shard *shard, char *row)
{
    const struct layout *layout = &table->row_layout;
    own_key(layout, shard, row);
    if (!table->reduce) shard->heap_bytes += (size_t)row_own(layout, row);
}

static char *row_new(const struct table *table, struct shard *shard, const void *entry)
{
    const struct layout *layout = &table->row_layout;
    char *row = row_at(table, shard, shard->count++);
    if (table->reduce) {
        memcpy(row, entry, layout->key_words * 8);
        memset(row + layout->key_words * 8, 0, layout->row_bytes - layout->key_words * 8);
    } else memcpy(row, entry, layout->row_bytes);
    row_make(layout, row, shard->time);
    if (layout->has_text) shard_own(table, shard, row);
    return row;
}

char *shard_find_or_add(const struct table *table, struct shard *shard, const char *entry, uint32_t hash, bool *added)
{
    char *row = shard_find(table, shard, entry, hash);
    *added = !row;
    if (row) return row;
    row = row_new(table, shard, entry);
    index_put(shard, hash, shard->count - 1);
    return row;
}

/* Takes a slot out so that every probe still finds what it should: later slots move back into the hole. */
static void index_take(const struct table *table, struct shard *shard, uint64_t hole)
{
    for (uint64_t at = (hole + 1) & shard->mask; shard->index[at]; at = (at + 1) & shard->mask) {
        uint64_t home = table_hash(table, row_at(table, shard, slot_row(shard->mask, shard->index[at]))) & shard->mask;
        if (((at - home) & shard->mask) < ((at - hole) & shard->mask)) continue;
        shard->index[hole] = shard->index[at];
        hole = at;
    }
    shard->index[hole] = 0;
}

static uint64_t index_of(const struct shard *shard, uint32_t hash, size_t number)
{
    uint64_t at = hash & shard->mask;
    while (slot_row(shard->mask, shard->index[at]) != number || !slot_may_be(shard->mask, shard->index[at], hash))
        at = (at + 1) & shard->mask;
    return at;
}

/* Copies the keys' texts, so that what is dead between them is given back. */
static void renew_texts(const struct layout *layout, struct shard *shard)
{
    struct texts old = shard->texts;
    shard->texts = (struct texts){.separate = old.separate};
    for (size_t i = 0; i < shard->count; i++)
        for (uint32_t k = 0; k < layout->text_key_count; k++) {
            uint64_t *words = (uint64_t *)(shard->rows.data + i * layout->row_bytes) + layout->text_keys[k];
            etl_string text = text_view(words);
            if (text_is_long(words) && text.size <= TEXTS_SIZE_MAX)
                words[0] = (uintptr_t)texts_copy(&shard->texts, text.data, text.size);
        }
    texts_finish(&old);
}

/* What removals leave is given back when it is more than what is left, so that a removal costs the same on average. */
static void reclaim(const struct table *table, struct shard *shard)
{
    const struct layout *layout = &table->row_layout;
    const uint64_t slots = (uint64_t)shard->mask + 1;
    if (texts_are_stale(&shard->texts, TEXTS_SLACK + shard->count * layout->row_bytes)) renew_texts(layout, shard);
    if (slots <= FIRST_SLOTS || shard->count * SPARSE > slots) return;
    range_trim(&shard->rows, shard->count * layout->row_bytes);
    index_rebuild(table, shard, slots / 4);
}

void shard_remove(const struct table *table, struct shard *shard, const void *entry, uint32_t hash)
{
    char *row = shard_find(table, shard, entry, hash);
    if (!row) return;
    char *last = row_at(table, shard, shard->count - 1);
    size_t number = (size_t)(row - shard->rows.data) / table->row_layout.row_bytes;
    index_take(table, shard, index_of(shard, hash, number));
    if (row != last) { /* rows stay dense: the last one moves */
        uint32_t last_hash = table_hash(table, last);
        shard->index[index_of(shard, last_hash, shard->count - 1)] = slot_make(shard->mask, last_hash, number);
    }
    shard->heap_bytes += (size_t)row_release(&table->row_layout, row);
    release_key(&table->row_layout, shard, row);
    if (row != last) memcpy(row, last, table->row_layout.row_bytes);
    shard->count--;
    reclaim(table, shard);
}

/* ---- batches */

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
