/* SPDX-License-Identifier: MIT */
#include "zoo.h"

static etl_result handle(struct etl_context *context, const void *event)
{
    return emit_position(context, event);
}

ETL_PLUGIN("good", "1.0.0", "Does nothing wrong")
{
    return etl_handle(host, .event_type = "trade", .event = &trade, .handle = handle, .emits = {&position});
}
