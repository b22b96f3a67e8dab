/* SPDX-License-Identifier: MIT
 * The plugin of the logs with few and with many event types: a handler for each of `types` types, fill_00 and on. */
#include "trading.h"

#include <stdio.h>

enum { TYPES_MAX = 100 };

struct fill {
    etl_string ticker;
    etl_decimal amount;
    int64_t account_id, timestamp;
};
ETL_EVENT(fill, ETL_FIELD(fill, ticker), ETL_FIELD(fill, amount), ETL_FIELD(fill, account_id), ETL_FIELD(fill, timestamp));

static etl_result handle_fill(struct etl_context *context, const void *event)
{
    const struct fill *f = event;

    etl_emit(context, position, .account_id = f->account_id, .ticker = f->ticker, .amount = f->amount, .timestamp = f->timestamp);
    return ETL_OK;
}

ETL_PLUGIN("fills", "1.0.0", "One kind of event under many names")
{
    int64_t types = etl_config_int64(host, "types", 5);
    char name[16];

    if (types < 1 || types > TYPES_MAX) return etl_host_fail(host, "types: 1 to %d", TYPES_MAX);
    for (int type = 0; type < types; type++) {
        snprintf(name, sizeof name, "fill_%02d", type);
        etl_handle(host, .event_type = name, .event = &fill, .handle = handle_fill, .emits = {&position});
    }
    return ETL_OK;
}
