/* SPDX-License-Identifier: MIT
 * Reads state. */
#include "oracle.h"

struct ask {
    etl_string k, mode;
    bool strict, has_strict;
};
ETL_EVENT(ask, ETL_FIELD(ask, k), ETL_FIELD(ask, mode), ETL_OPTIONAL(ask, strict, has_strict));

struct answer {
    etl_string k, mode, text;
    int64_t n, asked;
    etl_decimal m;
    double d;
    bool found, has_text;
};
ETL_EFFECT(answer, ETL_KEY(answer, k), ETL_KEY(answer, mode), ETL_LAST(answer, found), ETL_LAST_OPTIONAL(answer, text, has_text),
           ETL_LAST(answer, n), ETL_LAST(answer, m), ETL_LAST(answer, d), ETL_COUNT(answer, asked));

static struct answer ask_trace_of(struct etl_context *context, etl_string k)
{
    const struct trace *t = etl_lookup(context, trace, .k = k);
    return t ? (struct answer){.found = true, .text = t->note, .has_text = t->has_note, .n = t->steps} : (struct answer){0};
}

/* Leaves a trace first, which its own look must not see. */
static struct answer ask_trace(struct etl_context *context, etl_string k)
{
    etl_emit(context, trace, .k = k, .by = ETL_STRING("ask"), .origin = ETL_STRING("ask"));
    return ask_trace_of(context, k);
}

static struct answer ask_filled(struct etl_context *context, etl_string k)
{
    const struct filled *f = etl_lookup_row(context, fill, filled, .k = k);
    if (!f) return (struct answer){0};
    return (struct answer){.found = true, .text = f->longest, .has_text = f->has_longest, .n = f->fills, .m = f->best,
                           .d = f->mean};
}

static struct answer ask_calc(struct etl_context *context, etl_string k)
{
    const struct calc *c = etl_lookup(context, calc, .op = k);
    return c ? (struct answer){.found = true, .m = c->total} : (struct answer){0};
}

static struct answer ask_whole(struct etl_context *context, etl_string k)
{
    const struct whole *w = etl_lookup(context, whole, .k = k);
    return w ? (struct answer){.found = true, .n = w->total} : (struct answer){0};
}

static etl_result give_answer(struct etl_context *context, const void *event, bool with_calc)
{
    const struct ask *a = event;
    struct answer r = {0};

    if (etl_string_is(a->mode, "trace")) r = ask_trace(context, a->k);
    else if (etl_string_is(a->mode, "fill")) r = ask_filled(context, a->k);
    else if (etl_string_is(a->mode, "calc") && with_calc) r = ask_calc(context, a->k);
    else if (etl_string_is(a->mode, "nobody")) r = ask_trace_of(context, ETL_STRING("nobody"));
    else if (etl_string_is(a->mode, "whole")) r = ask_whole(context, a->k);
    else return etl_reject(context, "no such mode");
    if (a->strict && !r.found) return etl_reject(context, "nothing there");
    r.k = a->k, r.mode = a->mode;
    return etl_emit_record(context, &answer, &r);
}

static etl_result handle_ask(struct etl_context *context, const void *event)
{
    return give_answer(context, event, true);
}

static etl_result handle_ask_without_calc(struct etl_context *context, const void *event)
{
    return give_answer(context, event, false);
}

ETL_PLUGIN("ask", "1.0.0", "Reads state")
{
    /* of the tables, calc alone has no key 'k' to be partitioned by */
    if (etl_config_bool(host, "calc", true))
        return etl_handle(host, .event_type = "ask", .event = &ask, .handle = handle_ask, .emits = {&trace, &answer},
                          .reads = {&trace, &fill, &calc, &whole});
    return etl_handle(host, .event_type = "ask", .event = &ask, .handle = handle_ask_without_calc, .emits = {&trace, &answer},
                      .reads = {&trace, &fill, &whole});
}
