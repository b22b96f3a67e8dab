/* SPDX-License-Identifier: MIT */
#include "decode/scan.h"
#include "loglines.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>

struct logged { etl_json value, inner; bool has_value, has_inner; };
ETL_EVENT(logged, ETL_OPTIONAL(logged, value, has_value), ETL_OPTIONAL_AT(logged, inner, has_inner, "inner.inner.inner"));

static struct schema *schema;
static struct decoder *decoder;

static void setup(void)
{
    struct error error;
    size_t offset;
    ck_assert_ptr_nonnull(schema = schema_create("type", &error));
    ck_assert(schema_add_struct(schema, schema_event_type(schema, "t"), &logged, &offset, &error));
    decoder = decoder_create(schema);
}

static void teardown(void)
{
    decoder_destroy(decoder);
    schema_destroy(schema);
}

struct text {
    const char *data;
    size_t size;
};
#define T(literal) {literal, sizeof(literal) - 1}

static enum verdict judge(const char *data, size_t size)
{
    unsigned type;
    return loglines_decode(decoder, data, size, &type);
}

/* As a value alone, as a member that is wanted, as one that is not, and within another. */
static void check_value(struct text text, bool valid)
{
    static const char *const around[][2] = {
        {"{\"type\":\"t\",\"value\":", "}"},
        {"{\"other\":", ",\"type\":\"t\"}"},
        {" { \"value\" : [ ", " ] , \"type\" : \"t\" } "},
        {"{\"other\":{\"value\":[{\"a\":", "}]},\"type\":\"t\"}"},
    };
    ck_assert_msg(json_valid(text.data, text.size) == valid, "alone: %s", text.data);
    for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
        size_t before = strlen(around[i][0]), after = strlen(around[i][1]);
        char *line = malloc(before + text.size + after + 1);
        memcpy(line, around[i][0], before);
        memcpy(line + before, text.data, text.size);
        memcpy(line + before + text.size, around[i][1], after + 1);
        for (char *feed = line; (feed = memchr(feed, '\n', before + text.size + after - (size_t)(feed - line)));) *feed = '\r';
        enum verdict verdict = judge(line, before + text.size + after);
        ck_assert_msg(verdict == (valid ? VERDICT_EVENT : VERDICT_MALFORMED), "%s: %s (%s)", line, verdict_name(verdict),
                      decoder_reason(decoder));
        free(line);
    }
}

static const struct text good_values[] = {
    T("0"), T("-0"), T("1"), T("-1"), T("1234567890"), T("123456789012345678901234567890123456789012345678901234567890"),
    T("0.0"), T("-0.5"), T("1.5"), T("0.000000000000000000000000000000000000000000001"), T("1e5"), T("1E5"), T("1e+5"), T("1e-5"),
    T("0e0"), T("0E+00"), T("1.5e300"), T("1e999999999999999999999"), T("-1.25E-10"), T("20e-1"), T("true"), T("false"),
    T("null"), T("\"\""), T("\"a\""), T("\" \""), T("\"\x7F\""), T("\"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\""),
    T("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), T("\"\\u0000\""), T("\"\\u0041\\u00e9\\uABCD\\uabcd\\uFFFF\\ufffe\""),
    T("\"\\uD83D\\uDE00\""), T("\"\\ud800\\udc00\\udbff\\udfff\""), T("\"\\\\u0041\""), T("\"\\\\\\\"\""), T("\"\\u005C\""),
    T("\"\\u0022\""), T("\"\xC3\xA9\""), T("\"\xC2\x80\""), T("\"\xDF\xBF\""), T("\"\xE0\xA0\x80\""), T("\"\xED\x9F\xBF\""),
    T("\"\xEE\x80\x80\""), T("\"\xEF\xBF\xBF\""), T("\"\xF0\x90\x80\x80\""), T("\"\xF4\x8F\xBF\xBF\""),
    T("\"\xE2\x82\xAC 15 characters and \xF0\x9F\x98\x80\""), T("\"\xEF\xBB\xBF\""), T("\"123456789012345\xC3\xA9\""),
    T("\"12345678901234567890123456789012345\\n\""), T("[]"), T("[ ]"), T("[1]"), T("[1,2]"), T("[ 1 , \"a\" ,\tnull\r]"),
    T("[[],[[]],{}]"), T("[\n]"), T("{}"), T("{ }"), T("{\"a\":1}"), T("{\"a\":1,\"a\":2}"), T("{\"\":0}"),
    T("{\"a\":{\"b\":[{\"c\":null}]}}"), T("{\"\\u0061\":1}"), T("{\"\xC3\xA9\":1}"), T("{\"a\\u0000b\":1}"),
    T("{ \"a\"\t:\r1 , \"b\":\ntrue }"), T("[1e1,-0,0.1]"), T("[\"],\\\"\"]"),
};

