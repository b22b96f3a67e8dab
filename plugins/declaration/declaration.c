/* SPDX-License-Identifier: MIT */
#include "trading.h"

struct declaration {
    etl_string ticker;
    etl_decimal amount;
    int64_t account_id, timestamp;
};
ETL_EVENT(declaration, ETL_FIELD(declaration, ticker), ETL_FIELD(declaration, amount), ETL_FIELD(declaration, account_id),
          ETL_FIELD(declaration, timestamp));

/* The account holds that much more. */
static etl_result handle_declaration(struct etl_context *context, const void *event)
{
    const struct declaration *d = event;

    etl_emit(context, position, .account_id = d->account_id, .ticker = d->ticker, .amount = d->amount, .timestamp = d->timestamp);
    return ETL_OK;
}

ETL_PLUGIN("declaration", "1.0.0", "Holdings declared by the account")
{
    etl_handle(host, .event_type = "declaration", .event = &declaration, .handle = handle_declaration, .emits = {&position});
    return ETL_OK;
}
