/* SPDX-License-Identifier: MIT */
#include "state/apply.h"
#include "base/compiler.h"
#include "row/fold.h"
#include "row/signatures.h"
#include "state/shard.h"


/* Entries whose rows are fetched together, and for how many there is room at least. */
enum { STEP = 32, GROUP = 128 };

/* ---- columns that are known, or of any layout */

INLINE uint32_t row_bytes(const struct signature *known, const struct table *table)
{
    return known ? signature_row_bytes(known) : table->row_layout.row_bytes;
}

/* The word of the text among the keys. */
INLINE uint32_t text_at(const struct signature *known)
{
    return known->columns[0] == COLUMN_TEXT ? 0 : 1;
}

INLINE bool has_text(const struct signature *known)
{
    return known->columns[0] == COLUMN_TEXT || (known->keys > 1 && known->columns[1] == COLUMN_TEXT);
}

INLINE bool same_keys(const struct signature *known, const struct table *table, const struct shard *shard, const uint64_t *a,
                      const uint64_t *b)
{
    if (!known) return keys_equal(&table->row_layout, shard->has_long_keys, a, b);
    uint64_t difference = 0, pointers = 0; /* of the first word of a text alone */
    const uint32_t words = signature_words_of(known, known->keys);
#pragma GCC unroll 8
    for (uint32_t i = 0; i < words; i++)
        if (has_text(known) && i == text_at(known)) pointers = a[i] ^ b[i];
        else difference |= a[i] ^ b[i];
    if (LIKELY(!(difference | pointers))) return true;
    return has_text(known) && !difference && text_equal(a + text_at(known), b + text_at(known));
}

INLINE long fold_values(const struct signature *known, const struct table *table, const struct shard *shard, char *row,
                        const char *entry)
{
    if (!known) return row_change(&table->row_layout, row, shard->time), row_fold(&table->row_layout, row, entry);
    if (signature_changed_at(known)) memcpy(row + signature_changed_at(known), &shard->time, 8);
    long grown = 0;
#pragma GCC unroll 8
    for (uint32_t i = known->keys; i < known->count; i++) {
        const uint32_t at = 8 * signature_words_of(known, i);
        if (known->columns[i] == COLUMN_LAST) memcpy(row + at, entry + at, 8);
        else grown += decimal_sum_add((struct decimal_sum *)(row + at), (const struct decimal_sum *)(entry + at));
    }
    return grown;
}

INLINE void add_row(const struct signature *known, const struct table *table, struct shard *shard, char *row, const char *entry)
{
    memcpy(row, entry, row_bytes(known, table));
    if (!known) row_make(&table->row_layout, row, shard->time);
    else if (signature_changed_at(known)) memcpy(row + signature_changed_at(known), &shard->time, 8);
    bool may_own = known ? has_text(known) && text_is_long((const uint64_t *)row + text_at(known)) : table->row_layout.has_text;
    if (may_own) shard_own(table, shard, row);
}

/* ---- a group */

/* From the index to rows that may be the right ones; new rows are made at once. */
INLINE size_t find_candidates(const struct signature *known, const struct table *table, struct shard *shard,
                              const struct entries *some, const uint32_t *which, struct candidate *found)
{
    const uint32_t bytes = row_bytes(known, table), mask = shard->mask, *const hashes = some->batch->hashes;
    const uint32_t to = some->to;
    const char *const entries = some->batch->entries;
    uint32_t *const index = shard->index;
    char *const rows = shard->rows.data;
    struct candidate *next = found;
    size_t rows_count = shard->count;
    for (uint32_t i = some->from; i < to; i++) {
        const uint32_t number = which ? which[i] : i;
        const char *entry = entries + (size_t)number * bytes;
        uint32_t hash = hashes[number], at = hash & mask, slot;
        while ((slot = index[at]) && !slot_may_be(mask, slot, hash)) at = (at + 1) & mask;
        if (!slot) {
            index[at] = slot_make(mask, hash, rows_count);
            add_row(known, table, shard, rows + rows_count++ * bytes, entry);
            continue;
        }
        char *row = rows + slot_row(mask, slot) * bytes;
        __builtin_prefetch(row, 1);
        if (bytes % 64) __builtin_prefetch(row + bytes - 1, 1); /* most touch two lines of the cache */
        *next++ = (struct candidate){row, entry};
    }
    shard->count = rows_count;
    return (size_t)(next - found);
}

