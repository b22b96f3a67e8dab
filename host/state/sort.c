/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "state/sort.h"
#include "base/parallel.h"
#include "state/sort_key.h"
#include "state/state.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS,
    SHORT_DIGIT_BITS = 8, SHORT_ROWS = 1024, /* of fewer rows, counting in 2,048 places costs more than another pass */
    BUCKET_ROWS = 512,                       /* in a bucket, where rows spread evenly */
    FEW_ROWS = 24,                           /* are sorted by insertion */
};

/* ---- words, by the bits from `low` */

/* A thread's own memory. */
struct space {
    uint64_t *words;
    size_t room;
    size_t counts[DIGITS];
};

static void insert_words(uint64_t *words, size_t count)
{
    for (size_t i = 1, at; i < count; i++) {
        uint64_t word = words[i];
        for (at = i; at && words[at - 1] > word; at--) words[at] = words[at - 1];
        words[at] = word;
    }
}

/* One pass; false: all have the same digit, and stay. */
static bool spread(size_t *counts, const uint64_t *from, uint64_t *to, size_t count, unsigned shift, uint32_t mask)
{
    memset(counts, 0, (mask + 1) * sizeof *counts);
    for (size_t i = 0; i < count; i++) counts[from[i] >> shift & mask]++;
    if (counts[from[0] >> shift & mask] == count) return false;
    for (size_t i = 0, at = 0; i <= mask; i++) {
        size_t size = counts[i];
        counts[i] = at;
        at += size;
    }
    for (size_t i = 0; i < count; i++) to[counts[from[i] >> shift & mask]++] = from[i];
    return true;
}

static void sort_words(uint64_t *words, size_t count, unsigned low, unsigned bits, struct space *space)
{
    if (count < FEW_ROWS) {
        insert_words(words, count);
        return;
    }
    if (space->room < count) {
        free(space->words);
        space->words = reallocate(NULL, count * sizeof *words);
        space->room = count;
    }
    unsigned widest = count < SHORT_ROWS ? SHORT_DIGIT_BITS : DIGIT_BITS, passes = (bits + widest - 1) / widest;
    unsigned each = passes ? (bits + passes - 1) / passes : 0;
    uint64_t *from = words, *to = space->words;
    for (unsigned i = 0; i < passes; i++) {
        if (!spread(space->counts, from, to, count, low + i * each, (1u << each) - 1)) continue;
        uint64_t *other = from;
        from = to, to = other;
    }
    if (from != words) memcpy(words, from, count * sizeof *words);
}

/* ---- rows whose words are equal */

struct sorting {
    const struct table *table;
    struct order *order;
    unsigned threads;
    struct key_reader reader;
    struct key_survey *surveys; /* a thread each */
    struct key_packing packing;
    unsigned top_bits, top_at;  /* the bits of a word that are its bucket's number */
    uint32_t top_runs;          /* which they are packed of */
    size_t (*places)[DIGITS];  /* where a thread puts its next word, by bucket */
    size_t starts[DIGITS + 1];  /* of buckets */
    atomic_uint next_bucket;
};

static int compare_items(const void *a, const void *b, void *data)
{
    const struct sorting *sorting = data;
    const struct order *order = sorting->order;
    const char *row_a = order_find(order, *(const uint64_t *)a), *row_b = order_find(order, *(const uint64_t *)b);
    return key_compare(sorting->reader.layout, row_a, row_b);
}

static void sort_ties(const struct sorting *sorting, uint64_t *items, size_t count, struct space *space);

