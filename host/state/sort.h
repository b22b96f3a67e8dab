/* SPDX-License-Identifier: MIT
 * sort: the rows of a table in the order of their keys. Rows stay where they are; sorted are words of 64 bits, each the bits of
 * a key that decide (see sort_key.h) above the number of a row. They are first spread by their highest bits, straight from the
 * rows, into as many buckets as fit a cache, and each bucket is then radix sorted: 8 bytes a row, and no cache misses but of the
 * rows themselves. Rows whose bits are equal, because not all fit, are sorted the same way among themselves. */
#ifndef STATE_SORT_H
#define STATE_SORT_H

#include "base/memory.h"
#include "state/table.h"

struct order {
    size_t count;
    struct range memory;
    uint64_t *items;           /* a row's number is in their lowest bits: its shard's, and below it its own in the shard */
    uint64_t mask;             /* of both numbers */
    unsigned bits, shard_at;   /* of both numbers; where the shard's begins */
    uint32_t row_bytes;
    bool decides;              /* two rows of different keys never have items that are equal above both numbers */
    char **shards;             /* their rows */
};

/* Of fewer rows, one thread is done before another has begun. */
enum { ORDER_PARALLEL = 16 * 1024 };

/* Needs the table to stay as it is. */
void order_init(struct order *order, const struct table *table, unsigned threads);
void order_finish(struct order *order);

/* The row whose number is in an item. */
static inline char *order_find(const struct order *order, uint64_t item)
{
    uint64_t number = item & order->mask, shard = number >> order->shard_at;
    return order->shards[shard] + (number ^ shard << order->shard_at) * order->row_bytes;
}

static inline const char *order_row(const struct order *order, size_t index)
{
    return order_find(order, order->items[index]);
}

#endif
