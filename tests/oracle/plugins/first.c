/* SPDX-License-Identifier: MIT
 * The first of two plugins that handle the same event type, and handlers that refuse, remove, calculate and stop. */
#include "oracle.h"

struct step {
    etl_string k, refuse;
    bool has_refuse;
};
ETL_EVENT(step, ETL_FIELD(step, k), ETL_OPTIONAL(step, refuse, has_refuse));

static etl_result handle_step(struct etl_context *context, const void *event)
{
    const struct step *s = event;

    etl_emit(context, trace, .k = s->k, .by = ETL_STRING("first"), .origin = ETL_STRING("first"));
    if (etl_string_is(s->refuse, "first")) return etl_reject(context, "first was told to");
    if (etl_string_is(s->refuse, "quietly")) etl_reject(context, "refused, though what it returns is OK");
    return ETL_OK;
}

struct drop {
    etl_string k;
    int64_t mode;
};
ETL_EVENT(drop, ETL_FIELD(drop, k), ETL_FIELD(drop, mode));

static void leave_trace(struct etl_context *context, etl_string k, etl_string by)
{
    etl_emit(context, trace, .k = k, .by = by, .origin = by, .note = by, .has_note = true);
}

/* mode: bits of what to do: 1 emit, 2 remove, 4 emit, 8 remove of a row that is not there, 16 refuse */
static etl_result handle_drop(struct etl_context *context, const void *event)
{
    const struct drop *d = event;

    if (d->mode & 1) leave_trace(context, d->k, ETL_STRING("before"));
    if (d->mode & 2) etl_remove(context, trace, .k = d->k);
    if (d->mode & 4) leave_trace(context, d->k, ETL_STRING("after"));
    if (d->mode & 8) etl_remove(context, trace, .k = ETL_STRING("nobody"), .by = ETL_STRING("\xFF"));
    return d->mode & 16 ? etl_reject(context, "mode %" PRId64, d->mode) : ETL_OK;
}

struct sum {
    etl_string op;
    etl_decimal a, b;
    bool has_b;
};
ETL_EVENT(sum, ETL_FIELD(sum, op), ETL_FIELD(sum, a), ETL_OPTIONAL(sum, b, has_b));

static etl_result handle_calc(struct etl_context *context, const void *event)
{
    const struct sum *s = event;
    etl_decimal r = s->a;

    if (etl_string_is(s->op, "add")) r = etl_decimal_add(s->a, s->b);
    else if (etl_string_is(s->op, "subtract")) r = etl_decimal_subtract(s->a, s->b);
    else if (etl_string_is(s->op, "multiply")) r = etl_decimal_multiply(s->a, s->b);
    else if (etl_string_is(s->op, "negate")) r = etl_decimal_negate(s->a);
    etl_emit(context, calc, .op = s->op, .total = r, .least = r, .most = r, .latest = r);
    return ETL_OK;
}

struct count {
    etl_string k;
    int64_t i;
};
ETL_EVENT(count, ETL_FIELD(count, k), ETL_FIELD(count, i));

static etl_result handle_whole(struct etl_context *context, const void *event)
{
    const struct count *c = event;
    return etl_emit(context, whole, .k = c->k, .total = c->i);
}

struct many { int64_t n; };
ETL_EVENT(many, ETL_FIELD(many, n));

struct tick { int64_t i, n; };
ETL_EFFECT(tick, ETL_KEY(tick, i), ETL_COUNT(tick, n));

static etl_result handle_many(struct etl_context *context, const void *event)
{
    const struct many *m = event;

    for (int64_t i = 0; i < m->n && i < 70000; i++) etl_emit(context, tick, .i = i % 7);
    return ETL_OK;
}

/* What cannot stand in state. */
struct bad { etl_string what; };
ETL_EVENT(bad, ETL_FIELD(bad, what));

struct held {
    etl_string k;
    double d;
    etl_decimal m;
    etl_string s;
    etl_json j;
};
ETL_EFFECT(held, ETL_KEY(held, k), ETL_LAST(held, d), ETL_LAST(held, m), ETL_LAST(held, s), ETL_LAST(held, j));

static etl_result handle_bad(struct etl_context *context, const void *event)
{
    const struct bad *b = event;
    double zero = 0;
    struct held h = {.k = b->what, .j = {"{}", 2}};

    if (etl_string_is(b->what, "key")) h.k = ETL_STRING("\xC3");
    if (etl_string_is(b->what, "nan")) h.d = zero / zero;
    if (etl_string_is(b->what, "infinite")) h.d = 1 / zero;
    if (etl_string_is(b->what, "decimal")) h.m.scale = -1;
    if (etl_string_is(b->what, "string")) h.s = ETL_STRING("a\xED\xA0\x80");
    if (etl_string_is(b->what, "json")) h.j = (etl_json){"{]", 2};
    return etl_emit_record(context, &held, &h);
}

struct stop { etl_string k; };
ETL_EVENT(stop, ETL_FIELD(stop, k));

static etl_result handle_stop(struct etl_context *context, const void *event)
{
    const struct stop *s = event;

    leave_trace(context, s->k, ETL_STRING("stop"));
    return etl_fail(context, "told to stop by '%.*s'", (int)s->k.size, s->k.data);
}

ETL_PLUGIN("first", "1.0.0", "Handlers that refuse, remove, calculate and stop")
{
    etl_handle(host, .event_type = "step", .event = &step, .handle = handle_step, .emits = {&trace});
    etl_handle(host, .event_type = "drop", .event = &drop, .handle = handle_drop, .emits = {&trace});
    etl_handle(host, .event_type = "calc", .event = &sum, .handle = handle_calc, .emits = {&calc});
    etl_handle(host, .event_type = "whole", .event = &count, .handle = handle_whole, .emits = {&whole});
    etl_handle(host, .event_type = "many", .event = &many, .handle = handle_many, .emits = {&tick});
    etl_handle(host, .event_type = "bad", .event = &bad, .handle = handle_bad, .emits = {&held});
    etl_handle(host, .event_type = "stop", .event = &stop, .handle = handle_stop, .emits = {&trace});
    return ETL_OK;
}
