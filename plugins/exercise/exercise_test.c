/* SPDX-License-Identifier: MIT */
#include "exercise.c"

#include <etl_test.h>

static etl_result exercise_one(struct etl_test *t, const char *event_type, const char *direction, int64_t amount)
{
    struct exercise e = {.account_id = 1, .timestamp = 9, .ticker = ETL_STRING("GOOG"), .amount = etl_decimal_of(amount, 0),
                         .strike = etl_decimal_of(600, 0), .underlying_spot = etl_decimal_of(6105, 1)};
    e.event_type = (etl_string){event_type, strlen(event_type)};
    e.direction = (etl_string){direction, strlen(direction)};
    return etl_test_handle(t, event_type, &e);
}

static int test_payoffs(void)
{
    struct etl_test *t = etl_test_create();
    etl_test_expect_loaded(t);
    exercise_one(t, "call", "long", 2);
    etl_test_expect_effects(t, "position account_id=1 ticker=GOOG amount=2 timestamp=9",
                            "position account_id=1 ticker=CASH amount=21 timestamp=9");
    exercise_one(t, "call", "short", 2);
    etl_test_expect_effects(t, "position account_id=1 ticker=GOOG amount=-2 timestamp=9",
                            "position account_id=1 ticker=CASH amount=-21 timestamp=9");
    exercise_one(t, "put", "long", 2); /* that it does not pay decides nothing */
    etl_test_expect_effects(t, "position account_id=1 ticker=GOOG amount=2 timestamp=9",
                            "position account_id=1 ticker=CASH amount=-21 timestamp=9");
    exercise_one(t, "put", "short", 2);
    etl_test_expect_effects(t, "position account_id=1 ticker=GOOG amount=-2 timestamp=9",
                            "position account_id=1 ticker=CASH amount=21 timestamp=9");
    exercise_one(t, "put", "Long", 2);
    etl_test_expect_reject(t, "direction 'Long' is neither 'long' nor 'short'");
    return etl_test_destroy(t);
}

static int test_require_holding(void)
{
    struct etl_test *t = etl_test_create("require_holding=true");
    etl_test_expect_loaded(t);
    exercise_one(t, "call", "long", 2);
    etl_test_expect_reject(t, "exercises 2 of 'GOOG', but account 1 holds 0");
    exercise_one(t, "call", "long", 0);
    etl_test_expect(t, etl_test_result(t) == ETL_OK);
    etl_test_row(t, position, .account_id = 1, .ticker = ETL_STRING("GOOG"), .amount = etl_decimal_of(20, 1));
    exercise_one(t, "call", "short", 2);
    etl_test_expect(t, etl_test_result(t) == ETL_OK);
    exercise_one(t, "put", "short", 3);
    etl_test_expect_reject(t, "exercises 3 of 'GOOG', but account 1 holds 2");
    exercise_one(t, "put", "sideways", 1);
    etl_test_expect_reject(t, "direction 'sideways' is neither 'long' nor 'short'");
    return etl_test_destroy(t);
}

static int test_config(void)
{
    struct etl_test *t = etl_test_create("require_holding=1");
    etl_test_expect_load_error(t, "config 'require_holding' is not a bool");
    return etl_test_destroy(t);
}

int main(void)
{
    return test_payoffs() + test_require_holding() + test_config() != 0;
}
