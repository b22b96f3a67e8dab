/* SPDX-License-Identifier: MIT
 * The harness of etl_test.h: does it see what a host would see? */
#include "suite.h"

#include <etl_test.h>

#include <unistd.h>

struct probe {
    etl_string event_type, text;
    int64_t number, deep;
    double ratio;
    bool has_deep, flag;
    etl_timestamp at;
    etl_json raw;
};
ETL_EVENT(probe, ETL_EVENT_TYPE(probe, event_type), ETL_FIELD(probe, text), ETL_FIELD(probe, number), ETL_FIELD(probe, ratio),
          ETL_FIELD(probe, flag), ETL_TIMESTAMP_AT(probe, at, "time.at", ETL_MILLISECONDS), ETL_FIELD(probe, raw),
          ETL_OPTIONAL_AT(probe, deep, has_deep, "a.b\\.c"));

struct result {
    int64_t key, count, maybe;
    etl_string text;
    double ratio;
    bool flag, has_maybe;
    etl_decimal amount;
    etl_timestamp at;
    etl_json raw;
};
ETL_EFFECT(result, ETL_KEY(result, key), ETL_LAST(result, text), ETL_LAST(result, ratio), ETL_LAST(result, flag),
           ETL_SUM(result, amount), ETL_LAST(result, at), ETL_LAST(result, raw), ETL_LAST_OPTIONAL(result, maybe, has_maybe),
           ETL_COUNT(result, count));

struct other { int64_t key; };
ETL_EFFECT(other, ETL_KEY(other, key));
struct other_row { int64_t key; };
ETL_ROW(other_row, ETL_FIELD(other_row, key));

struct only_number { int64_t number; };
ETL_EVENT(only_number, ETL_FIELD(only_number, number));

static int misdeed; /* which the handler of 'bad' commits */

static etl_result handle_bad(struct etl_context *context, const void *event)
{
    switch (misdeed) {
    case 0: return etl_emit(context, other, .key = 1);
    case 1: return etl_remove(context, other, .key = 1);
    case 2: return etl_lookup(context, other, .key = 1) ? ETL_OK : ETL_OK;
    case 3: return ETL_REJECT;
    case 4: return ETL_FAIL;
    case 5: return (etl_result)7;
    case 6: return etl_reject(context, "%s", "");
    case 7: return etl_emit(context, result, .amount = etl_decimal_invalid());
    case 8: return etl_emit(context, result, .ratio = strtod("nan", NULL));
    case 9: return etl_emit(context, result, .text = ETL_STRING("\xC3("));
    case 10: return etl_emit(context, result, .raw = ETL_JSON("nul"));
    case 11:
        etl_reject(context, "the first reason");
        etl_reject(context, "the second");
        etl_emit(context, result, .raw = ETL_JSON("0"));
        return ETL_OK;
    case 12: return etl_fail(context, "all is wrong with %d", 12);
    case 13:
        for (int i = 0; i < 65537; i++) etl_remove(context, result, .key = i);
        return ETL_OK;
    case 14: return etl_lookup_row(context, result, other_row, .key = 1) ? ETL_OK : ETL_OK;
    case 15: return etl_emit(context, result, .raw = ETL_JSON("null"));
    default: etl_log(context, ETL_INFO, "nothing is wrong"); return ETL_OK;
    }
}

static const struct { etl_result result; const char *reason; } misdeeds[] = {
    {ETL_FAIL, "breach of contract: emits 'other', which is not in .emits"},
    {ETL_FAIL, "breach of contract: emits 'other', which is not in .emits"},
    {ETL_FAIL, "breach of contract: looks at 'other', which is not in .reads"},
    {ETL_FAIL, "breach of contract: returns ETL_REJECT without a reason"},
    {ETL_FAIL, "breach of contract: returns ETL_FAIL without a reason"},
    {ETL_FAIL, "breach of contract: returns 7"},
    {ETL_FAIL, "breach of contract: a reject without text"},
    {ETL_REJECT, "'amount' of effect 'result' is an invalid decimal"},
    {ETL_REJECT, "'ratio' of effect 'result' is not finite"},
    {ETL_REJECT, "'text' of effect 'result' is not UTF-8"},
    {ETL_REJECT, "'raw' of effect 'result' is not JSON"},
    {ETL_REJECT, "the first reason"},
    {ETL_FAIL, "all is wrong with 12"},
    {ETL_REJECT, "more than 65536 effects of one event, a limit of etl-host"},
    {ETL_FAIL, "breach of contract: looks at 'result' as another row than it has"},
    {ETL_REJECT, "'raw' of effect 'result' is null"},
    {ETL_OK, ""},
};

