/* SPDX-License-Identifier: MIT */
#include "zoo.h"

/* A later header has more members; this plugin leaves them zero. */
struct longer_handler {
    struct etl_handler known;
    uint64_t later[2];
};

static etl_result handle(struct etl_context *context, const void *event)
{
    return emit_position(context, event);
}

ZOO_INIT
{
    struct longer_handler handler = {
        {.size = sizeof handler, .event_type = "trade", .event = &trade, .handle = handle, .emits = {&position}}, {0, 0}};
    return etl_register_handler(host, &handler.known);
}
