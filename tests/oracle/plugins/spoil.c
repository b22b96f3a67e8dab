/* SPDX-License-Identifier: MIT
 * Reducers that fail when they are told to: of a table that is read, if the configuration says so, and of one that never is.
 * What a reducer failed on is never to be seen again: neither by a reducer nor by a handler, but for other effects of the same
 * logline. */
#include "oracle.h"

#include <stdatomic.h>
#include <stdlib.h>

struct spoil {
    int64_t i, id, mode;
};
ETL_EVENT(spoil, ETL_FIELD(spoil, i), ETL_FIELD(spoil, id), ETL_FIELD(spoil, mode));

/* how: 1, 2: fail, for this reason or that */
struct spoiled {
    int64_t i, id, how;
};
ETL_EFFECT(spoiled, ETL_KEY(spoiled, i), ETL_VALUE(spoiled, id), ETL_VALUE(spoiled, how));

struct heap {
    int64_t i, id, how;
};
ETL_EFFECT(heap, ETL_KEY(heap, i), ETL_VALUE(heap, id), ETL_VALUE(heap, how));

struct remains {
    int64_t count;
    double one;
    etl_decimal other;
};
ETL_ROW(remains, ETL_FIELD(remains, count), ETL_FIELD(remains, one), ETL_FIELD(remains, other));

/* Of keys, which event's effect failed, if one did; by table. */
enum { SLOTS = 1024 };
struct slots {
    _Atomic int64_t keys[SLOTS], ids[SLOTS]; /* 0: none */
};
static struct slots of_spoiled, of_heap;

static void check(const struct slots *slots, int64_t key, int64_t id)
{
    const uint64_t slot = (uint64_t)key % SLOTS;
    int64_t failed = atomic_load(&slots->ids[slot]);
    if (failed && failed != id && atomic_load(&slots->keys[slot]) == key) abort();
}

static void fold(struct slots *slots, struct remains *row, int64_t key, int64_t id, int64_t how)
{
    double zero = 0;

    check(slots, key, id);
    row->count++;
    row->one += (double)how / 4;
    if (how == 1) row->one = zero / zero;
    if (how == 2) row->other = etl_decimal_invalid();
    if (how != 1 && how != 2) return;
    atomic_store(&slots->keys[(uint64_t)key % SLOTS], key);
    atomic_store(&slots->ids[(uint64_t)key % SLOTS], id);
}

static void reduce_spoiled(void *row, const void *effect)
{
    const struct spoiled *s = effect;
    fold(&of_spoiled, row, s->i, s->id, s->how);
}

static void reduce_heap(void *row, const void *effect)
{
    const struct heap *h = effect;
    fold(&of_heap, row, h->i, h->id, h->how);
}

/* mode: bits of what to do: 1 remove first; 2 a heap of many; 4, 8 `how` of what is spoiled; 16, 32 of one of the heap, 64, 128 of
 * another; 256 remove last; 512 refuse; 1024 refuse where something is found */
static etl_result spoil_all(struct etl_context *context, const struct spoil *s)
{
    const int64_t mode = s->mode, count = mode & 2 ? 70 : 3;

    if (mode & 1) etl_remove(context, spoiled, .i = s->i);
    etl_emit(context, spoiled, .i = s->i, .id = s->id, .how = mode >> 2 & 3);
    for (int64_t n = 0; n < count; n++)
        etl_emit(context, heap, .i = n, .id = s->id, .how = n == 1 ? mode >> 4 & 3 : n == count - 1 ? mode >> 6 & 3 : 0);
    if (mode & 256) etl_remove(context, heap, .i = 1);
    if (mode & 512) return etl_reject(context, "told to refuse");
    return ETL_OK;
}

static etl_result handle_spoil(struct etl_context *context, const void *event)
{
    return spoil_all(context, event);
}

static etl_result handle_spoil_reading(struct etl_context *context, const void *event)
{
    const struct spoil *s = event;

    check(&of_spoiled, s->i, 0);
    const struct remains *r = etl_lookup_row(context, spoiled, remains, .i = s->i);
    if (r && s->mode & 1024) return etl_reject(context, "%" PRId64 " are there", r->count);
    return spoil_all(context, s);
}

ETL_PLUGIN("spoil", "1.0.0", "Reducers that fail")
{
    if (etl_config_bool(host, "reads", false))
        etl_handle(host, .event_type = "spoil", .event = &spoil, .handle = handle_spoil_reading, .emits = {&spoiled, &heap},
                   .reads = {&spoiled});
    else etl_handle(host, .event_type = "spoil", .event = &spoil, .handle = handle_spoil, .emits = {&spoiled, &heap});
    etl_reduce(host, .effect = &spoiled, .row = &remains, .reduce = reduce_spoiled);
    etl_reduce(host, .effect = &heap, .row = &remains, .reduce = reduce_heap);
    return ETL_OK;
}
