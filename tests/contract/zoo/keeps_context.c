/* SPDX-License-Identifier: MIT */
#define ZOO_EXACT
#include "zoo.h"

static struct etl_context *kept; /* what no plugin should have */

static etl_result keep(struct etl_context *context, const void *event)
{
    kept = context;
    return emit_position(context, event);
}

static etl_result use(struct etl_context *context ETL_UNUSED_, const void *event)
{
    emit_position(kept, event);
    return ETL_OK;
}

ZOO_INIT
{
    etl_handle(host, .event_type = "trade", .event = &trade, .handle = keep, .emits = {&position});
    etl_handle(host, .event_type = "trade", .event = &trade, .handle = use, .emits = {&position});
    return ETL_OK;
}
