/* SPDX-License-Identifier: MIT
 * The second of two plugins that handle the same event type: two more handlers of it, with fields of their own. */
#include "oracle.h"

struct step {
    etl_string refuse, note;
    etl_decimal n;
    etl_string k;
    bool has_refuse, has_note;
};
ETL_EVENT(step, ETL_OPTIONAL(step, refuse, has_refuse), ETL_OPTIONAL(step, note, has_note), ETL_FIELD(step, n),
          ETL_FIELD(step, k));

static etl_result refuse_after_emit(struct etl_context *context, const struct step *s, etl_string me)
{
    etl_emit(context, trace, .k = s->k, .by = me, .origin = me, .note = s->note, .has_note = s->has_note);
    if (etl_string_equal(s->refuse, me)) return etl_reject(context, "%.*s was told to", (int)me.size, me.data);
    return ETL_OK;
}

static etl_result handle_a(struct etl_context *context, const void *event)
{
    return refuse_after_emit(context, event, ETL_STRING("second a"));
}

static etl_result handle_b(struct etl_context *context, const void *event)
{
    const struct step *s = event;

    etl_emit(context, calc, .op = ETL_STRING("step"), .total = s->n, .least = s->n, .most = s->n, .latest = s->n);
    return refuse_after_emit(context, event, ETL_STRING("second b"));
}

ETL_PLUGIN("second", "1.0.0", "Comes second")
{
    etl_handle(host, .event_type = "step", .event = &step, .handle = handle_a, .emits = {&trace}, .name = "a");
    etl_handle(host, .event_type = "step", .event = &step, .handle = handle_b, .emits = {&trace, &calc}, .name = "b");
    return ETL_OK;
}