/* Words are packed anew, of the bits that vary among these rows. */
static void sort_group(const struct sorting *sorting, uint64_t *items, size_t count, struct space *space)
{
    const struct order *order = sorting->order;
    const struct key_reader *reader = &sorting->reader;
    struct key_packing packing = {.bits = 0};
    uint64_t words[KEY_ROOM];
    if (count >= FEW_ROWS) {
        struct key_survey survey;
        key_survey_init(&survey);
        for (size_t i = 0; i < count; i++) key_survey_add(&survey, reader, key_read(reader, order_find(order, items[i]), words));
        key_packing_init(&packing, reader, &survey, order->bits, 64 - order->bits);
    }
    if (!packing.bits) {
        qsort_r(items, count, sizeof *items, compare_items, (void *)(uintptr_t)sorting);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const uint64_t *key = key_read(reader, order_find(order, items[i]), words);
        items[i] = key_pack(&packing, key, packing.run_count) | (items[i] & order->mask);
    }
    sort_words(items, count, order->bits, packing.bits, space);
    if (!packing.decides) sort_ties(sorting, items, count, space);
}

static void sort_ties(const struct sorting *sorting, uint64_t *items, size_t count, struct space *space)
{
    for (size_t from = 0, to; from < count; from = to) {
        uint64_t key = items[from] >> sorting->order->bits;
        for (to = from + 1; to < count && items[to] >> sorting->order->bits == key; to++) continue;
        if (to > from + 1) sort_group(sorting, items + from, to - from, space);
    }
}

/* ---- all rows: each thread has a part of each shard */

struct part {
    const char *row, *end;
    uint64_t number;
};

static struct part part_of(const struct sorting *sorting, unsigned shard, unsigned thread)
{
    size_t count = sorting->table->shards[shard].count;
    size_t from = count * thread / sorting->threads, to = count * (thread + 1) / sorting->threads;
    const struct order *order = sorting->order;
    const char *rows = order->shards[shard];
    if (!count) return (struct part){0}; /* a shard without rows has no memory */
    return (struct part){rows + from * order->row_bytes, rows + to * order->row_bytes, (uint64_t)shard << order->shard_at | from};
}

static void survey_part(void *data, unsigned thread)
{
    const struct sorting *sorting = data;
    struct key_survey *survey = &sorting->surveys[thread];
    uint64_t words[KEY_ROOM];
    key_survey_init(survey);
    for (unsigned i = 0; i < sorting->table->shard_count; i++)
        for (struct part part = part_of(sorting, i, thread); part.row < part.end; part.row += sorting->order->row_bytes)
            key_survey_add(survey, &sorting->reader, key_read(&sorting->reader, part.row, words));
}

static inline size_t bucket_of(const struct sorting *sorting, uint64_t key)
{
    return key >> (sorting->top_at - 1) >> 1; /* top_at may be 64 */
}

static void count_part(void *data, unsigned thread)
{
    const struct sorting *sorting = data;
    size_t *counts = sorting->places[thread];
    uint64_t words[KEY_ROOM];
    for (unsigned i = 0; i < sorting->table->shard_count; i++)
        for (struct part part = part_of(sorting, i, thread); part.row < part.end; part.row += sorting->order->row_bytes) {
            const uint64_t *key = key_read(&sorting->reader, part.row, words);
            counts[bucket_of(sorting, key_pack(&sorting->packing, key, sorting->top_runs))]++;
        }
}

static void place_part(void *data, unsigned thread)
{
    const struct sorting *sorting = data;
    size_t *places = sorting->places[thread];
    uint64_t *items = sorting->order->items, words[KEY_ROOM];
    for (unsigned i = 0; i < sorting->table->shard_count; i++)
        for (struct part part = part_of(sorting, i, thread); part.row < part.end; part.row += sorting->order->row_bytes) {
            uint64_t key = key_pack(&sorting->packing, key_read(&sorting->reader, part.row, words), sorting->packing.run_count);
            items[places[bucket_of(sorting, key)]++] = key | part.number++;
        }
}

static void sort_buckets(void *data, unsigned thread)
{
    struct sorting *sorting = data;
    struct space *space = allocate(sizeof *space);
    (void)thread; /* whichever is next */
    for (unsigned i; (i = atomic_fetch_add(&sorting->next_bucket, 1)) < 1u << sorting->top_bits;) {
        uint64_t *items = sorting->order->items + sorting->starts[i];
        size_t count = sorting->starts[i + 1] - sorting->starts[i];
        if (count < 2) continue;
        sort_words(items, count, sorting->order->bits, sorting->packing.bits - sorting->top_bits, space);
        if (!sorting->packing.decides) sort_ties(sorting, items, count, space);
    }
    free(space->words);
    free(space);
}

