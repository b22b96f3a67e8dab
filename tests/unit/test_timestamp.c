/* SPDX-License-Identifier: MIT
 * Times of etl.h. */
#include "suite.h"

#include <etl.h>

#include <time.h>

#define REFUSED INT64_MIN + 1 /* one that no row below has */

static const struct { const char *text; int64_t ns; const char *printed; /* NULL: as it was read */ } times[] = {
    {"1970-01-01T00:00:00Z", 0, NULL},
    {"2024-01-02T03:04:05.5Z", 1704164645500000000, NULL},
    {"2024-01-02t03:04:05z", 1704164645000000000, "2024-01-02T03:04:05Z"},
    {"2024-01-02 03:04:05Z", 1704164645000000000, "2024-01-02T03:04:05Z"},
    {"2024-01-02T03:04:05.123456789Z", 1704164645123456789, NULL},
    {"2024-01-02T03:04:05.100000000Z", 1704164645100000000, "2024-01-02T03:04:05.1Z"},
    {"2024-01-02T03:04:05.000Z", 1704164645000000000, "2024-01-02T03:04:05Z"},
    {"2024-01-02T03:04:05+00:00", 1704164645000000000, "2024-01-02T03:04:05Z"},
    {"2024-01-02T03:04:05-00:00", 1704164645000000000, "2024-01-02T03:04:05Z"},
    {"2024-01-02T03:04:05+01:30", 1704159245000000000, "2024-01-02T01:34:05Z"},
    {"2024-01-01T23:34:05.25-23:59", 1704238385250000000, "2024-01-02T23:33:05.25Z"},
    {"1969-12-31T23:59:59.999999999Z", -1, NULL},
    {"1969-12-31T23:59:59Z", -1000000000, NULL},
    {"1969-12-31T00:00:00Z", -86400000000000, NULL},
    {"1900-03-01T00:00:00Z", -2203891200000000000, NULL},
    {"2000-02-29T12:00:00Z", 951825600000000000, NULL},
    {"1677-09-21T00:12:43.145224192Z", INT64_MIN, NULL},
    {"2262-04-11T23:47:16.854775807Z", INT64_MAX, NULL},
    {"2262-04-12T00:47:16.854775807+01:00", INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
    /* leap seconds are the second that follows */
    {"2016-12-31T23:59:60Z", 1483228800000000000, "2017-01-01T00:00:00Z"},
    {"2016-12-31T23:59:60.75Z", 1483228800750000000, "2017-01-01T00:00:00.75Z"},
    {"2017-01-01T05:29:60+05:30", 1483228800000000000, "2017-01-01T00:00:00Z"},
    {"2016-12-31T23:59:60+01:00", REFUSED, NULL},
    {"2016-12-31T23:58:60Z", REFUSED, NULL},
    {"2016-12-31T23:59:61Z", REFUSED, NULL},
    /* days that are none */
    {"2023-02-29T00:00:00Z", REFUSED, NULL}, {"1900-02-29T00:00:00Z", REFUSED, NULL}, {"2024-02-30T00:00:00Z", REFUSED, NULL},
    {"2024-04-31T00:00:00Z", REFUSED, NULL}, {"2024-00-01T00:00:00Z", REFUSED, NULL}, {"2024-13-01T00:00:00Z", REFUSED, NULL},
    {"2024-01-00T00:00:00Z", REFUSED, NULL}, {"2024-01-32T00:00:00Z", REFUSED, NULL},
    {"2024-01-02T24:00:00Z", REFUSED, NULL}, {"2024-01-02T03:60:05Z", REFUSED, NULL},
    {"2024-01-02T03:04:05+24:00", REFUSED, NULL},
    {"2024-01-02T03:04:05+01:60", REFUSED, NULL},
    /* out of range */
    {"1677-09-21T00:12:43.145224191Z", REFUSED, NULL}, {"2262-04-11T23:47:16.854775808Z", REFUSED, NULL},
    {"0000-01-01T00:00:00Z", REFUSED, NULL}, {"9999-12-31T23:59:59Z", REFUSED, NULL},
    /* not the form */
    {"", REFUSED, NULL}, {"2024-01-02", REFUSED, NULL}, {"2024-01-02T03:04:05", REFUSED, NULL},
    {"2024-01-02T03:04Z", REFUSED, NULL},
    {"2024-01-02T03:04:05.Z", REFUSED, NULL}, {"2024-01-02T03:04:05.1234567890Z", REFUSED, NULL},
    {"2024-01-02T03:04:05,5Z", REFUSED, NULL},
    {"2024-01-02T03:04:05.5", REFUSED, NULL}, {"2024-01-02T03:04:05+01", REFUSED, NULL},
    {"2024-01-02T03:04:05+0100", REFUSED, NULL},
    {"2024-01-02T03:04:05+1:00", REFUSED, NULL}, {"2024-01-02T03:04:05ZZ", REFUSED, NULL},
    {" 2024-01-02T03:04:05Z", REFUSED, NULL},
    {"2024-01-02T03:04:05Z ", REFUSED, NULL}, {"2024/01/02T03:04:05Z", REFUSED, NULL}, {"2024-1-02T03:04:05ZZ", REFUSED, NULL},
    {"20240102T030405Z0000", REFUSED, NULL}, {"-024-01-02T03:04:05Z", REFUSED, NULL}, {"+2024-01-02T03:04:05Z", REFUSED, NULL},
    {"2024-01-02T03:04: 5Z", REFUSED, NULL}, {"2024-01-02T03-04-05Z", REFUSED, NULL}, {"2024-01-02_03:04:05Z", REFUSED, NULL},
    {"2024-01-02T03:04:05+01:000", REFUSED, NULL}, {"2024-01-02T03:04:05+01:00Z", REFUSED, NULL},
    {"2024-01-02T03:04:05.-5Z", REFUSED, NULL}, {"2024-01-02T03:04:05.", REFUSED, NULL},
};

TEST_EACH(timestamp__reads_rfc_3339, times)
{
    const char *printed = times[_i].printed ? times[_i].printed : times[_i].text;
    etl_timestamp time = {REFUSED};
    size_t size = strlen(times[_i].text);
    char *text = malloc(size + 1); /* not terminated, so that a byte read too many is seen */
    memcpy(text + 1, times[_i].text, size);
    bool read = etl_timestamp_parse((etl_string){text + 1, size}, &time);
    free(text);
    ck_assert_msg(time.ns == times[_i].ns, "'%s': %" PRId64, times[_i].text, time.ns);
    ck_assert(read == (times[_i].ns != REFUSED));
    if (read) ck_assert_str_eq(etl_timestamp_text(time).text, printed);
}

/* Every third day of the range, against the C library's calendar. */
TEST(timestamp__knows_the_calendar)
{
    for (int64_t day = -106750; day <= 106750; day += 3) {
        time_t seconds = (time_t)day * 86400 + (day & 1 ? 86399 : 0);
        struct tm parts;
        char wanted[64];
        etl_timestamp time = {(int64_t)seconds * ETL_SECONDS}, back = {0};
        gmtime_r(&seconds, &parts);
        strftime(wanted, sizeof wanted, "%Y-%m-%dT%H:%M:%SZ", &parts);
        struct etl_timestamp_text text = etl_timestamp_text(time);
        ck_assert_str_eq(text.text, wanted);
        ck_assert(etl_timestamp_parse((etl_string){text.text, strlen(text.text)}, &back));
        ck_assert_int_eq(back.ns, time.ns);
    }
}

SUITE("timestamp");
