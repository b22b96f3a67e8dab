/* SPDX-License-Identifier: MIT
 * What the trading plugins share: the effects that their handlers return. */
#ifndef TRADING_H
#define TRADING_H

#include <etl.h>

/* How much of a ticker an account holds; cash is the ticker CASH. */
struct position {
    int64_t account_id;
    etl_string ticker;
    etl_decimal amount;
    int64_t timestamp;
};
ETL_EFFECT(position, ETL_KEY(position, account_id), ETL_KEY(position, ticker), ETL_SUM(position, amount), ETL_LAST(position, timestamp));

/* What is known of an account: of each state variable, its latest state. */
struct account_state {
    int64_t account_id;
    etl_string state_variable;
    etl_string new_state;
};
ETL_EFFECT(account_state, ETL_KEY(account_state, account_id), ETL_KEY(account_state, state_variable), ETL_LAST(account_state, new_state));

#endif
