/* SPDX-License-Identifier: MIT */
#include "state/merge.h"
#include "base/compiler.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "row/fold.h"
#include "state/sort.h"

#include <stdlib.h>

enum { AHEAD = 16 }; /* items whose rows come from memory meanwhile */

/* A thread's share of the items, which ends where a row does. */
struct piece {
    size_t from, to;
    size_t left; /* of them */
};

struct merging {
    struct table *table;
    struct order *order;
    struct piece *pieces;
    bool has_long_keys;
};

/* Are two items parts of one row? */
static inline bool is_part(const struct merging *merging, uint64_t a, uint64_t b)
{
    const struct order *order = merging->order;
    if (LIKELY(order->decides)) return !((a ^ b) >> order->bits);
    return keys_equal(&merging->table->row_layout, merging->has_long_keys, (const uint64_t *)(const void *)order_find(order, a),
                      (const uint64_t *)(const void *)order_find(order, b));
}

static void fetch(const struct merging *merging, size_t at)
{
    const struct order *order = merging->order;
    if (!order->decides || !is_part(merging, order->items[at], order->items[at + 1])) return;
    for (size_t i = at; i < at + 2; i++) {
        const char *row = order_find(order, order->items[i]);
        __builtin_prefetch(row, 1);
        if (order->row_bytes % LINE_SIZE) __builtin_prefetch(row + order->row_bytes - 1, 1);
    }
}

static void merge_rows(const struct merging *merging, uint64_t to, uint64_t from)
{
    const struct order *order = merging->order;
    long grown = row_merge(&merging->table->row_layout, order_find(order, to), order_find(order, from));
    struct shard *shard = &merging->table->shards[(to & order->mask) >> order->shard_at];
    if (grown) __atomic_fetch_add(&shard->heap_bytes, (size_t)grown, __ATOMIC_RELAXED); /* other threads have rows of it, too */
}

static void merge_piece(void *data, unsigned thread)
{
    struct merging *merging = data;
    struct piece *piece = &merging->pieces[thread];
    uint64_t *items = merging->order->items;
    size_t last = piece->from;
    if (piece->from == piece->to) return;
    for (size_t i = piece->from + 1; i < piece->to; i++) {
        if (i + AHEAD + 1 < piece->to) fetch(merging, i + AHEAD);
        if (is_part(merging, items[last], items[i])) merge_rows(merging, items[last], items[i]);
        else items[++last] = items[i];
    }
    piece->left = last + 1 - piece->from;
}

static void cut(struct merging *merging, unsigned count)
{
    const struct order *order = merging->order;
    size_t from = 0;
    for (unsigned i = 0; i < count; i++) {
        size_t to = order->count * (i + 1) / count;
        if (to < from) to = from;
        while (to > from && to < order->count && is_part(merging, order->items[to - 1], order->items[to])) to++;
        merging->pieces[i] = (struct piece){from, to, 0};
        from = to;
    }
}

static void join(struct merging *merging, unsigned count)
{
    struct order *order = merging->order;
    size_t at = 0;
    for (struct piece *piece = merging->pieces; piece < merging->pieces + count; at += piece++->left)
        memmove(order->items + at, order->items + piece->from, piece->left * sizeof *order->items);
    order->count = at;
}

void table_merge(struct table *table, unsigned threads)
{
    struct order *order = allocate(sizeof *order);
    struct merging merging = {.table = table, .order = order, .pieces = allocate(threads * sizeof *merging.pieces)};
    order_init(order, table, threads);
    for (unsigned i = 0; i < table->shard_count; i++) merging.has_long_keys |= table->shards[i].has_long_keys;
    if (order->count < ORDER_PARALLEL) threads = 1;
    if (order->count) {
        cut(&merging, threads);
        parallel_run(threads, merge_piece, &merging);
        join(&merging, threads);
    }
    free(merging.pieces);
    table->order = order;
}
