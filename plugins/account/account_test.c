/* SPDX-License-Identifier: MIT */
#include "account.c"

#include <etl_test.h>

int main(void)
{
    struct etl_test *t = etl_test_create();
    etl_test_expect_loaded(t);

    etl_test_line(t, "{\"event_type\":\"open\",\"account_id\":7,\"timestamp\":3}");
    etl_test_expect_effects(t, "account_state account_id=7 state_variable=status new_state=open");
    etl_test_line(t, "{\"event_type\":\"freeze\",\"account_id\":7,\"timestamp\":4}");
    etl_test_expect_effects(t, "account_state account_id=7 state_variable=status new_state=frozen");
    etl_test_line(t, "{\"event_type\":\"close\",\"account_id\":-7,\"timestamp\":5}");
    etl_test_expect_effects(t, "account_state account_id=-7 state_variable=status new_state=closed");
    return etl_test_destroy(t) != 0;
}
