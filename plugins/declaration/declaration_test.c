/* SPDX-License-Identifier: MIT */
#include "declaration.c"

#include <etl_test.h>

int main(void)
{
    struct etl_test *t = etl_test_create();
    etl_test_expect_loaded(t);

    etl_test_line(t, "{\"event_type\":\"declaration\",\"account_id\":7,\"ticker\":\"GOOG\",\"amount\":\"12.50\","
                     "\"timestamp\":3}");
    etl_test_expect_effects(t, "position account_id=7 ticker=GOOG amount=12.5 timestamp=3");

    etl_test_handle(t, "declaration", &(struct declaration){.account_id = 1, .ticker = ETL_STRING("CASH"),
                                                            .amount = etl_decimal_of(-100, 0)});
    etl_test_expect_effects(t, "position account_id=1 ticker=CASH amount=-100 timestamp=0");

    etl_test_line(t, "{\"event_type\":\"declaration\",\"ticker\":\"GOOG\",\"account_id\":7,\"timestamp\":3}");
    etl_test_expect_reject(t, "field 'amount' is missing");
    return etl_test_destroy(t) != 0;
}
