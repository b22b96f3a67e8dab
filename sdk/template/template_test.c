/* SPDX-License-Identifier: MIT
 * The tests of the plugin to copy: see template.c, which is included so that its structs and functions are at hand. */
#include "template.c"

#include <etl_test.h>

#define VISIT(rest) "{\"event_type\":\"visit\",\"page\":\"/home\",\"at\":\"2024-01-02T03:04:05Z\"," rest "}"

/* Lines in, effects out. */
static int test_visits(void)
{
    struct etl_test *t = etl_test_create();
    etl_test_expect_loaded(t);
    etl_test_line(t, VISIT("\"seconds\":2.50,\"visitor\":{\"id\":7}"));
    etl_test_expect_effects(t, "page_visits page=/home seconds=2.5 longest=2.5 last_visit=2024-01-02T03:04:05Z");
    etl_test_line(t, VISIT("\"seconds\":2.50"));
    etl_test_expect_effects(t, "page_visits page=/home seconds=2.5 longest=2.5 last_visit=2024-01-02T03:04:05Z");
    etl_test_line(t, VISIT("\"visitor\":{\"id\":7}"));
    etl_test_expect_reject(t, "field 'seconds' is missing");
    etl_test_line(t, VISIT("\"seconds\":-1"));
    etl_test_expect_reject(t, "a visit of -1 seconds");
    return etl_test_destroy(t);
}

/* Each key of `config:`, and what it refuses. */
static int test_config(void)
{
    struct etl_test *t = etl_test_create("anonymous=false", "longest_seconds=10.5");
    etl_test_expect_loaded(t);
    etl_test_handle(t, "visit", &(struct visit){.page = ETL_STRING("/home"), .seconds = etl_decimal_of(105, 1)});
    etl_test_expect_nothing(t);
    etl_test_handle(t, "visit", &(struct visit){.page = ETL_STRING("/home"), .seconds = etl_decimal_of(106, 1)});
    etl_test_expect_reject(t, "a visit of 10.6 seconds");
    int failures = etl_test_destroy(t);

    t = etl_test_create("longest_seconds=0");
    etl_test_expect_load_error(t, "'longest_seconds' must be above 0");
    return failures + etl_test_destroy(t);
}

int main(void)
{
    return test_visits() + test_config() != 0;
}
