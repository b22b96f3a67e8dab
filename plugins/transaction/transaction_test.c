/* SPDX-License-Identifier: MIT */
#include "transaction.c"

#include <etl_test.h>

#define BUY "{\"event_type\":\"buy\",\"ticker\":\"GOOG\",\"amount\":2,\"price\":610.25,\"account_id\":1,\"timestamp\":1}"
#define SELL "{\"event_type\":\"sell\",\"ticker\":\"GOOG\",\"amount\":\"0.5\",\"price\":\"610\",\"account_id\":1,\"timestamp\":2}"

static int test_trades(void)
{
    struct etl_test *t = etl_test_create();
    etl_test_expect_loaded(t);
    etl_test_line(t, BUY);
    etl_test_expect_effects(t, "position account_id=1 ticker=GOOG amount=2 timestamp=1",
                            "position account_id=1 ticker=CASH amount=-1220.5 timestamp=1");
    etl_test_line(t, SELL);
    etl_test_expect_effects(t, "position account_id=1 ticker=GOOG amount=-0.5 timestamp=2",
                            "position account_id=1 ticker=CASH amount=305 timestamp=2");

    struct transaction huge = {.ticker = ETL_STRING("GOOG"), .account_id = 1};
    etl_decimal_parse(ETL_STRING("1e37"), &huge.amount);
    huge.price = etl_decimal_of(10, 0);
    etl_test_handle(t, "buy", &huge);
    etl_test_expect_reject(t, "'amount' of effect 'position' is an invalid decimal");
    return etl_test_destroy(t);
}

static int test_enforce(void)
{
    struct etl_test *t = etl_test_create("enforce=true");
    etl_test_expect_loaded(t);
    etl_test_line(t, BUY); /* an account never seen */
    etl_test_expect(t, etl_test_result(t) == ETL_OK);
    etl_test_row(t, account_state, .account_id = 1, .state_variable = ETL_STRING("status"), .new_state = ETL_STRING("open"));
    etl_test_line(t, BUY);
    etl_test_expect(t, etl_test_result(t) == ETL_OK);
    etl_test_row(t, account_state, .account_id = 1, .state_variable = ETL_STRING("status"), .new_state = ETL_STRING("frozen"));
    etl_test_line(t, BUY);
    etl_test_expect_reject(t, "account 1 is frozen");
    etl_test_row(t, account_state, .account_id = 1, .state_variable = ETL_STRING("status"), .new_state = ETL_STRING("closed"));
    etl_test_line(t, SELL);
    etl_test_expect_reject(t, "account 1 is closed");
    etl_test_row(t, account_state, .account_id = 1, .state_variable = ETL_STRING("status"), .new_state = ETL_STRING("open"));
    etl_test_line(t, SELL);
    etl_test_expect(t, etl_test_result(t) == ETL_OK);
    return etl_test_destroy(t);
}

static int test_config(void)
{
    struct etl_test *t = etl_test_create("enforce=yes");
    etl_test_expect_load_error(t, "config 'enforce' is not a bool");
    int failures = etl_test_destroy(t);

    t = etl_test_create("enforced=true");
    etl_test_expect_load_error(t, "unknown key 'enforced'");
    return failures + etl_test_destroy(t);
}

int main(void)
{
    return test_trades() + test_enforce() + test_config() != 0;
}