static void fetch_texts(const struct table *table, const struct candidate *found, size_t count)
{
    const struct layout *layout = &table->row_layout;
    for (size_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < layout->text_key_count; k++) {
            const uint64_t *words = (const uint64_t *)found[i].row + layout->text_keys[k];
            if (!text_is_long(words)) continue;
            const char *text = text_view(words).data;
            __builtin_prefetch(text);
            __builtin_prefetch(text + 63);
        }
}

/* Where the bits of the hash lied: the row, or NULL where it has become a new one. */
COLD static char *find_other(const struct table *table, struct shard *shard, const struct batch *batch,
                                                        const char *entry)
{
    bool added;
    size_t number = (size_t)(entry - batch->entries) / table->effect_layout.row_bytes;
    char *row = shard_find_or_add(table, shard, entry, batch->hashes[number], &added);
    return added ? NULL : row;
}

INLINE void fold(const struct signature *known, const struct table *table, struct shard *shard, const struct batch *batch,
                 const struct candidate *found, size_t count)
{
    long grown = 0;
    if (UNLIKELY(shard->has_long_keys)) fetch_texts(table, found, count);
    for (size_t i = 0; i < count; i++) {
        const char *entry = found[i].entry;
        char *row = found[i].row;
        if (UNLIKELY(!same_keys(known, table, shard, (const uint64_t *)row, (const uint64_t *)entry))
            && !(row = find_other(table, shard, batch, entry))) continue;
        grown += fold_values(known, table, shard, row, entry);
    }
    shard->heap_bytes += (size_t)grown;
}

#define FUNCTIONS_OF(name, known) \
    static size_t find_##name(const struct table *table, struct shard *shard, const struct entries *entries, \
                              struct candidate *found) \
    { \
        return entries->which ? find_candidates(known, table, shard, entries, entries->which, found) \
                              : find_candidates(known, table, shard, entries, NULL, found); \
    } \
    static void fold_##name(const struct table *table, struct shard *shard, const struct batch *batch, \
                            const struct candidate *found, size_t count) \
    { \
        fold(known, table, shard, batch, found, count); \
    }
#define FUNCTIONS(name, keys, ...) \
    static const struct signature signature_##name = SIGNATURE(keys, __VA_ARGS__); \
    FUNCTIONS_OF(name, &signature_##name)
SIGNATURES(FUNCTIONS)
FUNCTIONS_OF(any, NULL)

static bool is_column(const struct layout_column *c, enum signature_column column)
{
    bool is_key = c->column.role == ETL_ROLE_KEY;
    switch (column) {
    case COLUMN_NUMBER: return is_key && column_words(&c->column) == 1;
    case COLUMN_TEXT: return is_key && c->column.kind == ETL_KIND_STRING;
    case COLUMN_SUM: return c->fold == FOLD_ADD_DECIMAL;
    case COLUMN_LAST: return c->fold == FOLD_TAKE_WORD;
    }
    return false;
}

struct apply apply_choose(const struct table *table)
{
#define ROW(name, keys, ...) {&signature_##name, {find_##name, fold_##name}},
    static const struct {
        const struct signature *known;
        struct apply apply;
    } rows[] = {SIGNATURES(ROW)};
    const struct layout *layout = &table->row_layout;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct signature *known = rows[i].known;
        bool same = known->keys == layout->key_count && known->count == layout->column_count;
        for (uint32_t k = 0; k < known->count && same; k++) same = is_column(&layout->columns[k], known->columns[k]);
        if (same) return rows[i].apply;
    }
    return (struct apply){find_any, fold_any};
}

/* ---- all of it */