static const struct text bad_values[] = {
    /* numbers */
    T("01"), T("-01"), T("00"), T("-"), T("+1"), T("1."), T("-1."), T("1.e5"), T(".5"), T("-.5"), T("1e"), T("1e+"), T("1E-"),
    T("1ee5"), T("1e5.5"), T("1.5.5"), T("--1"), T("1-"), T("0x10"), T("1_000"), T("1a"), T("NaN"), T("nan"), T("Infinity"),
    T("-Infinity"), T("inf"), T("1 2"), T("1\0"), T("\xEF\xBC\x91"), T("0."), T("0e"), T("1,"), T("-a"), T("1/2"), T("1:"),
    /* literals */
    T("True"), T("TRUE"), T("tru"), T("truee"), T("nul"), T("nulll"), T("fals"), T("falsey"), T("undefined"), T("t"), T("n"),
    T("f"), T("true1"), T("'a'"), T("a"), T("#"), T("/**/1"), T("1//x"), T("\0"), T("\x01"), T("\xFF"), T("\xC3\xA9"),
    T("\xEF\xBB\xBF" "1"), T("\x0B" "1"), T("\x0C" "1"), T("\xC2\xA0" "1"), T("\xE2\x80\xA8"), T("\x7F"), T("*"), T("\\u0031"),
    /* strings */
    T("\""), T("\"a"), T("a\""), T("\"a\"b"), T("\"a\"\"b\""), T("\"\\\""), T("\"\\x41\""), T("\"\\a\""), T("\"\\'\""),
    T("\"\\0\""), T("\"\\U0041\""), T("\"\\\0\""), T("\"\\\xC3\xA9\""), T("\"\\ \""), T("\"\\v\""), T("\"\\u\""), T("\"\\u1\""),
    T("\"\\u12\""), T("\"\\u123\""), T("\"\\u123g\""), T("\"\\u 123\""), T("\"\\u+123\""), T("\"\\u00\\u0041\""),
    T("\"\\u{41}\""), T("\"\\u0x41\""), T("\"\\uG000\""), T("\"\\u0`00\""), T("\"\\u00@0\""), T("\"\0\""), T("\"a\0b\""),
    T("\"\x01\""), T("\"\x1F\""), T("\"\t\""), T("\"\n\""), T("\"\r\""), T("\"a\x08\""), T("\"123456789012345\x1F\""),
    T("\"1234567890123456\x1F\""),
    /* surrogates */
    T("\"\\ud800\""), T("\"\\udc00\""), T("\"\\udbff\""), T("\"\\udfff\""), T("\"\\ud800x\""), T("\"\\ud800\\n\""),
    T("\"\\ud800\\u0041\""), T("\"\\ud800\\ud800\""), T("\"\\udc00\\ud800\""), T("\"\\udc00\\udc00\""), T("\"\\ud800\\udc0\""),
    T("\"\\ud800\\\""), T("\"\\ud800\\ue000\""), T("\"\\ud800\xED\xB0\x80\""), T("\"\\uD83D\\uDE00\\uD83D\""),
    T("\"\\ud800udc00\""),
    /* not UTF-8 */
    T("\"\x80\""), T("\"\xBF\""), T("\"\xC0\x80\""), T("\"\xC1\xBF\""), T("\"\xC3\""), T("\"\xC3\x28\""), T("\"\xC3\xC3\""),
    T("\"\xE0\x80\x80\""), T("\"\xE0\x9F\xBF\""), T("\"\xE2\x82\""), T("\"\xE2\x28\xAC\""), T("\"\xED\xA0\x80\""),
    T("\"\xED\xBF\xBF\""), T("\"\xED\xA0\xBD\xED\xB8\x80\""), T("\"\xF0\x80\x80\x80\""), T("\"\xF0\x8F\xBF\xBF\""),
    T("\"\xF0\x9F\x98\""), T("\"\xF4\x90\x80\x80\""), T("\"\xF5\x80\x80\x80\""), T("\"\xF8\x88\x80\x80\x80\""),
    T("\"\xFC\x84\x80\x80\x80\x80\""), T("\"\xFE\""), T("\"\xFF\""), T("\"\xC3\xA9\x80\""), T("\"123456789012345\xC3\""),
    T("\"12345678901234\xE2\x82\""),
    /* arrays */
    T("["), T("]"), T("[1"), T("[1,"), T("[1,]"), T("[,1]"), T("[,]"), T("[1,,2]"), T("[1 2]"), T("[1:2]"), T("[1;2]"), T("[}"),
    T("[1}"), T("[[]"), T("[]]"), T("[\"a\""), T("[\"a\":1]"), T("[tru]"), T("[1\0]"), T("[\xFF]"), T("[]1"), T("[\x0C]"),
    T("[01]"), T("[\"\x80\"]"),
    /* objects */
    T("{"), T("}"), T("{\"a\""), T("{\"a\":"), T("{\"a\":1"), T("{\"a\":1,"), T("{\"a\":1,}"), T("{,\"a\":1}"), T("{,}"),
    T("{\"a\"}"), T("{\"a\":}"), T("{\"a\" 1}"), T("{\"a\",1}"), T("{\"a\"::1}"), T("{:1}"), T("{a:1}"), T("{'a':1}"), T("{1:1}"),
    T("{null:1}"), T("{\"a\":1 \"b\":2}"), T("{\"a\":1;\"b\":2}"), T("{\"a\":1]"), T("{]"), T("{{}}"), T("{\"a\":1}}"), T("{}{}"),
    T("{\"a\":1,,\"b\":2}"), T("{\"a\":1 2}"), T("{\"a\":tru}"), T("{\"a"), T("{\"\x80\":1}"), T("{\"\\ud800\":1}"),
    T("{\"a\x01\":1}"), T("{\"a\":\"\xC0\xAF\"}"), T("{\"\\x\":1}"), T("{\"a\0\":1}"), T("{\"a\":1\0}"), T("{\0}"), T("{[]:1}"),
    T("{\"a\":01}"),
};

