/* SPDX-License-Identifier: MIT */
#include "trading.h"

struct account {
    etl_string event_type;
    int64_t account_id, timestamp;
};
ETL_EVENT(account, ETL_EVENT_TYPE(account, event_type), ETL_FIELD(account, account_id), ETL_FIELD(account, timestamp));

/* The account's status is what the event says. */
static etl_result handle_account(struct etl_context *context, const void *event)
{
    const struct account *a = event;
    etl_string status = etl_string_is(a->event_type, "open")     ? ETL_STRING("open")
                        : etl_string_is(a->event_type, "freeze") ? ETL_STRING("frozen")
                                                                 : ETL_STRING("closed");

    etl_emit(context, account_state, .account_id = a->account_id, .state_variable = ETL_STRING("status"), .new_state = status);
    return ETL_OK;
}

ETL_PLUGIN("account", "1.0.0", "Accounts opened, frozen and closed")
{
    etl_handle(host, .event_type = "open", .event = &account, .handle = handle_account, .emits = {&account_state});
    etl_handle(host, .event_type = "freeze", .event = &account, .handle = handle_account, .emits = {&account_state});
    etl_handle(host, .event_type = "close", .event = &account, .handle = handle_account, .emits = {&account_state});
    return ETL_OK;
}
