/* SPDX-License-Identifier: MIT */
#include "base/memory.h"
#include "loglines.h"
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- every kind: one field that must be there, one that may be */

#define KINDS(row) \
    row(string, etl_string) row(int64, int64_t) row(double, double) row(bool, bool) row(decimal, etl_decimal) \
    row(time, etl_timestamp) row(json, etl_json)

#define DECLARE(kind, type) \
    struct a_##kind { int before; type v, w; bool has_w; int after; }; \
    ETL_EVENT(a_##kind, ETL_FIELD(a_##kind, v), ETL_OPTIONAL(a_##kind, w, has_w));
KINDS(DECLARE)

/* A time by its unit. */
struct a_unit { etl_timestamp ms, us, ns; };
ETL_EVENT(a_unit, ETL_TIMESTAMP_AT(a_unit, ms, "ms", ETL_MILLISECONDS), ETL_TIMESTAMP_AT(a_unit, us, "us", ETL_MICROSECONDS),
          ETL_TIMESTAMP_AT(a_unit, ns, "ns", ETL_NANOSECONDS));

static struct schema *schema;
static struct decoder *decoder;

static void begin(void)
{
    struct error error;
    ck_assert_ptr_nonnull(schema = schema_create("type", &error));
}

static size_t add(const char *type, const struct etl_event *event)
{
    struct error error;
    size_t offset = 0;
    ck_assert_msg(schema_add_struct(schema, schema_event_type(schema, type), event, &offset, &error), "%s", error.text);
    return offset;
}

static void finish(void)
{
    decoder_destroy(decoder);
    schema_destroy(schema);
    decoder = NULL;
    schema = NULL;
}

static enum verdict decode(const char *line)
{
    unsigned type;
    return loglines_decode(decoder, line, strlen(line), &type);
}

static void expect(const char *line, enum verdict verdict, const char *reason)
{
    enum verdict found = decode(line);
    ck_assert_msg(found == verdict, "%s: %s (%s)", line, verdict_name(found), decoder_reason(decoder));
    if (reason) ck_assert_str_eq(decoder_reason(decoder), reason);
}

/* What stands at `value`, for people. */
static const char *shown(const char *kind, const void *value, char text[256])
{
    if (!strcmp(kind, "string") || !strcmp(kind, "json")) {
        const etl_string *s = value;
        snprintf(text, 256, "%.*s", (int)s->size, s->data ? s->data : "");
    } else if (!strcmp(kind, "int64")) snprintf(text, 256, "%" PRId64, *(const int64_t *)value);
    else if (!strcmp(kind, "double")) snprintf(text, 256, "%.17g", *(const double *)value);
    else if (!strcmp(kind, "bool")) snprintf(text, 256, "%s", *(const bool *)value ? "true" : "false");
    else if (!strcmp(kind, "decimal")) snprintf(text, 256, "%s", etl_decimal_text(*(const etl_decimal *)value).text);
    else snprintf(text, 256, "%" PRId64, ((const etl_timestamp *)value)->ns);
    return text;
}

#define TEN "1234567890"
static const struct {
    const char *kind, *json;
    const char *value;  /* what is decoded */
    const char *reason; /* or why it is not: "field 'v' ..." */
} values[] = {
    {"string", "\"\"", "", NULL},
    {"string", "\"GOOG\"", "GOOG", NULL},
    {"string", "\"0123456789012345\"", "0123456789012345", NULL},
    {"string", "\"a\\\"\\\\\\/\\b\\f\\n\\r\\tz\"", "a\"\\/\b\f\n\r\tz", NULL},
    {"string", "\"\\u0041\\u00e9\\u20AC\\uD83D\\uDE00\"", "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", NULL},
    {"string", "\"\xC3\xA9\xF0\x9F\x98\x80\"", "\xC3\xA9\xF0\x9F\x98\x80", NULL},
    {"string", "1", NULL, "is a number, not a string"},
    {"string", "true", NULL, "is a boolean, not a string"},
    {"string", "[\"a\"]", NULL, "is an array, not a string"},
    {"string", "{}", NULL, "is an object, not a string"},
    {"string", "null", NULL, "is null"},

    {"int64", "0", "0", NULL},
    {"int64", "-0", "0", NULL},
    {"int64", "7", "7", NULL},
    {"int64", "-7", "-7", NULL},
    {"int64", "999999999999999999", "999999999999999999", NULL},
    {"int64", "1600000000123456789", "1600000000123456789", NULL},
    {"int64", "9223372036854775807", "9223372036854775807", NULL},
    {"int64", "-9223372036854775807", "-9223372036854775807", NULL},
    {"int64", "-9223372036854775808", "-9223372036854775808", NULL},
    {"int64", "9223372036854775808", NULL, "is not an integer of 64 bits"},
    {"int64", "-9223372036854775809", NULL, "is not an integer of 64 bits"},
    {"int64", "9999999999999999999", NULL, "is not an integer of 64 bits"},
    {"int64", "18446744073709551616", NULL, "is not an integer of 64 bits"},
    {"int64", "18446744073709551617", NULL, "is not an integer of 64 bits"},
    {"int64", "1" TEN TEN TEN TEN, NULL, "is not an integer of 64 bits"},
    {"int64", "2.0", "2", NULL},
    {"int64", "-2.000", "-2", NULL},
    {"int64", "2e3", "2000", NULL},
    {"int64", "2E+3", "2000", NULL},
    {"int64", "20e-1", "2", NULL},
    {"int64", "1.5e1", "15", NULL},
    {"int64", "0.0", "0", NULL},
    {"int64", "0e99999999999", "0", NULL},
    {"int64", "-0.0e-99999999999999999999999", "0", NULL},
    {"int64", "9.223372036854775807e18", "9223372036854775807", NULL},
    {"int64", "9223372036854775807000e-3", "9223372036854775807", NULL},
    {"int64", "2.0000000000000000000000000000000000000000000000000000000", "2", NULL},
    {"int64", "2.0000000000000000000000000000000000000000000000000000001", NULL, "is not an integer of 64 bits"},
    {"int64", "2.5", NULL, "is not an integer of 64 bits"},
    {"int64", "1e-1", NULL, "is not an integer of 64 bits"},
    {"int64", "1e19", NULL, "is not an integer of 64 bits"},
    {"int64", "1e999999999999", NULL, "is not an integer of 64 bits"},
    {"int64", "1e-999999999999", NULL, "is not an integer of 64 bits"},
    {"int64", "1e99999999999999999999999999999999999999", NULL, "is not an integer of 64 bits"},
    {"int64", "\"7\"", NULL, "is a string, not an integer"},
    {"int64", "true", NULL, "is a boolean, not an integer"},
    {"int64", "null", NULL, "is null"},

    {"double", "0", "0", NULL},
    {"double", "-0", "-0", NULL},
    {"double", "-0.0", "-0", NULL},
    {"double", "1.5", "1.5", NULL},
    {"double", "-2", "-2", NULL},
    {"double", "0.1", "0.10000000000000001", NULL},
    {"double", "610.25", "610.25", NULL},
    {"double", "9007199254740993", "9007199254740992", NULL},
    {"double", "9007199254740993.0000000000000000000000000001", "9007199254740994", NULL},
    {"double", "1e22", "1e+22", NULL},
    {"double", "1e23", "9.9999999999999992e+22", NULL},
    {"double", "1.7976931348623157e308", "1.7976931348623157e+308", NULL},
    {"double", "1.7976931348623159e308", NULL, "is out of the range of a double"},
    {"double", "1e309", NULL, "is out of the range of a double"},
    {"double", "-1e999999999999", NULL, "is out of the range of a double"},
    {"double", "1e-400", "0", NULL},
    {"double", "1e-999999999999", "0", NULL},
    {"double", "0e999999999999", "0", NULL},
    {"double", "4.9e-324", "4.9406564584124654e-324", NULL},
    {"double", "2.2250738585072011e-308", "2.2250738585072009e-308", NULL},
    {"double", "123456789012345678901234567890", "1.2345678901234568e+29", NULL},
    {"double", "\"1.5\"", NULL, "is a string, not a number"},
    {"double", "[1.5]", NULL, "is an array, not a number"},
    {"double", "null", NULL, "is null"},

    {"bool", "true", "true", NULL},
    {"bool", "false", "false", NULL},
    {"bool", "1", NULL, "is a number, not a boolean"},
    {"bool", "\"true\"", NULL, "is a string, not a boolean"},
    {"bool", "null", NULL, "is null"},

    {"decimal", "0", "0", NULL},
    {"decimal", "-0", "0", NULL},
    {"decimal", "584.06", "584.06", NULL},
    {"decimal", "-1.50", "-1.5", NULL},
    {"decimal", "\"584.06\"", "584.06", NULL},
    {"decimal", "\"-1.50\"", "-1.5", NULL},
    {"decimal", "\"1e3\"", "1000", NULL},
    {"decimal", "\"\\u0031\\u002e5\"", "1.5", NULL},
    {"decimal", "9223372036854775807", "9223372036854775807", NULL},
    {"decimal", "9223372036854775808", "9223372036854775808", NULL},
    {"decimal", "1.5e3", "1500", NULL},
    {"decimal", "15e-1", "1.5", NULL},
    {"decimal", "99999999999999999999999999999999999999", "99999999999999999999999999999999999999", NULL},
    {"decimal", "-99999999999999999999999999999999999999", "-99999999999999999999999999999999999999", NULL},
    {"decimal", "0.00000000000000000000000000000000000001", "0.00000000000000000000000000000000000001", NULL},
    {"decimal", "1.00000000000000000000000000000000000000000000000000", "1", NULL},
    {"decimal", "10000000000000000000000000000000000000e-37", "1", NULL},
    {"decimal", "1e37", "10000000000000000000000000000000000000", NULL},
    {"decimal", "0e999999999999", "0", NULL},
    {"decimal", "100000000000000000000000000000000000000", NULL, "is 10^38 or more, beyond the 38 digits of a decimal"},
    {"decimal", "1e38", NULL, "is 10^38 or more, beyond the 38 digits of a decimal"},
    {"decimal", "-0.1e39", NULL, "is 10^38 or more, beyond the 38 digits of a decimal"},
    {"decimal", "1e37", "10000000000000000000000000000000000000", NULL},
    {"decimal", "0.1e38", "10000000000000000000000000000000000000", NULL},
    {"decimal", "100000000000000000000000000000000000000e-1", "10000000000000000000000000000000000000", NULL},
    {"decimal", "0.000000000000000000000000000000000000001", NULL, "has more than 38 digits after the point"},
    {"decimal", "1e-39", NULL, "has more than 38 digits after the point"},
    {"decimal", "10e-39", "0.00000000000000000000000000000000000001", NULL},
    {"decimal", "1.00000000000000000000000000000000000001", NULL, "has more than 38 digits"},
    {"decimal", "1e999999999999", NULL, "is 10^38 or more, beyond the 38 digits of a decimal"},
    {"decimal", "1e-999999999999", NULL, "has more than 38 digits after the point"},
    {"decimal", "\"\"", NULL, "is neither a number nor text that is one, of at most 38 digits"},
    {"decimal", "\" 1\"", NULL, "is neither a number nor text that is one, of at most 38 digits"},
    {"decimal", "\"1 \"", NULL, "is neither a number nor text that is one, of at most 38 digits"},
    {"decimal", "\"+1\"", NULL, "is neither a number nor text that is one, of at most 38 digits"},
    {"decimal", "\"01\"", NULL, "is neither a number nor text that is one, of at most 38 digits"},
    {"decimal", "\"1.\"", NULL, "is neither a number nor text that is one, of at most 38 digits"},
    {"decimal", "\"-\"", NULL, "is neither a number nor text that is one, of at most 38 digits"},
    {"decimal", "\"1\\u0000\"", NULL, "is neither a number nor text that is one, of at most 38 digits"},
    {"decimal", "\"1,5\"", NULL, "is neither a number nor text that is one, of at most 38 digits"},
    {"decimal", "\"NaN\"", NULL, "is neither a number nor text that is one, of at most 38 digits"},
    {"decimal", "\"1e38\"", NULL, "is neither a number nor text that is one, of at most 38 digits"},
    {"decimal", "true", NULL, "is a boolean, not a decimal"},
    {"decimal", "{}", NULL, "is an object, not a decimal"},
    {"decimal", "null", NULL, "is null"},

    {"time", "0", "0", NULL},
    {"time", "1", "1000000000", NULL},
    {"time", "-1", "-1000000000", NULL},
    {"time", "1600000000", "1600000000000000000", NULL},
    {"time", "1.6e9", "1600000000000000000", NULL},
    {"time", "1600000000.0", "1600000000000000000", NULL},
    {"time", "9223372036", "9223372036000000000", NULL},
    {"time", "9223372037", NULL, "is not a time from 1677 to 2262"},
    {"time", "-9223372037", NULL, "is not a time from 1677 to 2262"},
    {"time", "9223372036854775807", NULL, "is not a time from 1677 to 2262"},
    {"time", "1e99999999999", NULL, "is not an integer of 64 bits"},
    {"time", "1.5", NULL, "is not an integer of 64 bits"},
    {"time", "\"1970-01-01T00:00:00Z\"", "0", NULL},
    {"time", "\"2020-09-13T12:26:40Z\"", "1600000000000000000", NULL},
    {"time", "\"2020-09-13T14:26:40.123456789+02:00\"", "1600000000123456789", NULL},
    {"time", "\"2020-09-13T12:26:40.5\\u005a\"", "1600000000500000000", NULL},
    {"time", "\"1600000000\"", NULL, "is not a time of RFC 3339, from 1677 to 2262, of at most nine fraction digits"},
    {"time", "\"2020-02-30T00:00:00Z\"", NULL, "is not a time of RFC 3339, from 1677 to 2262, of at most nine fraction digits"},
    {"time", "\"2020-09-13T12:26:40.1234567890Z\"", NULL,
     "is not a time of RFC 3339, from 1677 to 2262, of at most nine fraction digits"},
    {"time", "\"3000-01-01T00:00:00Z\"", NULL, "is not a time of RFC 3339, from 1677 to 2262, of at most nine fraction digits"},
    {"time", "\"\"", NULL, "is not a time of RFC 3339, from 1677 to 2262, of at most nine fraction digits"},
    {"time", "false", NULL, "is a boolean, not a time"},
    {"time", "null", NULL, "is null"},

    {"json", "1.50e1", "1.50e1", NULL},
    {"json", "true", "true", NULL},
    {"json", "\"a\\u0062\"", "\"a\\u0062\"", NULL},
    {"json", "[ 1, {\"a\" : null} ]", "[ 1, {\"a\" : null} ]", NULL},
    {"json", "{\"v\":1,\"v\":2}", "{\"v\":1,\"v\":2}", NULL},
    {"json", "null", NULL, "is null"},
};

static void setup_kinds(void)
{
    begin();
#define ADD(kind, type) add(#kind, &a_##kind);
    KINDS(ADD)
    add("unit", &a_unit);
    decoder = decoder_create(schema);
}

/* Where the struct of a kind, and a member of it, stand. */
static const char *member(const char *kind, bool optional, bool *has)
{
    const char *frame = decoder_frame(decoder);
#define FIND(name, type) \
    if (!strcmp(kind, #name)) { \
        const struct a_##name *s = (const void *)(frame + add(kind, &a_##name)); \
        ck_assert_int_eq(s->before, 0); \
        ck_assert_int_eq(s->after, 0); \
        *has = s->has_w; \
        return (const char *)(optional ? &s->w : &s->v); \
    }
    KINDS(FIND)
    return NULL;
}

static const char *some_value(const char *kind)
{
    return !strcmp(kind, "string") ? "\"x\"" : !strcmp(kind, "bool") ? "true" : "5";
}

FIXTURE(setup_kinds, finish);

TEST_EACH(decode_fields__converts_every_kind, values)
{
    char line[512], text[256], reason[256];
    const char *kind = values[_i].kind;
    bool has;
    snprintf(line, sizeof line, "{\"type\":\"%s\",\"v\":%s}", kind, values[_i].json);
    snprintf(reason, sizeof reason, "field 'v' %s", values[_i].reason ? values[_i].reason : "");
    expect(line, values[_i].reason ? VERDICT_INVALID : VERDICT_EVENT, values[_i].reason ? reason : NULL);
    if (values[_i].reason) return;
    ck_assert_str_eq(shown(kind, member(kind, false, &has), text), values[_i].value);
    ck_assert(!has);
}

TEST_EACH(decode_fields__optional_ones_convert_alike, values)
{
    char line[512], text[256], reason[256];
    const char *kind = values[_i].kind;
    bool has, null = !strcmp(values[_i].json, "null");
    snprintf(line, sizeof line, "{ \"w\" : %s , \"v\":%s, \"type\":\"%s\"}", values[_i].json, some_value(kind), kind);
    snprintf(reason, sizeof reason, "field 'w' %s", values[_i].reason ? values[_i].reason : "");
    expect(line, values[_i].reason && !null ? VERDICT_INVALID : VERDICT_EVENT, values[_i].reason && !null ? reason : NULL);
    if (values[_i].reason && !null) return;
    ck_assert_str_eq(shown(kind, member(kind, true, &has), text),
                     null ? shown(kind, &(etl_decimal){0}, reason) : values[_i].value);
    ck_assert_int_eq(has, !null);
}

/* A value of the line before does not shine through. */
TEST_EACH(decode_fields__absent_is_zero, values)
{
    char line[512];
    const char *kind = values[_i].kind;
    bool has;
    if (values[_i].reason) return;
    snprintf(line, sizeof line, "{\"type\":\"%s\",\"v\":%s,\"w\":%s}", kind, values[_i].json, values[_i].json);
    expect(line, VERDICT_EVENT, NULL);
    for (int null = 0; null < 2; null++) {
        snprintf(line, sizeof line, "{\"type\":\"%s\",\"v\":%s%s}", kind, values[_i].json, null ? ",\"w\":null" : "");
        expect(line, VERDICT_EVENT, NULL);
        const char *w = member(kind, true, &has);
        ck_assert(!has);
        for (size_t i = 0; i < (strcmp(kind, "bool") ? 8 : 1); i++) ck_assert_int_eq(w[i], 0);
        expect(line, VERDICT_EVENT, NULL);
    }
}

TEST(decode_fields__times_count_in_their_unit)
{
    const struct a_unit *u = (const void *)((char *)decoder_frame(decoder) + add("unit", &a_unit));
    expect("{\"type\":\"unit\",\"ms\":1600000000123,\"us\":-5,\"ns\":9223372036854775807}", VERDICT_EVENT, NULL);
    ck_assert_int_eq(u->ms.ns, 1600000000123000000);
    ck_assert_int_eq(u->us.ns, -5000);
    ck_assert_int_eq(u->ns.ns, INT64_MAX);
    expect("{\"type\":\"unit\",\"ms\":1.6e12,\"us\":1.0,\"ns\":\"1970-01-01T00:00:01Z\"}", VERDICT_EVENT, NULL);
    ck_assert_int_eq(u->ms.ns, 1600000000000000000);
    ck_assert_int_eq(u->us.ns, 1000);
    ck_assert_int_eq(u->ns.ns, 1000000000);
    expect("{\"type\":\"unit\",\"ms\":9223372036855,\"us\":1,\"ns\":1}", VERDICT_INVALID,
           "field 'ms' is not a time from 1677 to 2262");
}

/* A number or nearly one, of few or many digits. */
static void random_number(char *to)
{
    uint64_t bits = loglines_random();
    if (bits & 1) *to++ = '-';
    unsigned whole = (unsigned)(bits >> 8) % ((bits & 6) ? 8 : 45) + 1;
    unsigned fraction = (unsigned)(bits >> 16) % ((bits & 24) ? 7 : 45);
    for (unsigned i = 0; i < whole; i++) *to++ = (char)('0' + loglines_random() % 10);
    if (to[-(long)whole] == '0' && whole > 1) to[-(long)whole] = '7';
    if (bits & 32) *to++ = '.', *to++ = (char)('0' + loglines_random() % 10);
    for (unsigned i = 0; bits & 32 && i < fraction; i++) *to++ = (char)(bits & 128 ? '0' : '0' + loglines_random() % 10);
    *to = 0;
    if ((bits >> 60) < 3) sprintf(to, "e%d", (int)(loglines_random() % 60) - 30);
}

TEST(decode_fields__short_and_long_ways_agree)
{
    char number[128], line[256];
    bool has;
    for (unsigned round = 0; round < 10000; round++) {
        random_number(number);
        etl_json json = {number, strlen(number)};
        int64_t i = 0;
        double d = 0;
        etl_decimal x = {0};
        etl_timestamp t = {0};
        const struct {
            const char *kind;
            bool good;
            const void *value;
        } ways[] = {{"int64", etl_json_int64(json, &i), &i},
                    {"double", etl_json_double(json, &d), &d},
                    {"decimal", etl_json_decimal(json, &x), &x},
                    {"time", etl_json_timestamp(json, ETL_SECONDS, &t), &t}};
        for (size_t k = 0; k < 4; k++)
            for (int quoted = 0; quoted <= (k == 2); quoted++) {
                const char *quote = quoted ? "\"" : "";
                char found[256], expected[256];
                snprintf(line, sizeof line, "{\"v\":%s%s%s,\"type\":\"%s\"}", quote, number, quote, ways[k].kind);
                ck_assert_msg(decode(line) == (ways[k].good ? VERDICT_EVENT : VERDICT_INVALID), "%s", line);
                if (!ways[k].good) continue;
                shown(ways[k].kind, member(ways[k].kind, false, &has), found);
                ck_assert_msg(!strcmp(found, shown(ways[k].kind, ways[k].value, expected)), "%s: %s, %s", line, found,
                              expected);
                if (k == 1) ck_assert_msg(memcmp(member("double", false, &has), &d, sizeof d) == 0, "%s", line);
                if (k == 1) ck_assert_double_eq(d, strtod(number, NULL));
            }
    }
}

/* ---- paths */

struct pull { int64_t id; etl_string login, weird, deep; etl_json actor; int64_t count; bool has_login, has_deep, has_count; };
ETL_EVENT(pull, ETL_FIELD_AT(pull, id, "actor.id"), ETL_OPTIONAL_AT(pull, login, has_login, "actor.login"),
          ETL_FIELD_AT(pull, weird, "a\\.b.c\\\\d"), ETL_OPTIONAL_AT(pull, deep, has_deep, "x.y.z"),
          ETL_FIELD_AT(pull, actor, "actor"), ETL_OPTIONAL(pull, count, has_count));

static const struct pull *pulled;

static void setup_paths(void)
{
    begin();
    size_t offset = add("pull", &pull);
    decoder = decoder_create(schema);
    pulled = (const void *)((char *)decoder_frame(decoder) + offset);
}

#define WEIRD "\"a.b\":{\"c\\\\d\":\"odd\"}"
static const struct {
    const char *line;
    const char *reason; /* NULL: it is an event */
} paths[] = {
    {"{\"type\":\"pull\",\"actor\":{\"id\":7}," WEIRD "}", NULL},
    {"{\"actor\":{\"login\":\"max\",\"x\":{\"id\":8},\"id\":7}," WEIRD ",\"id\":9,\"type\":\"pull\"}", NULL},
    {"{\"\\u0061ctor\":{\"\\u0069d\":7},\"a\\u002eb\":{\"c\\u005Cd\":\"odd\"},\"type\":\"pull\"}", NULL},
    {"{\"type\":\"pull\",\"actor\":{\"id\":7},\"x\":{}," WEIRD "}", NULL},
    {"{\"type\":\"pull\",\"actor\":{\"id\":7},\"x\":null," WEIRD "}", NULL},
    {"{\"type\":\"pull\",\"actor\":{\"id\":7},\"x\":{\"y\":null}," WEIRD "}", NULL},
    {"{\"type\":\"pull\",\"actor\":{\"id\":7},\"x\":{\"y\":{\"z\":null}}," WEIRD "}", NULL},
    {"{\"type\":\"pull\",\"actor\":{\"id\":7},\"x\":{\"y\":{\"u\":1},\"z\":2}," WEIRD "}", NULL},
    {"{\"type\":\"pull\",\"actor\":{\"id\":7,\"a\":1,\"a\":2},\"u\":1,\"u\":2," WEIRD "}", NULL},
    /* missing */
    {"{\"type\":\"pull\"}", "field 'actor.id' is missing"},
    {"{\"type\":\"pull\",\"actor.id\":7}", "field 'actor.id' is missing"},
    {"{\"type\":\"pull\",\"id\":7}", "field 'actor.id' is missing"},
    {"{\"type\":\"pull\",\"actor\":{}}", "field 'actor.id' is missing"},
    {"{\"type\":\"pull\",\"actor\":null}", "field 'actor.id' is missing"},
    {"{\"type\":\"pull\",\"actor\":{\"id\":null}}", "field 'actor.id' is null"},
    {"{\"type\":\"pull\",\"actor\":{\"actor\":{\"id\":7}}}", "field 'actor.id' is missing"},
    {"{\"type\":\"pull\",\"u\":{\"actor\":{\"id\":7}}}", "field 'actor.id' is missing"},
    {"{\"type\":\"pull\",\"actor\":{\"id\":7},\"a\":{\"b\":{\"c\\\\d\":\"odd\"}}}", "field 'a\\.b.c\\\\d' is missing"},
    /* of another kind */
    {"{\"type\":\"pull\",\"actor\":7}", "field 'actor.id' is missing: 'actor' is a number, not an object"},
    {"{\"type\":\"pull\",\"actor\":[{\"id\":7}]}", "field 'actor.id' is missing: 'actor' is an array, not an object"},
    {"{\"type\":\"pull\",\"actor\":\"\"}", "field 'actor.id' is missing: 'actor' is a string, not an object"},
    {"{\"type\":\"pull\",\"actor\":{\"id\":\"7\"}}", "field 'actor.id' is a string, not an integer"},
    {"{\"type\":\"pull\",\"actor\":{\"id\":{}}}", "field 'actor.id' is an object, not an integer"},
    {"{\"type\":\"pull\",\"actor\":{\"id\":7},\"x\":1," WEIRD "}", "field 'x.y.z' is missing: 'x' is a number, not an object"},
    {"{\"type\":\"pull\",\"actor\":{\"id\":7},\"x\":{\"y\":true}," WEIRD "}",
     "field 'x.y.z' is missing: 'x.y' is a boolean, not an object"},
    {"{\"type\":\"pull\",\"actor\":{\"id\":7},\"x\":{\"y\":{\"z\":1}}," WEIRD "}", "field 'x.y.z' is a number, not a string"},
    /* repeated */
    {"{\"type\":\"pull\",\"actor\":{\"id\":7,\"id\":7}}", "field 'actor.id' is repeated"},
    {"{\"type\":\"pull\",\"actor\":{\"id\":7,\"\\u0069d\":7}}", "field 'actor.id' is repeated"},
    {"{\"type\":\"pull\",\"actor\":{\"id\":7,\"id\":7,\"id\":7}}", "field 'actor.id' is repeated"},
    {"{\"type\":\"pull\",\"actor\":{\"id\":7},\"actor\":{}}", "field 'actor.id' is repeated"},
    {"{\"type\":\"pull\",\"actor\":{},\"actor\":{\"id\":7}}", "field 'actor.id' is repeated"},
    {"{\"type\":\"pull\",\"actor\":null,\"actor\":{\"id\":7}}", "field 'actor.id' is repeated"},
    {"{\"type\":\"pull\",\"actor\":1,\"actor\":1}", "field 'actor.id' is repeated"},
    {"{\"type\":\"pull\",\"actor\":{\"id\":7},\"x\":{},\"x\":{}," WEIRD "}", "field 'x.y.z' is repeated"},
    {"{\"type\":\"pull\",\"actor\":{\"id\":7},\"x\":null,\"x\":null," WEIRD "}", "field 'x.y.z' is repeated"},
    {"{\"type\":\"pull\",\"actor\":{\"id\":7},\"x\":{\"y\":{},\"y\":null}," WEIRD "}", "field 'x.y.z' is repeated"},
    {"{\"type\":\"pull\",\"actor\":{\"id\":7}," WEIRD ",\"count\":1,\"count\":1}", "field 'count' is repeated"},
    {"{\"type\":\"pull\",\"actor\":{\"id\":7}," WEIRD ",\"count\":null,\"count\":null}", "field 'count' is repeated"},
    /* the first that is declared, not the first that is met */
    {"{\"count\":true,\"x\":1,\"type\":\"pull\",\"actor\":{\"login\":1,\"id\":7}," WEIRD "}",
     "field 'actor.login' is a number, not a string"},
    {"{\"count\":true,\"count\":false,\"type\":\"pull\",\"actor\":{\"login\":1}," WEIRD "}", "field 'actor.id' is missing"},
};

FIXTURE(setup_paths, finish);

TEST_EACH(decode_fields__follows_paths, paths)
{
    expect(paths[_i].line, paths[_i].reason ? VERDICT_INVALID : VERDICT_EVENT, paths[_i].reason);
    if (paths[_i].reason) return;
    ck_assert_int_eq(pulled->id, 7);
    ck_assert(etl_string_is(pulled->weird, "odd"));
    ck_assert_int_eq(pulled->actor.data[0], '{');
    ck_assert_int_eq(pulled->actor.data[pulled->actor.size - 1], '}');
    ck_assert(!pulled->has_deep && !pulled->deep.data && !pulled->deep.size);
    ck_assert_int_eq(pulled->has_login, strstr(paths[_i].line, "login") != NULL);
    ck_assert(etl_string_is(pulled->login, pulled->has_login ? "max" : ""));
}

TEST(decode_fields__a_path_may_lead_through_a_wanted_value)
{
    expect("{\"actor\": { \"id\" : 7 , \"o\":[1] } ," WEIRD ",\"type\":\"pull\"}", VERDICT_EVENT, NULL);
    ck_assert_int_eq(pulled->id, 7);
    ck_assert(etl_string_equal((etl_string){pulled->actor.data, pulled->actor.size}, ETL_STRING("{ \"id\" : 7 , \"o\":[1] }")));
}

/* ---- the event type */

struct typed { etl_string kind; int64_t n; etl_string again; bool has_again; };
ETL_EVENT(typed, ETL_EVENT_TYPE(typed, kind), ETL_FIELD(typed, n), ETL_OPTIONAL_AT(typed, again, has_again, "meta.type"));

static const struct {
    const char *line;
    enum verdict verdict;
    const char *reason;
} nested_types[] = {
    {"{\"meta\":{\"type\":\"t\"},\"n\":1}", VERDICT_EVENT, NULL},
    {"{\"n\":1,\"meta\":{\"x\":[{\"type\":\"u\"}],\"type\":\"\\u0074\"}}", VERDICT_EVENT, NULL},
    {"{\"type\":\"u\",\"meta\":{\"type\":\"t\"},\"n\":1}", VERDICT_EVENT, NULL},
    {"{\"meta\":{\"type\":\"u\"},\"n\":1}", VERDICT_UNHANDLED, "no handler for event type 'u'"},
    {"{\"meta\":{\"type\":\"t\"},\"n\":true}", VERDICT_INVALID, "field 'n' is a boolean, not an integer"},
    {"{\"type\":\"t\",\"n\":1}", VERDICT_MALFORMED, "no event type: 'meta.type' is missing"},
    {"{\"meta.type\":\"t\",\"n\":1}", VERDICT_MALFORMED, "no event type: 'meta.type' is missing"},
    {"{\"meta\":null,\"n\":1}", VERDICT_MALFORMED, "no event type: 'meta.type' is missing"},
    {"{\"meta\":\"t\",\"n\":1}", VERDICT_MALFORMED, "no event type: 'meta.type' is missing: 'meta' is a string, not an object"},
    {"{\"meta\":[{\"type\":\"t\"}],\"n\":1}", VERDICT_MALFORMED,
     "no event type: 'meta.type' is missing: 'meta' is an array, not an object"},
    {"{\"meta\":{\"type\":\"t\",\"type\":\"t\"},\"n\":1}", VERDICT_MALFORMED, "two event types: 'meta.type' is repeated"},
    {"{\"meta\":{\"type\":\"t\"},\"meta\":{},\"n\":1}", VERDICT_MALFORMED, "two event types: 'meta.type' is repeated"},
    {"{\"meta\":{\"type\":\"t\"},\"m\\u0065ta\":1,\"n\":1}", VERDICT_MALFORMED, "two event types: 'meta.type' is repeated"},
    {"{\"meta\":{\"type\":1},\"n\":1}", VERDICT_MALFORMED, "no event type: 'meta.type' is a number, not a string"},
};

FIXTURE(NULL, NULL);

TEST_EACH(decode_fields__event_type_may_be_nested, nested_types)
{
    struct error error;
    schema = schema_create("meta.type", &error);
    size_t offset = add("t", &typed);
    decoder = decoder_create(schema);
    const struct typed *t = (const void *)((char *)decoder_frame(decoder) + offset);
    expect(nested_types[_i].line, nested_types[_i].verdict, nested_types[_i].reason);
    if (nested_types[_i].verdict == VERDICT_EVENT) {
        ck_assert(etl_string_is(t->kind, "t") && etl_string_is(t->again, "t") && t->has_again);
        ck_assert_int_eq(t->n, 1);
    }
    if (nested_types[_i].verdict != VERDICT_MALFORMED)
        ck_assert(etl_string_is(decoder_event_type(decoder), nested_types[_i].verdict == VERDICT_UNHANDLED ? "u" : "t"));
    else ck_assert_uint_eq(decoder_event_type(decoder).size, 0);
    finish();
}

/* ---- several structs and types */

struct first { etl_decimal amount; etl_string id; };
ETL_EVENT(first, ETL_FIELD(first, amount), ETL_FIELD(first, id));
struct second { etl_string amount; etl_string id; etl_json raw; bool has_raw; };
ETL_EVENT(second, ETL_FIELD(second, id), ETL_FIELD(second, amount), ETL_OPTIONAL_AT(second, raw, has_raw, "id"));

TEST(decode_fields__several_structs_read_one_field)
{
    begin();
    size_t a = add("t", &first), b = add("t", &second), c = add("u", &first);
    decoder = decoder_create(schema);
    const char *frame = decoder_frame(decoder);
    const struct first *f = (const void *)(frame + a), *g = (const void *)(frame + c);
    const struct second *s = (const void *)(frame + b);
    expect("{\"type\":\"t\",\"amount\":\"1.5\",\"id\":\"\\u0041\"}", VERDICT_EVENT, NULL);
    ck_assert_str_eq(etl_decimal_text(f->amount).text, "1.5");
    ck_assert(etl_string_is(f->id, "A") && etl_string_is(s->id, "A") && etl_string_is(s->amount, "1.5"));
    ck_assert(s->has_raw && etl_string_is((etl_string){s->raw.data, s->raw.size}, "\"\\u0041\""));
    ck_assert(!g->id.data && etl_decimal_is_zero(g->amount));
    expect("{\"type\":\"t\",\"amount\":1.5,\"id\":\"A\"}", VERDICT_INVALID, "field 'amount' is a number, not a string");
    expect("{\"type\":\"u\",\"amount\":2.5,\"id\":\"B\"}", VERDICT_EVENT, NULL);
    ck_assert_str_eq(etl_decimal_text(g->amount).text, "2.5");
    expect("{\"type\":\"u\",\"amount\":[],\"id\":1}", VERDICT_INVALID, "field 'amount' is an array, not a decimal");
    finish();
}

TEST(decode_fields__gives_the_number_of_the_type)
{
    static const char *const lines[] = {"{\"type\":\"a\"}", "{\"type\":\"b\"}", "{\"type\":\"c\",\"n\":null}"};
    begin();
    schema_event_type(schema, "a");
    schema_event_type(schema, "b");
    add("c", &typed);
    decoder = decoder_create(schema);
    for (unsigned i = 0, type = 9; i < 3; i++) {
        ck_assert_int_eq(loglines_decode(decoder, lines[i], strlen(lines[i]), &type), i == 2 ? VERDICT_INVALID : VERDICT_EVENT);
        ck_assert_uint_eq(type, i);
    }
    finish();
}

/* Many lines: the numbers by which slots know their line wrap, and nothing of an old line is seen. */
TEST(decode_fields__forgets_the_line_before)
{
    setup_kinds();
    for (unsigned i = 0; i < 500; i++) {
        expect("{\"type\":\"int64\",\"v\":1}", VERDICT_EVENT, NULL);
        expect("{\"type\":\"int64\"}", VERDICT_INVALID, "field 'v' is missing");
        ck_assert(etl_string_is(decoder_event_type(decoder), "int64"));
        expect("{\"v\":1}", VERDICT_MALFORMED, "no event type: 'type' is missing");
        ck_assert_uint_eq(decoder_event_type(decoder).size, 0);
    }
    finish();
}

TEST(decode_fields__gives_back_what_a_line_took)
{
    bool has;
    const char *before = NULL;
    setup_kinds();
    for (unsigned i = 0; i < 5000; i++) {
        expect("{\"type\":\"string\",\"v\":\"\\n 50 bytes that need memory of their own, to be decoded\",\"w\":\"\\n\"}",
               VERDICT_EVENT, NULL);
        const etl_string *v = (const void *)member("string", false, &has);
        if (!before) before = v->data;
        ck_assert_ptr_eq(v->data, before);
    }
    finish();
}

/* As many keys as objects may be nested, and one object more. */
TEST(decode_fields__follows_the_deepest_path)
{
    char path[2 * DECODE_DEPTH_MAX], line[16 * DECODE_DEPTH_MAX];
    for (unsigned i = 0; i < DECODE_DEPTH_MAX; i++) memcpy(path + 2 * i, "a.", 2);
    path[2 * DECODE_DEPTH_MAX - 1] = '\0';
    const struct etl_field field = {"a", path, ETL_KIND_JSON, ETL_ROLE_FIELD, 0, 0, 0, 0};
    const struct etl_event event = {{sizeof event, sizeof(etl_json), sizeof field, 1, &field, "deep"}};
    begin();
    size_t offset = add("t", &event);
    decoder = decoder_create(schema);
    for (int more = 0; more < 2; more++) {
        char *at = line + sprintf(line, "{\"type\":\"t\",");
        for (unsigned i = 1; i < DECODE_DEPTH_MAX; i++) at += sprintf(at, "\"a\":{");
        at += sprintf(at, more ? "\"a\":{}" : "\"a\":7");
        memset(at, '}', DECODE_DEPTH_MAX);
        at[DECODE_DEPTH_MAX] = '\0';
        expect(line, more ? VERDICT_MALFORMED : VERDICT_EVENT, NULL);
        if (!more) ck_assert_int_eq(*((const etl_json *)(const void *)((char *)decoder_frame(decoder) + offset))->data, '7');
    }
    finish();
}

/* ---- many keys, and keys that look alike */

enum { MANY = 300 };

static void key_text(unsigned i, char to[64])
{
    static const char *const shapes[] = {"k%u", "%08u", "long_common_prefix_of_16_and_more_%u",
                                         "%u_0123456789012345678901234567890", "exactly16bytes%02x"};
    sprintf(to, shapes[i % 5], i);
}

static void add_many(char names[MANY][64], struct etl_field fields[MANY])
{
    for (unsigned i = 0; i < MANY; i++) {
        key_text(i, names[i]);
        fields[i] = (struct etl_field){names[i], NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, (uint32_t)(i * 8), 0, 0, 0};
    }
}

TEST(decode_fields__tells_many_keys_apart)
{
    static char names[MANY][64], line[MANY * 200];
    static struct etl_field fields[MANY];
    const struct etl_event event = {{sizeof event, MANY * 8, sizeof *fields, MANY, fields, "many"}};
    add_many(names, fields);
    begin();
    size_t offset = add("t", &event);
    decoder = decoder_create(schema);
    const int64_t *found = (const void *)((char *)decoder_frame(decoder) + offset);
    for (unsigned round = 0; round < 3; round++) {
        char *at = line + sprintf(line, "{\"type\":\"t\"");
        for (unsigned i = 0; i < MANY; i++) {
            unsigned k = round == 1 ? MANY - 1 - i : (i * 7 + round) % MANY;
            at += sprintf(at, ",\"%s\":%u,\"%s_\":true,\"%.*s\":{\"%s\":null}", names[k], k + round, names[k],
                          (int)strlen(names[k]) - 1,
                          "################################################", names[k]);
        }
        strcpy(at, "}");
        expect(line, VERDICT_EVENT, NULL);
        for (unsigned i = 0; i < MANY; i++) ck_assert_int_eq(found[i], i + round);
    }
    *strstr(line, "\"k5\"") = ' ';
    expect(line, VERDICT_MALFORMED, NULL);
    finish();
}

/* The words of a key are filled up with zeros, which a key of the log may have itself. */
TEST(decode_fields__a_key_with_zeros_is_another)
{
    static char names[MANY][64], line[256];
    static struct etl_field fields[MANY];
    const struct etl_event event = {{sizeof event, MANY * 8, sizeof *fields, MANY, fields, "many"}};
    add_many(names, fields);
    begin();
    for (unsigned i = 0; i < MANY; i++) fields[i].optional = 1, fields[i].has_offset = i * 8;
    add("t", &event);
    decoder = decoder_create(schema);
    for (unsigned i = 0; i < MANY; i++) {
        char *at = line + sprintf(line, "{\"type\":\"t\",\"%.63s", names[i]);
        for (int zeros = 0; zeros < 10; zeros++) {
            at += sprintf(at, "\\u0000");
            strcpy(at, "\":\"not an integer\"}");
            expect(line, VERDICT_EVENT, NULL);
        }
    }
    finish();
}

struct cousins { int64_t a, b, c, d; };
ETL_EVENT(cousins, ETL_FIELD(cousins, a), ETL_FIELD_AT(cousins, b, "b.a"), ETL_FIELD_AT(cousins, c, "a_.a"),
          ETL_FIELD_AT(cousins, d, "b.b.a"));

TEST(decode_fields__a_key_belongs_to_its_parent)
{
    begin();
    size_t offset = add("t", &cousins);
    decoder = decoder_create(schema);
    const struct cousins *c = (const void *)((char *)decoder_frame(decoder) + offset);
    expect("{\"b\":{\"b\":{\"a\":4,\"b\":9},\"a\":2},\"a\":1,\"a_\":{\"a\":3,\"b\":{\"a\":8}},\"type\":\"t\"}", VERDICT_EVENT,
           NULL);
    ck_assert(c->a == 1 && c->b == 2 && c->c == 3 && c->d == 4);
    finish();
}

/* Long keys and strings with escapes, more than any key that is known, and empty ones. */
TEST(decode_fields__takes_keys_with_escapes_of_any_length)
{
    enum { LONG = 100000 };
    char *line = malloc(LONG * 6 + 200), *at = line + sprintf(line, "{\"\\u0000");
    for (int i = 0; i < LONG; i++) at += sprintf(at, "\\u0061");
    sprintf(at, "\":1,\"\":2,\"\\n\":3,"
            "\"\\u0061\":7,\"b\":{\"a\":1,\"b\":{\"\\u0061\":2}},\"a\\u005f\":{\"a\":3},\"type\":\"t\"}");
    begin();
    size_t offset = add("t", &cousins);
    decoder = decoder_create(schema);
    const struct cousins *c = (const void *)((char *)decoder_frame(decoder) + offset);
    expect(line, VERDICT_EVENT, NULL);
    ck_assert(c->a == 7 && c->b == 1 && c->c == 3 && c->d == 2);
    free(line);
    finish();
}

SUITE("decode_fields");