static etl_result handle_probe(struct etl_context *context, const void *event)
{
    const struct probe *p = event;
    const struct result *r = etl_lookup(context, result, .key = p->number);
    etl_decimal amount = etl_decimal_add(r ? r->amount : etl_decimal_of(0, 0), etl_decimal_of(5, 1));
    return etl_emit(context, result, .key = p->number, .text = p->text, .ratio = p->ratio, .flag = p->flag, .amount = amount,
                    .at = p->at, .raw = p->raw, .maybe = p->deep, .has_maybe = p->has_deep, .count = 99);
}

/* Of the same event type, with another struct. */
static etl_result handle_again(struct etl_context *context, const void *event)
{
    const struct only_number *n = event;
    if (n->number < 0) return etl_reject(context, "%" PRId64 " is below 0", n->number);
    return etl_remove(context, result, .key = n->number);
}

ETL_PLUGIN("probe", "1.0.0", "For the tests of the harness")
{
    struct etl_strings list = etl_config_strings(host, "list");
    etl_decimal decimal = etl_config_decimal(host, "decimal", etl_decimal_of(-1, 0));
    etl_host_log(host, ETL_INFO, "%s %" PRId64 " %g %s %zu %s %s", etl_config_string(host, "string", "-"),
                 etl_config_int64(host, "int64", -1), etl_config_double(host, "double", -1), etl_decimal_text(decimal).text,
                 list.count, list.count ? list.items[list.count - 1] : "-", etl_config_has(host, "bool") ? "has" : "has not");
    if (etl_config_bool(host, "bool", false)) return etl_host_fail(host, "fails because of %s", "bool");
    etl_handle(host, .event_type = "probe", .event = &probe, .handle = handle_probe, .emits = {&result}, .reads = {&result});
    etl_handle(host, .event_type = "probe", .event = &only_number, .handle = handle_again, .emits = {&result});
    return etl_handle(host, .event_type = "bad", .handle = handle_bad, .emits = {&result}, .reads = {&result});
}

TEST_EACH(etl_test__sees_breaches_and_refusals, misdeeds)
{
    struct etl_test *t = etl_test_create();
    etl_test_row(t, result, .key = 1);
    misdeed = _i;
    ck_assert_int_eq(etl_test_handle(t, "bad", NULL), misdeeds[_i].result);
    ck_assert_str_eq(etl_test_reason(t), misdeeds[_i].reason);
    ck_assert_str_eq(etl_test_effects(t), "");
    ck_assert_int_eq(etl_test_destroy(t), 0);
}

#define LINE(rest) \
    "{\"event_type\":\"probe\",\"text\":\"a b\\n\",\"ratio\":0.1,\"flag\":true,\"time\":{\"at\":1500},\"raw\":[1, 2]," rest "}"
#define SHOWN(amount) \
    "result key=7 text=\"a b\\u000a\" ratio=0.1 flag=true amount=" amount " at=1970-01-01T00:00:01.5Z raw=[1, 2]"

TEST(etl_test__decodes_lines_and_shows_effects)
{
    struct etl_test *t = etl_test_create();
    etl_test_row(t, result, .key = 7, .amount = etl_decimal_of(1, 0));
    etl_test_row(t, result, .key = 7, .amount = etl_decimal_of(2, 0));
    etl_test_line(t, LINE("\"number\":7,\"a\":{\"b.c\":3}"));
    etl_test_expect_effects(t, SHOWN("2.5") " maybe=3", "remove result key=7");
    etl_test_clear_rows(t);
    etl_test_line(t, LINE("\"number\":7.0,\"a\":{\"b.c\":null}"));
    etl_test_expect_effects(t, SHOWN("0.5"), "remove result key=7");
    etl_test_line(t, LINE("\"number\":-7"));
    etl_test_expect_reject(t, "-7 is below 0");
    ck_assert_str_eq(etl_test_effects(t), "");
    etl_test_line(t, LINE("\"number\":7.5"));
    etl_test_expect_reject(t, "field 'number' is of the wrong kind");
    etl_test_line(t, LINE("\"number\":null"));
    etl_test_expect_reject(t, "field 'number' is missing");
    etl_test_line(t, "{\"event_type\":\"nobody\"}");
    etl_test_expect_reject(t, "no handler of 'nobody'");
    etl_test_line(t, "{}");
    etl_test_expect_reject(t, "the line has no event type under 'event_type', or is not JSON");
    ck_assert_int_eq(etl_test_destroy(t), 0);
}