/* Where rows may go, or are the plugin's to change. */
static bool apply_one(struct table *table, struct shard *shard, const struct batch *batch, uint32_t number, void *data,
                      struct error *error)
{
    const char *entry = batch->entries + (size_t)number * table->effect_layout.row_bytes;
    const uint32_t hash = batch->hashes[number];
    bool added;
    if (batch->removes[number]) {
        shard_remove(table, shard, entry, hash);
        return true;
    }
    char *row = shard_find_or_add(table, shard, entry, hash, &added);
    const struct reduction reduction = {row, entry, batch->lines[number]};
    if (table->reduce) return table->reduce(table, shard, &reduction, data, error);
    if (!added) shard->heap_bytes += (size_t)fold_values(NULL, table, shard, row, entry);
    return true;
}

static uint32_t entry_number(const struct entries *entries, uint32_t at)
{
    return entries->which ? entries->which[at] : at;
}

/* The last entry before `entries` failed. Other shards may have entries of the same line that fail,
 * and there is no order between shards: so the error that sorts first counts. */
static void fail_line(struct table *table, struct shard *shard, const struct entries *entries, void *data,
                      uint32_t line, struct error *error)
{
    struct error why;
    for (uint32_t i = entries->from; i < entries->to; i++) {
        const uint32_t number = entry_number(entries, i);
        if (entries->batch->lines[number] != line) break;
        shard_reserve(table, shard, 1);
        if (!apply_one(table, shard, entries->batch, number, data, &why) && strcmp(why.text, error->text) < 0)
            *error = why;
    }
}

static void expect_entries(const struct shard *shard, const struct entries *entries)
{
    for (uint32_t i = entries->from; i < entries->to; i++)
        shard_expect(shard, entries->batch->hashes[entry_number(entries, i)]);
}

static inline uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Up to `count` entries behind these, before place `to`. */
static inline struct entries entries_behind(const struct entries *entries, uint32_t count, uint32_t to)
{
    const uint32_t from = entries->to;
    return (struct entries){entries->batch, entries->which, from, least(from + count, to)};
}

/* A group, for which there is room, step by step: the index of one is fetched while the rows of the next are looked up and those
 * of another are changed. */
static void apply_group(const struct table *table, struct shard *shard, const struct entries *entries)
{
    struct candidate found[2][STEP];
    const uint32_t to = entries->to;
    struct entries next = *entries, expected = *entries;
    next.to = least(next.from + STEP, to);
    expected.to = least(next.to + STEP, to);
    expect_entries(shard, &expected);
    size_t count = table->apply.find(table, shard, &next, found[0]);
    for (uint32_t step = 0; next.from < to; step++) {
        expected = entries_behind(&expected, STEP, to);
        expect_entries(shard, &expected);
        next = entries_behind(&next, STEP, to);
        size_t more = table->apply.find(table, shard, &next, found[(step + 1) % 2]);
        table->apply.fold(table, shard, entries->batch, found[step % 2], count);
        count = more;
    }
}

bool shard_apply(struct table *table, struct shard *shard, const struct entries *entries, void *data,
                 uint32_t *failed, struct error *error)
{
    const struct batch *batch = entries->batch;
    struct entries group = {batch, entries->which, entries->from, entries->from};
    while (group.to < entries->to) {
        group = entries_behind(&group, GROUP, entries->to);
        shard_reserve(table, shard, group.to - group.from);
        if (!batch->any_remove && !table->reduce) {
            apply_group(table, shard, &group);
            continue;
        }
        for (uint32_t i = group.from; i < group.to; i++) {
            const uint32_t number = entry_number(entries, i);
            if (apply_one(table, shard, batch, number, data, error)) continue;
            *failed = batch->lines[number];
            const struct entries rest = {batch, entries->which, i + 1, entries->to};
            fail_line(table, shard, &rest, data, *failed, error);
            return false;
        }
    }
    return true;
}

void wave_begin(const struct table *table, struct shard *shard, struct wave *wave)
{
    shard_reserve(table, shard, wave->batch.count);
    const struct entries all = {&wave->batch, NULL, 0, wave->batch.count};
    wave->count = table->apply.find(table, shard, &all, wave->found);
}

void wave_end(const struct table *table, struct shard *shard, struct wave *wave)
{
    table->apply.fold(table, shard, &wave->batch, wave->found, wave->count);
    wave->count = 0;
}
