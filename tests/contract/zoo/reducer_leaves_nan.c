/* SPDX-License-Identifier: MIT */
#include "zoo.h"

struct total {
    double amount;
};
ETL_ROW(total, ETL_FIELD(total, amount));

static void reduce(void *row, const void *effect)
{
    const struct position *p = effect;
    double zero = 0;
    ((struct total *)row)->amount = etl_string_is(p->ticker, "B") ? zero / zero : p->amount;
}

static etl_result handle(struct etl_context *context, const void *event)
{
    return emit_position(context, event);
}

ZOO_INIT
{
    etl_reduce(host, .effect = &position, .row = &total, .reduce = reduce);
    return etl_handle(host, .event_type = "trade", .event = &trade, .handle = handle, .emits = {&position});
}
