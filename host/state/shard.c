/* SPDX-License-Identifier: MIT
 * Rows of a shard: found, added, removed. */
#include "state/shard.h"
#include "base/memory.h"
#include "row/decimal_sum.h"
#include "row/fold.h"

enum { SLOTS_BITS_MAX = 31, SPARSE = 16 /* slots a row, of an index that is far too large */, TEXTS_SLACK = 64 * 1024 };

void shard_init(struct shard *shard)
{
    index_make(shard, INDEX_SLOTS_MIN);
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

void shard_finish(const struct table *table, struct shard *shard)
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
    if (slots <= INDEX_SLOTS_MIN || shard->count * SPARSE > slots) return;
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