/* Buckets by the highest bits that vary, as many as make them small. */
static void choose_buckets(struct sorting *sorting)
{
    const struct key_packing *packing = &sorting->packing;
    uint32_t most = packing->bits < DIGIT_BITS ? packing->bits : DIGIT_BITS;
    while (sorting->top_bits < most && sorting->order->count >> sorting->top_bits > BUCKET_ROWS) sorting->top_bits++;
    sorting->top_at = sorting->order->bits + packing->bits - sorting->top_bits;
    for (const struct key_run *run = packing->runs; run < packing->runs + packing->run_count; run++)
        sorting->top_runs += run->to + run->bits > sorting->top_at; /* the first ones */
}

static void lay_out_buckets(struct sorting *sorting)
{
    size_t at = 0;
    for (unsigned i = 0; i < 1u << sorting->top_bits; i++) {
        sorting->starts[i] = at;
        for (unsigned thread = 0; thread < sorting->threads; thread++) {
            size_t size = sorting->places[thread][i];
            sorting->places[thread][i] = at;
            at += size;
        }
    }
    sorting->starts[1u << sorting->top_bits] = at;
}

static void sort(struct sorting *sorting)
{
    struct order *order = sorting->order;
    parallel_run(sorting->threads, survey_part, sorting);
    for (unsigned i = 1; i < sorting->threads; i++) key_survey_merge(&sorting->surveys[0], &sorting->surveys[i]);
    key_packing_init(&sorting->packing, &sorting->reader, &sorting->surveys[0], order->bits, 64 - order->bits);
    order->decides = sorting->packing.decides;
    choose_buckets(sorting);
    parallel_run(sorting->threads, count_part, sorting);
    lay_out_buckets(sorting);
    parallel_run(sorting->threads, place_part, sorting);
    parallel_run(sorting->threads, sort_buckets, sorting);
}

/* ---- the order */

static unsigned bits_of(size_t value)
{
    return value ? 64 - (unsigned)__builtin_clzll(value) : 0;
}

void order_init(struct order *order, const struct table *table, unsigned threads)
{
    size_t most = 0;
    bool long_texts = false;
    assert(!table->order); /* of rows that were merged, not all count */
    *order = (struct order){.count = table_row_count(table), .row_bytes = table->row_layout.row_bytes,
                            .shards = allocate(table->shard_count * sizeof *order->shards)};
    for (unsigned i = 0; i < table->shard_count; i++) {
        const struct shard *shard = &table->shards[i];
        order->shards[i] = shard->rows.data;
        long_texts |= shard->has_long_keys;
        if (shard->count > most) most = shard->count;
    }
    order->shard_at = bits_of(most);
    order->bits = order->shard_at + bits_of(table->shard_count - 1);
    order->mask = ((uint64_t)1 << order->bits) - 1;
    if (!order->count) return;
    range_grow(&order->memory, order->count * sizeof *order->items);
    order->items = (uint64_t *)order->memory.data;

    struct sorting *sorting = allocate(sizeof *sorting);
    sorting->table = table, sorting->order = order;
    sorting->threads = order->count < ORDER_PARALLEL ? 1 : threads;
    sorting->surveys = allocate(sorting->threads * sizeof *sorting->surveys);
    sorting->places = allocate(sorting->threads * sizeof *sorting->places);
    key_reader_init(&sorting->reader, &table->row_layout, long_texts);
    sort(sorting);
    free(sorting->surveys);
    free(sorting->places);
    free(sorting);
}

void order_finish(struct order *order)
{
    range_finish(&order->memory);
    free(order->shards);
    *order = (struct order){0};
}