FIXTURE(setup, teardown);

TEST_EACH(decode_json__takes_what_is_json, good_values)
{
    check_value(good_values[_i], true);
}

TEST_EACH(decode_json__refuses_what_is_not_json, bad_values)
{
    check_value(bad_values[_i], false);
}

#define DIGITS_94 "01234567890123456789012345678901234567890123456" "78901234567890123456789012345678901234567890123"
static const struct {
    struct text line;
    enum verdict verdict;
    const char *reason; /* NULL: there is none */
} lines[] = {
    {T(""), VERDICT_BLANK, NULL},
    {T(" "), VERDICT_BLANK, NULL},
    {T("\t \r\t \r"), VERDICT_BLANK, NULL},
    {T("\0"), VERDICT_MALFORMED, "not a JSON object, at byte 1"},
    {T("  \0"), VERDICT_MALFORMED, "not a JSON object, at byte 3"},
    {T("\x0C"), VERDICT_MALFORMED, "not a JSON object, at byte 1"},
    {T("\xEF\xBB\xBF"), VERDICT_MALFORMED, "not a JSON object, at byte 1"},
    {T("1"), VERDICT_MALFORMED, "not a JSON object, at byte 1"},
    {T("null"), VERDICT_MALFORMED, "not a JSON object, at byte 1"},
    {T(" \"a\""), VERDICT_MALFORMED, "not a JSON object, at byte 2"},
    {T("[{\"type\":\"t\"}]"), VERDICT_MALFORMED, "not a JSON object, at byte 1"},
    {T("{"), VERDICT_MALFORMED, "invalid JSON at byte 2: it ends too early"},
    {T("{\"type\":\"t\""), VERDICT_MALFORMED, "invalid JSON at byte 12: it ends too early"},
    {T("{\"type\":\"t"), VERDICT_MALFORMED, "invalid JSON at byte 11: it ends too early"},
    {T("{\"type\":\"t\\"), VERDICT_MALFORMED, "invalid JSON at byte 11: unknown escape in a string"},
    {T("{\"type\":\"t\"}"), VERDICT_EVENT, NULL},
    {T("\t{\"type\":\"t\"}\r"), VERDICT_EVENT, NULL},
    {T("{\"type\":\"t\"}x"), VERDICT_MALFORMED, "invalid JSON at byte 13: something follows the object"},
    {T("{\"type\":\"t\"} {\"type\":\"t\"}"), VERDICT_MALFORMED, "invalid JSON at byte 14: something follows the object"},
    {T("{\"type\":\"t\"}\0"), VERDICT_MALFORMED, "invalid JSON at byte 13: something follows the object"},
    {T("{\"type\":\"t\"},"), VERDICT_MALFORMED, "invalid JSON at byte 13: something follows the object"},
    {T("{\"type\":\"t\",\"a\":\"\x02\"}"), VERDICT_MALFORMED, "invalid JSON at byte 18: control character in a string"},
    {T("{\"type\":\"t\",\"a\":\"\xC3\"}"), VERDICT_MALFORMED, "invalid JSON at byte 18: not UTF-8"},
    {T("{\"type\":\"t\",\"a\":\"\\ud800\"}"), VERDICT_MALFORMED, "invalid JSON at byte 18: half of a surrogate pair"},
    {T("{\"type\":\"t\",\"a\":\"\\q\"}"), VERDICT_MALFORMED, "invalid JSON at byte 18: unknown escape in a string"},
    {T("{\"type\":\"t\",\"a\":\"\\u00g0\"}"), VERDICT_MALFORMED, "invalid JSON at byte 18: \\u without four hexadecimal digits"},
    {T("{\"type\":\"t\",\"a\":01}"), VERDICT_MALFORMED, "invalid JSON at byte 18: a number that starts with 0"},
    {T("{\"type\":\"t\",\"a\":1.}"), VERDICT_MALFORMED, "invalid JSON at byte 19: a number that ends in a point"},
    {T("{\"type\":\"t\",\"a\":1e}"), VERDICT_MALFORMED, "invalid JSON at byte 19: a number without digits in its exponent"},
    {T("{\"type\":\"t\",\"a\":-}"), VERDICT_MALFORMED, "invalid JSON at byte 18: a number without digits"},
    {T("{\"type\":\"t\",\"a\":+1}"), VERDICT_MALFORMED, "invalid JSON at byte 17: expected a value"},
    {T("{\"type\":\"t\" \"a\":1}"), VERDICT_MALFORMED, "invalid JSON at byte 13: expected ',' or '}'"},
    {T("{\"type\":\"t\",\"a\" 1}"), VERDICT_MALFORMED, "invalid JSON at byte 17: expected ':'"},
    {T("{\"type\":\"t\",a:1}"), VERDICT_MALFORMED, "invalid JSON at byte 13: expected a key in quotes"},
    {T("{\"type\":\"t\",\"a\":[1}"), VERDICT_MALFORMED, "invalid JSON at byte 19: expected ',' or ']'"},
    /* the event type */
    {T("{}"), VERDICT_MALFORMED, "no event type: 'type' is missing"},
    {T("{\"Type\":\"t\",\"typ\":\"t\",\"types\":\"t\"}"), VERDICT_MALFORMED, "no event type: 'type' is missing"},
    {T("{\"a\":{\"type\":\"t\"}}"), VERDICT_MALFORMED, "no event type: 'type' is missing"},
    {T("{\"type\":null}"), VERDICT_MALFORMED, "no event type: 'type' is null"},
    {T("{\"type\":1}"), VERDICT_MALFORMED, "no event type: 'type' is a number, not a string"},
    {T("{\"type\":true}"), VERDICT_MALFORMED, "no event type: 'type' is a boolean, not a string"},
    {T("{\"type\":[\"t\"]}"), VERDICT_MALFORMED, "no event type: 'type' is an array, not a string"},
    {T("{\"type\":{}}"), VERDICT_MALFORMED, "no event type: 'type' is an object, not a string"},
    {T("{\"type\":\"t\",\"type\":\"t\"}"), VERDICT_MALFORMED, "two event types: 'type' is repeated"},
    {T("{\"type\":\"t\",\"t\\u0079pe\":\"t\"}"), VERDICT_MALFORMED, "two event types: 'type' is repeated"},
    {T("{\"type\":null,\"type\":\"t\"}"), VERDICT_MALFORMED, "two event types: 'type' is repeated"},
    {T("{\"type\":\"t\",\"type\":1,\"type\":null}"), VERDICT_MALFORMED, "two event types: 'type' is repeated"},
    {T("{\"type\":\"u\",\"type\":\"v\"}"), VERDICT_MALFORMED, "two event types: 'type' is repeated"},
    {T("{\"\\u0074ype\":\"\\u0074\"}"), VERDICT_EVENT, NULL},
    {T("{\"value\":1,\"other\":{},\"type\":\"t\"}"), VERDICT_EVENT, NULL},
    {T("{\"type\\u0000\":\"t\"}"), VERDICT_MALFORMED, "no event type: 'type' is missing"},
    {T("{\"type\":\"\"}"), VERDICT_UNHANDLED, "no handler for event type ''"},
    {T("{\"type\":\"T\"}"), VERDICT_UNHANDLED, "no handler for event type 'T'"},
    {T("{\"type\":\"t\\u0000\"}"), VERDICT_UNHANDLED, "no handler for event type 't?'"},
    {T("{\"type\":\"\\u001b[31m\\n\x7F\xC3\xA9\"}"), VERDICT_UNHANDLED, "no handler for event type '?[31m??\xC3\xA9'"},
    {T("{\"type\":\"" DIGITS_94 "\xC3\xA9zz\"}"),
     VERDICT_UNHANDLED,
     "no handler for event type '" DIGITS_94 "\xC3\xA9...'"},
    {T("{\"type\":\"" DIGITS_94 "\xC3\xA9\"}"),
     VERDICT_UNHANDLED,
     "no handler for event type '" DIGITS_94 "\xC3\xA9'"},
    /* malformed comes before unhandled, and that before invalid */
    {T("{\"type\":\"u\",\"a\":01}"), VERDICT_MALFORMED, "invalid JSON at byte 18: a number that starts with 0"},
    {T("{\"value\":1,\"value\":2,\"type\":\"u\"}"), VERDICT_UNHANDLED, "no handler for event type 'u'"},
    {T("{\"value\":1,\"value\":2,\"type\":\"t\"}"), VERDICT_INVALID, "field 'value' is repeated"},
    {T("{\"value\":1,\"value\":2,\"type\":\"t\"}}"), VERDICT_MALFORMED, "invalid JSON at byte 33: something follows the object"},
    {T("{\"other\":1,\"other\":2,\"type\":\"t\"}"), VERDICT_EVENT, NULL},
};

