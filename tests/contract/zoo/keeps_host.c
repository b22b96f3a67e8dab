/* SPDX-License-Identifier: MIT */
#include "zoo.h"

static struct etl_host *kept; /* what no plugin should have */

static etl_result handle(struct etl_context *context, const void *event ETL_UNUSED_)
{
    bool refused = etl_handle(kept, .event_type = "late", .handle = handle_nothing) == ETL_FAIL;
    refused = refused && etl_host_fail(kept, "late") == ETL_FAIL && etl_config_int64(kept, "limit", 5) == 5;
    etl_host_log(kept, ETL_INFO, "late");
    return refused && !etl_host_allocate(kept, 8) ? etl_reject(context, "init is over") : ETL_OK;
}

ZOO_INIT
{
    kept = host;
    return etl_handle(host, .event_type = "trade", .event = &trade, .handle = handle, .emits = {&position});
}
