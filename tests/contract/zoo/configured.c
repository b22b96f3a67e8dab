/* SPDX-License-Identifier: MIT */
#include "zoo.h"

/* Fails only where its configuration does. */
struct settings {
    int64_t limit;
    double share;
};

static etl_result handle(struct etl_context *context, const void *event)
{
    const struct settings *settings = etl_data(context);
    const struct trade *t = event;
    return etl_emit(context, position, .account_id = settings->limit, .ticker = t->ticker, .amount = settings->share);
}

ZOO_INIT
{
    struct settings *settings = etl_host_allocate(host, sizeof *settings);
    settings->limit = etl_config_int64(host, "limit", 3);
    settings->share = etl_config_double(host, "share", 0.5);
    etl_host_log(host, ETL_INFO, "limit is %" PRId64, settings->limit);
    return etl_handle(host, .event_type = "trade", .event = &trade, .handle = handle, .emits = {&position}, .data = settings);
}