TEST_EACH(decode_json__judges_lines, lines)
{
    enum verdict verdict = judge(lines[_i].line.data, lines[_i].line.size);
    ck_assert_msg(verdict == lines[_i].verdict, "%s: %s", lines[_i].line.data, verdict_name(verdict));
    if (lines[_i].reason) ck_assert_str_eq(decoder_reason(decoder), lines[_i].reason);
}

/* {"type":"t","value":[[[0]]]} with so many levels in all. */
static size_t nested(char *to, unsigned levels, const char *key, const char *open, const char *close)
{
    char *at = to + sprintf(to, "{\"type\":\"t\",\"%s\":", key);
    for (unsigned i = 1; i < levels; i++) at += sprintf(at, "%s", open);
    at += sprintf(at, "0");
    for (unsigned i = 1; i < levels; i++) at += sprintf(at, "%s", close);
    return (size_t)(at + sprintf(at, "}") - to);
}

TEST(decode_json__limits_depth)
{
    static const char *const shapes[][3] = {{"value", "[", "]"},         {"other", "[", "]"},         {"other", "{\"a\":", "}"},
                                            {"value", "{\"value\":", "}"}, {"inner", "{\"inner\":", "}"}, {"other", "[ ", " ]"}};
    char line[12 * DECODE_DEPTH_MAX + 100];
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        size_t size = nested(line, DECODE_DEPTH_MAX, shapes[i][0], shapes[i][1], shapes[i][2]);
        ck_assert_int_eq(judge(line, size), VERDICT_EVENT);
        size = nested(line, DECODE_DEPTH_MAX + 1, shapes[i][0], shapes[i][1], shapes[i][2]);
        ck_assert_int_eq(judge(line, size), VERDICT_MALFORMED);
        ck_assert_ptr_nonnull(strstr(decoder_reason(decoder), "nested too deeply"));
    }
}