/* As pipelines say it by source.event_type. */
TEST(etl_test__takes_the_event_type_from_elsewhere)
{
    struct etl_test *t = etl_test_create();
    etl_test_event_type(t, "meta.a\\.b");
    etl_test_line(t, "{\"event_type\":\"probe\",\"meta\":{\"a.b\":\"nobody\"}}");
    etl_test_expect_reject(t, "no handler of 'nobody'");
    etl_test_line(t, "{\"event_type\":\"probe\",\"meta\":{\"a.b\":7}}");
    etl_test_expect_reject(t, "the line has no event type under 'meta.a\\.b', or is not JSON");
    etl_test_line(t, "{\"event_type\":\"probe\"}");
    etl_test_expect_reject(t, "the line has no event type under 'meta.a\\.b', or is not JSON");
    etl_test_event_type(t, "event_type");
    etl_test_line(t, "{\"event_type\":\"nobody\"}");
    etl_test_expect_reject(t, "no handler of 'nobody'");
    ck_assert_int_eq(etl_test_destroy(t), 0);
}

TEST(etl_test__answers_configuration)
{
    struct etl_test *t = etl_test_create("string=x=y", "int64=2e3", "double=0.5", "decimal=1.50", "list=a,b,", "bool=false");
    etl_test_expect_loaded(t);
    ck_assert_str_eq(etl_test_log(t), "x=y 2000 0.5 1.5 3  has\n");
    ck_assert_int_eq(etl_test_destroy(t), 0);

    t = etl_test_create();
    ck_assert_str_eq(etl_test_log(t), "- -1 -1 -1 0 - has not\n");
    ck_assert_int_eq(etl_test_destroy(t), 0);
}

TEST(etl_test__sees_that_a_plugin_does_not_load)
{
    static const char *const rows[][2] = {{"bool=true", "fails because of bool"}, {"bool=1", "config 'bool' is not a bool"},
        {"int64=1.5", "config 'int64' is not an int64"}, {"double=x", "config 'double' is not a double"},
        {"decimal=1e99", "config 'decimal' is not a decimal"},
        {"bools=true", "unknown key 'bools'"}, {"strin=1", "unknown key 'strin'"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct etl_test *t = etl_test_create(rows[i][0]);
        ck_assert_str_eq(etl_test_load_error(t), rows[i][1]);
        ck_assert_int_eq(etl_test_handle(t, "bad", NULL), ETL_FAIL);
        ck_assert_int_eq(etl_test_destroy(t), 0);
    }
}

/* What fails is counted, and said on standard error with the place. */
TEST(etl_test__counts_failures)
{
    char said[4096] = "";
    int ends[2], old = dup(2);
    ck_assert_int_eq(pipe(ends), 0);
    struct etl_test *t = etl_test_create();
    misdeed = 16;
    etl_test_handle(t, "bad", NULL);
    dup2(ends[1], 2);
    etl_test_expect(t, 1 == 2);
    etl_test_expect_effects(t, "result key=1");
    etl_test_expect_reject(t, "x");
    etl_test_expect_load_error(t, "x");
    etl_test_expect_nothing(t);
    etl_test_expect_loaded(t);
    etl_test_expect(t, true);
    dup2(old, 2);
    close(ends[1]), close(old);
    ck_assert_int_gt(read(ends[0], said, sizeof said - 1), 0);
    close(ends[0]);
    ck_assert_ptr_nonnull(strstr(said, "test_etl_test.c:"));
    ck_assert_ptr_nonnull(strstr(said, "1 == 2"));
    ck_assert_ptr_nonnull(strstr(said, "wanted: result key=1"));
    ck_assert_ptr_nonnull(strstr(said, "wanted: ETL_REJECT"));
    ck_assert_int_eq(etl_test_destroy(t), 4);
}

SUITE("etl_test");
