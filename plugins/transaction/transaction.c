/* SPDX-License-Identifier: MIT */
#include "trading.h"

struct transaction {
    etl_string ticker;
    etl_decimal amount, price;
    int64_t account_id, timestamp;
};
ETL_EVENT(transaction, ETL_FIELD(transaction, ticker), ETL_FIELD(transaction, amount), ETL_FIELD(transaction, price),
          ETL_FIELD(transaction, account_id), ETL_FIELD(transaction, timestamp));

/* Which way the shares go. Data, not a branch: of buys and sells, nobody can foretell which comes next. */
static int64_t into_account = 1, out_of_account = -1;

/* Shares move one way, cash the other. */
static etl_result handle_transaction(struct etl_context *context, const void *event)
{
    const struct transaction *t = event;
    const int64_t *direction = etl_data(context);
    etl_decimal shares = etl_decimal_multiply(t->amount, etl_decimal_from_int64(*direction));

    etl_emit(context, position, .account_id = t->account_id, .ticker = t->ticker, .amount = shares, .timestamp = t->timestamp);
    etl_emit(context, position, .account_id = t->account_id, .ticker = ETL_STRING("CASH"),
             .amount = etl_decimal_negate(etl_decimal_multiply(shares, t->price)), .timestamp = t->timestamp);
    return ETL_OK;
}

/* A frozen or closed account does not trade; one never seen may. */
static etl_result handle_enforced_transaction(struct etl_context *context, const void *event)
{
    const struct transaction *t = event;
    const struct account_state *status =
        etl_lookup(context, account_state, .account_id = t->account_id, .state_variable = ETL_STRING("status"));

    if (status && (etl_string_is(status->new_state, "frozen") || etl_string_is(status->new_state, "closed")))
        return etl_reject(context, "account %" PRId64 " is %.*s", t->account_id, (int)status->new_state.size, status->new_state.data);
    return handle_transaction(context, event);
}

ETL_PLUGIN("transaction", "1.0.0", "Buys and sells")
{
    bool enforce = etl_config_bool(host, "enforce", false);
    etl_handle_function *handle = enforce ? handle_enforced_transaction : handle_transaction;
    const struct etl_effect *reads = enforce ? &account_state : NULL;

    etl_handle(host, .event_type = "buy", .event = &transaction, .handle = handle, .data = &into_account, .emits = {&position},
               .reads = {reads});
    etl_handle(host, .event_type = "sell", .event = &transaction, .handle = handle, .data = &out_of_account, .emits = {&position},
               .reads = {reads});
    return ETL_OK;
}
