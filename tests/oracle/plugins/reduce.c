/* SPDX-License-Identifier: MIT
 * A reducer with a row of its own. */
#include "oracle.h"

struct filling {
    etl_string k, w;
    int64_t q;
    etl_decimal p;
    bool again, has_w, has_again;
};
ETL_EVENT(filling, ETL_FIELD(filling, k), ETL_OPTIONAL(filling, w, has_w), ETL_FIELD(filling, q), ETL_FIELD(filling, p),
          ETL_OPTIONAL(filling, again, has_again));

static etl_result handle_fill(struct etl_context *context, const void *event)
{
    const struct filling *f = event;

    if (f->again) etl_remove(context, fill, .k = f->k);
    return etl_emit(context, fill, .k = f->k, .q = f->q, .p = f->p, .w = f->w, .has_w = f->has_w);
}

static void reduce_fill(void *into, const void *effect)
{
    struct filled *row = into;
    const struct fill *f = effect;

    row->fills++;
    if (row->fills == 1 || etl_decimal_compare(f->p, row->best) > 0) row->best = f->p;
    row->parity = row->fills % 2 ? ETL_STRING("odd") : ETL_STRING("even");
    if (f->has_w && (!row->has_longest || f->w.size > row->longest.size)) row->longest = f->w, row->has_longest = true;
    row->mean = row->mean / 2 + (double)f->q / 2;
}

ETL_PLUGIN("reduce", "1.0.0", "A reducer")
{
    etl_handle(host, .event_type = "fill", .event = &filling, .handle = handle_fill, .emits = {&fill});
    etl_reduce(host, .effect = &fill, .row = &filled, .reduce = reduce_fill);
    return ETL_OK;
}
