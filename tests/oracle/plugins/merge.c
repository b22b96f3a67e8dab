/* SPDX-License-Identifier: MIT
 * Tables of which several threads may have rows of the same keys, to be merged in the end: every fold that can be, and removals. */
#include "oracle.h"

struct part {
    etl_string k, s;
    int64_t i, mode;
    double d;
    bool b;
    etl_decimal m;
    etl_timestamp t;
    etl_json j;
    etl_string os;
    int64_t oi;
    bool ob;
    etl_decimal om;
    etl_timestamp ot;
    bool has_os, has_oi, has_ob, has_om, has_ot;
};
ETL_EVENT(part, ETL_FIELD(part, k), ETL_FIELD(part, s), ETL_FIELD(part, i), ETL_FIELD(part, mode), ETL_FIELD(part, d),
          ETL_FIELD(part, b), ETL_FIELD(part, m), ETL_FIELD(part, t), ETL_FIELD(part, j), ETL_OPTIONAL(part, os, has_os),
          ETL_OPTIONAL(part, oi, has_oi), ETL_OPTIONAL(part, ob, has_ob), ETL_OPTIONAL(part, om, has_om),
          ETL_OPTIONAL(part, ot, has_ot));

struct merged {
    etl_string k;
    int64_t n, sum_i, min_i, max_i, first_i, last_i;
    etl_decimal sum_m, min_m, max_m, first_m, last_m;
    etl_string min_s, max_s, first_s, last_s;
    bool min_b, max_b, first_b, last_b;
    etl_timestamp min_t, max_t, first_t, last_t;
    double first_d, last_d;
    etl_json first_j, last_j;
    int64_t n_oi, sum_oi, min_oi, max_oi;
    etl_decimal sum_om, min_om, max_om;
    etl_string min_os, max_os;
    bool min_ob, max_ob;
    etl_timestamp min_ot, max_ot;
    bool has_os, has_oi, has_ob, has_om, has_ot;
};
ETL_EFFECT(merged, ETL_KEY(merged, k), ETL_COUNT(merged, n),
           ETL_SUM(merged, sum_i), ETL_MIN(merged, min_i), ETL_MAX(merged, max_i), ETL_FIRST(merged, first_i),
           ETL_LAST(merged, last_i),
           ETL_SUM(merged, sum_m), ETL_MIN(merged, min_m), ETL_MAX(merged, max_m), ETL_FIRST(merged, first_m),
           ETL_LAST(merged, last_m),
           ETL_MIN(merged, min_s), ETL_MAX(merged, max_s), ETL_FIRST(merged, first_s), ETL_LAST(merged, last_s),
           ETL_MIN(merged, min_b), ETL_MAX(merged, max_b), ETL_FIRST(merged, first_b), ETL_LAST(merged, last_b),
           ETL_MIN(merged, min_t), ETL_MAX(merged, max_t), ETL_FIRST(merged, first_t), ETL_LAST(merged, last_t),
           ETL_FIRST(merged, first_d), ETL_LAST(merged, last_d), ETL_FIRST(merged, first_j), ETL_LAST(merged, last_j),
           ETL_COUNT_OPTIONAL(merged, n_oi, has_oi), ETL_SUM_OPTIONAL(merged, sum_oi, has_oi),
           ETL_MIN_OPTIONAL(merged, min_oi, has_oi), ETL_MAX_OPTIONAL(merged, max_oi, has_oi),
           ETL_SUM_OPTIONAL(merged, sum_om, has_om), ETL_MIN_OPTIONAL(merged, min_om, has_om),
           ETL_MAX_OPTIONAL(merged, max_om, has_om),
           ETL_MIN_OPTIONAL(merged, min_os, has_os), ETL_MAX_OPTIONAL(merged, max_os, has_os),
           ETL_MIN_OPTIONAL(merged, min_ob, has_ob), ETL_MAX_OPTIONAL(merged, max_ob, has_ob),
           ETL_MIN_OPTIONAL(merged, min_ot, has_ot), ETL_MAX_OPTIONAL(merged, max_ot, has_ot));

