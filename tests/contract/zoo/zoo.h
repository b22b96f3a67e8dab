/* SPDX-License-Identifier: MIT
 * What the plugins of the zoo have in common: an event, an effect, and a plugin around the one thing that each gets wrong. */
#ifndef ZOO_H
#define ZOO_H

#include <etl.h>

/* With ZOO_EXACT amounts are decimals, so that a service that is compiled for positions takes them: from the second on, when
 * there is room. */
#ifdef ZOO_EXACT
typedef etl_decimal zoo_amount;
#else
typedef double zoo_amount;
#endif

struct trade {
    int64_t account_id;
    etl_string ticker;
    zoo_amount amount;
};
ETL_EVENT(trade, ETL_FIELD(trade, account_id), ETL_FIELD(trade, ticker), ETL_FIELD(trade, amount));

struct position {
    int64_t account_id;
    etl_string ticker;
    zoo_amount amount;
};
ETL_EFFECT(position, ETL_KEY(position, account_id), ETL_KEY(position, ticker), ETL_SUM(position, amount));

/* Another effect, which no handler here declares unless it says so. */
struct note {
    int64_t account_id;
    etl_string text;
};
ETL_EFFECT(note, ETL_KEY(note, account_id), ETL_LAST(note, text));

/* ZOO_HANDLER { body: context, t } for a handler of trades that may emit positions; ZOO_INIT { body: host } for
 * an init function. */
#define ZOO_INIT ETL_PLUGIN("zoo", "1.0.0", "Does one thing wrong")
#define ZOO_HANDLER_WITH(...) \
    static etl_result handle_trade(struct etl_context *context, const struct trade *t); \
    static etl_result handle(struct etl_context *context, const void *event) { return handle_trade(context, event); } \
    ZOO_INIT { return etl_handle(host, .event_type = "trade", .event = &trade, .handle = handle, __VA_ARGS__); } \
    static etl_result handle_trade(struct etl_context *context ETL_UNUSED_, const struct trade *t ETL_UNUSED_)
#define ZOO_HANDLER ZOO_HANDLER_WITH(.emits = {&position})

/* What a good handler does. */
ETL_UNUSED_ static etl_result emit_position(struct etl_context *context, const struct trade *t)
{
    return etl_emit(context, position, .account_id = t->account_id, .ticker = t->ticker, .amount = t->amount);
}

/* For a registration with nothing wrong in it but what is said. */
ETL_UNUSED_ static etl_result handle_nothing(struct etl_context *context ETL_UNUSED_, const void *event ETL_UNUSED_)
{
    return ETL_OK;
}

#endif
