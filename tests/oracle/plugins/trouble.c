/* SPDX-License-Identifier: MIT
 * A handler and a reducer that do what no plugin should, when they are told to. */
#include "oracle.h"

#include <stdlib.h>

struct trouble {
    etl_string what, k;
};
ETL_EVENT(trouble, ETL_FIELD(trouble, what), ETL_FIELD(trouble, k));

struct worry {
    etl_string k, what;
    int64_t n;
};
ETL_EFFECT(worry, ETL_KEY(worry, k), ETL_VALUE(worry, what), ETL_VALUE(worry, n));

struct worries {
    int64_t count, sum;
    double mean;
};
ETL_ROW(worries, ETL_FIELD(worries, count), ETL_FIELD(worries, sum), ETL_FIELD(worries, mean));

static void make(etl_string what)
{
    if (etl_string_is(what, "crash")) *(volatile int *)NULL = 1;
    if (etl_string_is(what, "exit")) exit(0);
    for (volatile bool on = etl_string_is(what, "hang"); on;) continue;
}

static etl_result handle_trouble(struct etl_context *context, const void *event)
{
    const struct trouble *t = event;

    make(t->what);
    if (etl_string_is(t->what, "fail")) return etl_fail(context, "told to fail");
    if (etl_string_is(t->what, "refuse")) return etl_reject(context, "told to refuse");
    return etl_emit(context, worry, .k = t->k, .what = t->what, .n = 1);
}

/* As above, with "later " before it. */
static void reduce_worry(void *into, const void *effect)
{
    struct worries *row = into;
    const struct worry *w = effect;
    double zero = 0;

    row->count++;
    row->sum += w->n;
    if (w->what.size > 6 && !memcmp(w->what.data, "later ", 6)) make((etl_string){w->what.data + 6, w->what.size - 6});
    if (etl_string_is(w->what, "later fail")) row->mean = zero / zero;
}

ETL_PLUGIN("trouble", "1.0.0", "Does what no plugin should")
{
    if (etl_config_bool(host, "reads", false))
        etl_handle(host, .event_type = "trouble", .event = &trouble, .handle = handle_trouble, .emits = {&worry}, .reads = {&worry});
    else etl_handle(host, .event_type = "trouble", .event = &trouble, .handle = handle_trouble, .emits = {&worry});
    etl_reduce(host, .effect = &worry, .row = &worries, .reduce = reduce_worry);
    return ETL_OK;
}
