/* SPDX-License-Identifier: MIT */
#include "trading.h"

struct exercise {
    etl_string event_type, ticker, direction;
    etl_decimal amount, strike, underlying_spot;
    int64_t account_id, timestamp;
};
ETL_EVENT(exercise, ETL_EVENT_TYPE(exercise, event_type), ETL_FIELD(exercise, ticker), ETL_FIELD(exercise, direction),
          ETL_FIELD(exercise, amount), ETL_FIELD(exercise, strike), ETL_FIELD(exercise, underlying_spot),
          ETL_FIELD(exercise, account_id), ETL_FIELD(exercise, timestamp));

/* The event says that the exercise happened; whether it pays decides nothing. */
static etl_result handle_exercise(struct etl_context *context, const void *event)
{
    const struct exercise *e = event;
    bool is_long = etl_string_is(e->direction, "long");

    if (!is_long && !etl_string_is(e->direction, "short"))
        return etl_reject(context, "direction '%.*s' is neither 'long' nor 'short'", (int)e->direction.size, e->direction.data);

    etl_decimal shares = is_long ? e->amount : etl_decimal_negate(e->amount);
    etl_decimal payoff = etl_string_is(e->event_type, "call") ? etl_decimal_subtract(e->underlying_spot, e->strike)
                                                              : etl_decimal_subtract(e->strike, e->underlying_spot);

    etl_emit(context, position, .account_id = e->account_id, .ticker = e->ticker, .amount = shares, .timestamp = e->timestamp);
    etl_emit(context, position, .account_id = e->account_id, .ticker = ETL_STRING("CASH"),
             .amount = etl_decimal_multiply(shares, payoff), .timestamp = e->timestamp);
    return ETL_OK;
}

/* Nobody exercises more than the account holds, long or short. */
static etl_result handle_held_exercise(struct etl_context *context, const void *event)
{
    const struct exercise *e = event;
    const struct position *p = etl_lookup(context, position, .account_id = e->account_id, .ticker = e->ticker);
    etl_decimal held = p ? p->amount : (etl_decimal){0, 0, 0};

    if (etl_decimal_compare(e->amount, held) > 0)
        return etl_reject(context, "exercises %s of '%.*s', but account %" PRId64 " holds %s", etl_decimal_text(e->amount).text,
                          (int)e->ticker.size, e->ticker.data, e->account_id, etl_decimal_text(held).text);
    return handle_exercise(context, event);
}

ETL_PLUGIN("exercise", "1.0.0", "Exercises of options")
{
    bool require_holding = etl_config_bool(host, "require_holding", false);
    etl_handle_function *handle = require_holding ? handle_held_exercise : handle_exercise;
    const struct etl_effect *reads = require_holding ? &position : NULL;

    etl_handle(host, .event_type = "call", .event = &exercise, .handle = handle, .emits = {&position}, .reads = {reads});
    etl_handle(host, .event_type = "put", .event = &exercise, .handle = handle, .emits = {&position}, .reads = {reads});
    return ETL_OK;
}
