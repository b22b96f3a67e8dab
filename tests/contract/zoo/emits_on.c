/* SPDX-License-Identifier: MIT */
#define ZOO_EXACT
#include "zoo.h"

#include <stdlib.h>

/* Each event is handled twice: what the one before left behind must not show. */
static etl_result emit_one(struct etl_context *context, const void *event)
{
    return emit_position(context, event) == ETL_OK ? ETL_OK : etl_fail(context, "the first handler was not let");
}

/* Goes on after it refused, or failed. */
static etl_result emit_on(struct etl_context *context, const void *event)
{
    const struct trade *t = event;
    etl_result before = emit_position(context, t), after = ETL_OK;
    if (before != ETL_OK) return etl_fail(context, "the second handler was not let");
    if (etl_string_is(t->ticker, "A")) after = etl_reject(context, "A is not traded");
    if (etl_string_is(t->ticker, "C")) after = etl_fail(context, "C is the end");
    etl_result then = emit_position(context, t);
    if (then == after) return ETL_OK;
    etl_log(context, ETL_ERROR, "was told %d, and then %d", (int)after, (int)then);
    abort();
}

ZOO_INIT
{
    etl_handle(host, .event_type = "trade", .event = &trade, .handle = emit_one, .emits = {&position});
    etl_handle(host, .event_type = "trade", .event = &trade, .handle = emit_on, .emits = {&position});
    return ETL_OK;
}