TEST(decode_json__survives_endless_nesting)
{
    enum { SIZE = 900000 };
    static const char *const openings[] = {"[", "{\"a\":", "[{\"value\":", "{\"value\":[", "{", "{\"inner\":"};
    char *line = malloc(SIZE + 40);
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        size_t size = (size_t)sprintf(line, "{\"type\":\"t\",\"value\":"), one = strlen(openings[i]);
        for (; size + one <= SIZE; size += one) memcpy(line + size, openings[i], one);
        ck_assert_int_eq(judge(line, size), VERDICT_MALFORMED);
        ck_assert(!json_valid(line + 20, size - 20));
    }
    free(line);
}

TEST(decode_json__value_alone_is_one_level_less_deep)
{
    char text[2 * DECODE_DEPTH_MAX];
    for (size_t depth = DECODE_DEPTH_MAX - 2; depth <= DECODE_DEPTH_MAX; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        ck_assert_int_eq(json_valid(text, 2 * depth), depth < DECODE_DEPTH_MAX);
    }
}

TEST(decode_json__value_alone_reads_no_byte_too_many)
{
    char *end = loglines_guarded() + LOGLINES_ROOM;
    for (size_t size = 0; size < 5000; size++) {
        memset(end - size, '5', size);
        ck_assert_int_eq(json_valid(end - size, size), size > 0);
        if (size) end[-1] = '"', end[-(long)size] = '"';
        ck_assert_int_eq(json_valid(end - size, size), size > 1);
        if (size) end[-1] = ' ';
        ck_assert(!json_valid(end - size, size));
    }
    ck_assert(!json_valid(NULL, 0));
}

