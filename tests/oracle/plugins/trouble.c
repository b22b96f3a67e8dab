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

/* Of one line, reductions that fail for different reasons, and in more than one way. */
struct quarrel {
    int64_t n, sides;
};
ETL_EFFECT(quarrel, ETL_KEY(quarrel, n), ETL_VALUE(quarrel, sides));

struct quarrels {
    double one, other;
};
ETL_ROW(quarrels, ETL_FIELD(quarrels, one), ETL_FIELD(quarrels, other));

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
    for (int n = 0; n < 1000 && etl_string_is(t->what, "log"); n++) etl_log(context, ETL_INFO, "%0200d", n); /* more than a pipe holds */
    if (etl_string_is(t->what, "refuse")) return etl_reject(context, "told to refuse");
    for (int64_t n = 0; n < 10000 && etl_string_is(t->what, "much"); n++) etl_emit(context, quarrel, .n = n % 7);
    if (t->what.size >= 7 && !memcmp(t->what.data, "quarrel", 7)) {
        int64_t count = etl_string_is(t->what, "quarrel of many") ? 300 : 3; /* more than are applied together */
        for (int64_t n = 0; n <= count; n++) etl_emit(context, quarrel, .n = n, .sides = n == 1 ? 2 : n == count);
        if (!etl_string_is(t->what, "quarrel with worry")) return ETL_OK;
        return etl_emit(context, worry, .k = t->k, .what = ETL_STRING("later fail"));
    }
    return etl_emit(context, worry, .k = t->k, .what = t->what, .n = 1);
}

static void reduce_quarrel(void *into, const void *effect)
{
    struct quarrels *row = into;
    const struct quarrel *q = effect;
    double zero = 0;

    if (q->sides == 1) row->one = zero / zero;
    if (q->sides == 2) row->other = zero / zero;
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
        etl_handle(host, .event_type = "trouble", .event = &trouble, .handle = handle_trouble, .emits = {&worry, &quarrel},
                   .reads = {&worry});
    else etl_handle(host, .event_type = "trouble", .event = &trouble, .handle = handle_trouble, .emits = {&worry, &quarrel});
    etl_reduce(host, .effect = &quarrel, .row = &quarrels, .reduce = reduce_quarrel);
    etl_reduce(host, .effect = &worry, .row = &worries, .reduce = reduce_worry);
    return ETL_OK;
}