/* mode: bits of what to do: 1 remove before, 2 remove after, 4 emit nothing */
static etl_result handle_part(struct etl_context *context, const void *event)
{
    const struct part *p = event;

    if (p->mode & 1) etl_remove(context, merged, .k = p->k);
    if (!(p->mode & 4))
        etl_emit(context, merged, .k = p->k,
                 .sum_i = p->i, .min_i = p->i, .max_i = p->i, .first_i = p->i, .last_i = p->i,
                 .sum_m = p->m, .min_m = p->m, .max_m = p->m, .first_m = p->m, .last_m = p->m,
                 .min_s = p->s, .max_s = p->s, .first_s = p->s, .last_s = p->s,
                 .min_b = p->b, .max_b = p->b, .first_b = p->b, .last_b = p->b,
                 .min_t = p->t, .max_t = p->t, .first_t = p->t, .last_t = p->t,
                 .first_d = p->d, .last_d = p->d, .first_j = p->j, .last_j = p->j,
                 .sum_oi = p->oi, .min_oi = p->oi, .max_oi = p->oi, .has_oi = p->has_oi,
                 .sum_om = p->om, .min_om = p->om, .max_om = p->om, .has_om = p->has_om,
                 .min_os = p->os, .max_os = p->os, .has_os = p->has_os, .min_ob = p->ob, .max_ob = p->ob, .has_ob = p->has_ob,
                 .min_ot = p->ot, .max_ot = p->ot, .has_ot = p->has_ot);
    if (p->mode & 2) etl_remove(context, merged, .k = p->k);
    return ETL_OK;
}

/* Rows that are encoded as others are, but fold otherwise. */
struct quote {
    etl_string k;
    int64_t i;
    etl_decimal m;
};
ETL_EVENT(quote, ETL_FIELD(quote, k), ETL_FIELD(quote, i), ETL_FIELD(quote, m));

struct price {
    etl_string k;
    etl_decimal latest;
};
ETL_EFFECT(price, ETL_KEY(price, k), ETL_LAST(price, latest));

struct opened {
    int64_t i;
    etl_decimal total;
    int64_t earliest;
};
ETL_EFFECT(opened, ETL_KEY(opened, i), ETL_SUM(opened, total), ETL_FIRST(opened, earliest));

struct peak {
    int64_t i;
    etl_string k;
    etl_decimal total;
    int64_t most;
};
ETL_EFFECT(peak, ETL_KEY(peak, i), ETL_KEY(peak, k), ETL_SUM(peak, total), ETL_MAX(peak, most));

static etl_result handle_price(struct etl_context *context, const void *event)
{
    const struct quote *q = event;

    if (q->i % 16 == 15) return etl_remove(context, price, .k = q->k);
    return etl_emit(context, price, .k = q->k, .latest = q->m);
}

static etl_result handle_open(struct etl_context *context, const void *event)
{
    const struct quote *q = event;
    return etl_emit(context, opened, .i = q->i % 8, .total = q->m, .earliest = q->i);
}

static etl_result handle_peak(struct etl_context *context, const void *event)
{
    const struct quote *q = event;

    for (int64_t i = 0; i < 3; i++) etl_emit(context, peak, .i = i, .k = q->k, .total = q->m, .most = q->i);
    return ETL_OK;
}

ETL_PLUGIN("merge", "1.0.0", "Folds of which threads may have parts")
{
    etl_handle(host, .event_type = "part", .event = &part, .handle = handle_part, .emits = {&merged});
    etl_handle(host, .event_type = "quote", .event = &quote, .handle = handle_price, .emits = {&price}, .name = "price");
    etl_handle(host, .event_type = "quote", .event = &quote, .handle = handle_open, .emits = {&opened}, .name = "open");
    etl_handle(host, .event_type = "quote", .event = &quote, .handle = handle_peak, .emits = {&peak}, .name = "peak");
    return ETL_OK;
}