TEST(decode_json__takes_large_strings_and_numbers)
{
    enum { SIZE = 900000 };
    char *line = malloc(SIZE + 40);
    size_t head = (size_t)sprintf(line, "{\"type\":\"t\",\"value\":\"");
    memset(line + head, 'x', SIZE);
    memcpy(line + head + SIZE, "\"}", 2);
    ck_assert_int_eq(judge(line, head + SIZE + 2), VERDICT_EVENT);
    line[head + SIZE - 1] = 31;
    ck_assert_int_eq(judge(line, head + SIZE + 2), VERDICT_MALFORMED);
    line[head - 1] = '7';
    memset(line + head, '7', SIZE);
    line[head + SIZE] = '}';
    ck_assert_int_eq(judge(line, head + SIZE + 1), VERDICT_EVENT);
    free(line);
}

TEST(decode_json__counts_members_of_the_outermost_object)
{
    static const struct {
        const char *line;
        size_t count;
    } rows[] = {
        {"{}", 0},
        {"{\"type\":\"t\"}", 1},
        {"{\"type\":\"t\",\"a\":{\"b\":1,\"c\":2,\"d\":[1,2,3]},\"value\":{\"a\":1,\"b\":2}}", 3},
        {"{\"a\":1,\"a\":2,\"type\":\"t\",\"type\":\"t\"}", 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        judge(rows[i].line, strlen(rows[i].line));
        ck_assert_uint_eq(decoder_member_count(decoder), rows[i].count);
    }
}

/* Lines that were good, with a few bytes changed: the decoder and the reader of single values agree on what is JSON. */
TEST(decode_json__agrees_with_itself_on_random_lines)
{
    static const char *const seeds[] = {
        "{\"type\":\"t\",\"value\":{\"a\":[1,-2.5e3,true,null,\"x\\u00e9\\n\"]},\"b\":[{\"c\":{}},[]],\"d\":\"\xF0\x9F\x98\x80\"}",
        "{ \"value\" : [ ] , \"type\":\"t\", \"\\u0062\":0.5, \"e\":\"\\ud83d\\ude00\" }",
        "{\"ticker\":\"GOOG\",\"type\":\"t\",\"amount\":2,\"price\":610.25,\"account_id\":1,\"timestamp\":1600000000}",
    };
    static const char bytes[] = "{}[]:,\"\\ \t0123456789-+.eEtruefalsnu/\x00\x1F\x80\xC3\xA9\xED\xA0\xF4\xFF\x7F";
    char line[200];
    for (unsigned round = 0; round < 20000; round++) {
        size_t size = strlen(strcpy(line, seeds[round % 3]));
        for (uint64_t changes = loglines_random() % 3 + 1; changes; changes--) {
            if (!size) break;
            size_t place = loglines_random() % size;
            char byte = bytes[loglines_random() % (sizeof bytes - 1)];
            uint64_t how = loglines_random() % 4;
            if (how == 0) memmove(line + place, line + place + 1, --size - place);
            else if (how == 1) memmove(line + place + 1, line + place, size++ - place), line[place] = byte;
            else if (how == 2) size = place + 1;
            else line[place] = byte;
        }
        enum verdict verdict = judge(line, size);
        size_t from = 0, to = size;
        while (from < to && strchr(" \t", line[from]) && line[from]) from++;
        while (to > from && strchr(" \t", line[to - 1]) && line[to - 1]) to--;
        bool broken = verdict == VERDICT_MALFORMED && !strncmp(decoder_reason(decoder), "invalid JSON", 12);
        if (from < to && line[from] == '{')
            ck_assert_msg(broken != json_valid(line + from, to - from), "%.*s: %s", (int)size, line, verdict_name(verdict));
    }
}

SUITE("decode_json");
