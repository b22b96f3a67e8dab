/* SPDX-License-Identifier: MIT */
#include "zoo.h"

/* A later header has more members; this plugin leaves them zero. */
struct longer_info {
    struct etl_plugin_info known;
    uint64_t later[2];
};
ETL_EXPORT extern const struct longer_info longer_info __asm__("etl_plugin_info");
const struct longer_info longer_info = {{ETL_MAGIC, sizeof(struct longer_info), ETL_ABI_MAJOR, ETL_ABI_MINOR, "zoo", "1.0.0",
                                         "From a later header"}, {0, 0}};

static etl_result handle(struct etl_context *context, const void *event)
{
    return emit_position(context, event);
}

etl_result etl_plugin_init(struct etl_host *host)
{
    return etl_handle(host, .event_type = "trade", .event = &trade, .handle = handle, .emits = {&position});
}
