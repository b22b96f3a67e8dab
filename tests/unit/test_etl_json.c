/* SPDX-License-Identifier: MIT
 * The JSON reader of etl.h. */
#include "suite.h"

#include <etl.h>

#include <math.h>

/* A copy that ends where its memory ends, so that a byte read too many is seen. Freed by json_free(). */
static etl_json json_of_bytes(const char *data, size_t size)
{
    char *copy = malloc(size + 1);
    memcpy(copy + 1, data, size);
    return (etl_json){copy + 1, size};
}

static etl_json json_of(const char *text)
{
    return json_of_bytes(text, strlen(text));
}

static void json_free(etl_json json)
{
    free((char *)json.data - 1);
}

static bool json_is(etl_json json, const char *text)
{
    return json.size == strlen(text) && !memcmp(json.data, text, json.size);
}

/* ---- types */
static const struct { const char *text; enum etl_json_type type; } types[] = {
    {"null", ETL_JSON_NULL}, {"true", ETL_JSON_BOOL}, {"false", ETL_JSON_BOOL}, {"0", ETL_JSON_NUMBER},
    {"-1.5e3", ETL_JSON_NUMBER},
    {"\"\"", ETL_JSON_STRING}, {"\"a\"", ETL_JSON_STRING}, {"[]", ETL_JSON_ARRAY}, {"{}", ETL_JSON_OBJECT},
    {"[1,[2]]", ETL_JSON_ARRAY},
    {"", ETL_JSON_NONE}, {"nul", ETL_JSON_NONE}, {"nulls", ETL_JSON_NONE}, {"True", ETL_JSON_NONE}, {"\"", ETL_JSON_NONE},
    {"[", ETL_JSON_NONE},
    {"{", ETL_JSON_NONE}, {"[}", ETL_JSON_NONE}, {"01", ETL_JSON_NONE}, {"-", ETL_JSON_NONE}, {"1 ", ETL_JSON_NONE},
    {"abc", ETL_JSON_NONE},
    {"NaN", ETL_JSON_NONE}, {"+1", ETL_JSON_NONE}, {"]", ETL_JSON_NONE},
};

TEST_EACH(etl_json__knows_types, types)
{
    etl_json json = json_of(types[_i].text);
    ck_assert_int_eq(etl_json_type(json), types[_i].type);
    json_free(json);
}

/* ---- walks: items as "key=value;" or "value;" */
static const struct { const char *text, *items; } walks[] = {
    {"[]", ""}, {"[ ]", ""}, {"{}", ""}, {"{\n}", ""}, {"[1]", "1;"}, {"[1,2,3]", "1;2;3;"}, {"[ 1 ,\t2 ,\r\n3 ]", "1;2;3;"},
    {"[[1,2],[3,[4]],[]]", "[1,2];[3,[4]];[];"}, {"[\"a,b]\",\"\\\"]\",\"\\\\\"]", "\"a,b]\";\"\\\"]\";\"\\\\\";"},
    {"[{\"a\":[1,{\"]\":2}]},null]", "{\"a\":[1,{\"]\":2}]};null;"}, {"[true,false,null,-1e5]", "true;false;null;-1e5;"},
    {"{\"a\":1}", "\"a\"=1;"}, {"{ \"a\" : 1 , \"b\\\"\" : [2,3] }", "\"a\"=1;\"b\\\"\"=[2,3];"}, {"{\"\":{}}", "\"\"={};"},
    /* not JSON: it ends, at the latest where it is seen */
    {"null", ""}, {"7", ""}, {"\"[1]\"", ""}, {"", ""}, {"[1 2]", "1;"}, {"[1,]", "1;"}, {"[,1]", ""}, {"[1,,2]", "1;"},
    {"[1]]", "1;"},
    {"[\"a]", ""}, {"[1,\"a]", "1;"}, {"[\"\\\"]", ""}, {"[[1]", ""}, {"[{]", ""}, {"{\"a\"}", ""}, {"{\"a\":}", ""},
    {"{1:2}", ""}, {"{\"a\":1,}", "\"a\"=1;"},
    {"{\"a\" 1}", ""}, {"{:1}", ""}, {"{,}", ""}, {"[:]", ""}, {"[[[[[[[[[[", ""}, {"[\"\\", ""},
    {"{\"a\":1 \"b\":2}", "\"a\"=1;"},
};

TEST_EACH(etl_json__walks_arrays_and_objects, walks)
{
    etl_json json = json_of(walks[_i].text), item = {NULL, 99};
    char items[256] = "";
    size_t used = 0, count = 0;
    struct etl_json_iterator it = etl_json_iterate(json);
    while (etl_json_next(&it, &item)) {
        if (it.key.size) used += (size_t)snprintf(items + used, sizeof items - used, "%.*s=", (int)it.key.size, it.key.data);
        used += (size_t)snprintf(items + used, sizeof items - used, "%.*s;", (int)item.size, item.data);
        etl_json at = {NULL, 0};
        ck_assert(etl_json_at(json, count, &at) && at.data == item.data && at.size == item.size);
        count++;
    }
    ck_assert_str_eq(items, walks[_i].items);
    ck_assert(!etl_json_next(&it, &item));
    ck_assert_uint_eq(etl_json_count(json), count);
    item = (etl_json){NULL, 99};
    ck_assert(!etl_json_at(json, count, &item) && item.size == 99 && !etl_json_at(json, SIZE_MAX, &item));
    json_free(json);
}

TEST(etl_json__walks_any_depth_without_stack)
{
    enum { DEPTH = 3000000 };
    char *text = malloc(2 * DEPTH + 1);
    memset(text, '[', DEPTH);
    memset(text + DEPTH, ']', DEPTH);
    etl_json json = {text, 2 * DEPTH}, item;
    ck_assert(etl_json_at(json, 0, &item) && item.size == 2 * DEPTH - 2);
    ck_assert_uint_eq(etl_json_count(json), 1);
    json.size = DEPTH;
    ck_assert_uint_eq(etl_json_count(json), 0);
    free(text);
}

TEST(etl_json__gets_members_by_decoded_key)
{
    static const struct { const char *object, *key, *value; } rows[] = {
        {"{\"a\":1,\"b\":2}", "b", "2"}, {"{\"a\":1,\"a\":2}", "a", "1"}, {"{\"\\u0061\\/\":[3]}", "a/", "[3]"},
        {"{\"\":0}", "", "0"},
        {"{\"ab\":1,\"a\":null}", "a", "null"}, {"{\"\xC3\xA9\":1}", "\xC3\xA9", "1"}, {"{\"\\u00e9\":1}", "\xC3\xA9", "1"},
        {"{\"a\":1}", "b", NULL},
        {"{\"a\":1}", "", NULL}, {"[\"a\",1]", "a", NULL}, {"{}", "a", NULL}, {"null", "a", NULL},
        {"{\"x\":{\"a\":1}}", "a", NULL}, {"{\"a\\u0000\":1}", "a", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        etl_json json = json_of(rows[i].object), item = {NULL, 99};
        bool got = etl_json_get(json, rows[i].key, &item);
        ck_assert_msg(got == (rows[i].value != NULL), "'%s' of %s", rows[i].key, rows[i].object);
        ck_assert(got ? json_is(item, rows[i].value) : item.size == 99);
        json_free(json);
    }
}

/* ---- strings; NULL: not one */
static const struct { const char *text, *says; size_t size; } strings[] = {
    {"\"\"", "", 0}, {"\"abc\"", "abc", 3}, {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8},
    {"\"\\u0041\\u00e9\\u20AC\"", "A\xC3\xA9\xE2\x82\xAC", 6},
    {"\"\\uD83D\\ude00\"", "\xF0\x9F\x98\x80", 4}, {"\"\\uD800\\uDC00\"", "\xF0\x90\x80\x80", 4},
    {"\"\\uDBFF\\uDFFF\"", "\xF4\x8F\xBF\xBF", 4},
    {"\"\\u0000\"", "\0", 1}, {"\"\\uFFFF\\ud7ff\\ue000\"", "\xEF\xBF\xBF\xED\x9F\xBF\xEE\x80\x80", 9},
    {"\"x\\u007f\\u0080\\u07ff\\u0800\"", "x\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80", 9},
    {"\"\xE2\x82\xAC/\"", "\xE2\x82\xAC/", 4},
    {"\"\\uD83D\"", NULL, 0}, {"\"\\uD83Dx\"", NULL, 0}, {"\"\\uD83D\\n\"", NULL, 0}, {"\"\\uD83D\\u0041\"", NULL, 0},
    {"\"\\uDE00\"", NULL, 0}, {"\"\\uDE00\\uD83D\"", NULL, 0},
    {"\"\\uD83D\\uD83D\"", NULL, 0}, {"\"\\uD83D\\uDE0\"", NULL, 0}, {"\"\\u12\"", NULL, 0}, {"\"\\u12G4\"", NULL, 0},
    {"\"\\u 123\"", NULL, 0}, {"\"\\u+123\"", NULL, 0},
    {"\"\\x\"", NULL, 0}, {"\"\\", NULL, 0}, {"\"\\\"", NULL, 0}, {"\"\\u\"", NULL, 0}, {"\"a\nb\"", NULL, 0},
    {"\"a\x1F\\n\"", NULL, 0}, {"\"a\"b\"", NULL, 0}, {"\"a\"\\n\"", NULL, 0},
    {"abc", NULL, 0}, {"\"", NULL, 0}, {"", NULL, 0}, {"1", NULL, 0}, {"[\"a\"]", NULL, 0}, {"\"\\N\"", NULL, 0},
    {"\"\\'\"", NULL, 0}, {"\"\\U0041\"", NULL, 0},
};

static char pool[4096];

static void *allocate_from_pool(struct etl_context *context, size_t bytes)
{
    return bytes <= sizeof pool ? memset(pool, 0, bytes) : NULL;
}

TEST_EACH(etl_json__says_strings, strings)
{
    struct etl_context context = {.size = sizeof context, .allocate = allocate_from_pool};
    etl_json json = json_of(strings[_i].text);
    bool is = strings[_i].says != NULL;
    etl_string text = {NULL, 99};
    char *to = malloc(json.size + 1);
    size_t size = etl_json_unescape(json, to);
    ck_assert_uint_eq(size, is ? strings[_i].size : ETL_JSON_BAD);
    if (is) ck_assert(!memcmp(to, strings[_i].says, size));
    ck_assert(etl_json_string(&context, json, &text) == is);
    if (is) ck_assert(etl_string_equal(text, (etl_string){strings[_i].says, strings[_i].size}));
    else ck_assert_uint_eq(text.size, 99);
    if (is && !strchr(strings[_i].text, '\\')) ck_assert_ptr_eq(text.data, json.data + 1);
    if (is && strlen(strings[_i].says) == size) ck_assert(etl_json_string_is(json, strings[_i].says));
    ck_assert(!etl_json_string_is(json, "something else"));
    ck_assert(!etl_json_string_is(json, "abcd") && !etl_json_string_is(json, "ab"));
    free(to);
    json_free(json);
}

TEST(etl_json__string_needs_memory_only_for_escapes)
{
    etl_json plain = json_of("\"abc\""), escaped = json_of("\"\\n\"");
    etl_string text = {NULL, 99};
    ck_assert(!etl_json_string(NULL, escaped, &text) && text.size == 99);
    ck_assert(etl_json_string(NULL, plain, &text) && etl_string_is(text, "abc"));
    json_free(plain);
    json_free(escaped);
}

/* ---- scalars; NULL: refused */
static const struct { const char *text, *decimal, *int64, *number, *boolean; } scalars[] = {
    {"0", "0", "0", "0x0p+0", NULL}, {"-0", "0", "0", "-0x0p+0", NULL}, {"-0.0e7", "0", "0", "-0x0p+0", NULL},
    {"2", "2", "2", "0x1p+1", NULL}, {"2.0", "2", "2", "0x1p+1", NULL},
    {"2e3", "2000", "2000", "0x1.f4p+10", NULL}, {"2.5", "2.5", NULL, "0x1.4p+1", NULL},
    {"-1.5e1", "-15", "-15", "-0x1.ep+3", NULL}, {"0.1", "0.1", NULL, "0x1.999999999999ap-4", NULL},
    {"9223372036854775807", "9223372036854775807", "9223372036854775807", "0x1p+63", NULL},
    {"9223372036854775808", "9223372036854775808", NULL, "0x1p+63", NULL},
    {"-9223372036854775808", "-9223372036854775808", "-9223372036854775808", "-0x1p+63", NULL},
    {"1e308", NULL, NULL, "0x1.1ccf385ebc8ap+1023", NULL},
    {"1e309", NULL, NULL, NULL, NULL}, {"-1e99999999999999999999", NULL, NULL, NULL, NULL},
    {"1e-400", NULL, NULL, "0x0p+0", NULL},
    {"5e-324", NULL, NULL, "0x0.0000000000001p-1022", NULL},
    {"1.7976931348623157e308", NULL, NULL, "0x1.fffffffffffffp+1023", NULL}, {"1.7976931348623159e308", NULL, NULL, NULL, NULL},
    {"9007199254740993", "9007199254740993", "9007199254740993", "0x1p+53", NULL},
    {"9007199254740993.00000000000000000000000000000000000000000000000001", NULL, NULL, "0x1.0000000000001p+53", NULL},
    {"1.00000000000000011102230246251565404", "1.00000000000000011102230246251565404", NULL, "0x1p+0", NULL},
    {"123456789012345678901234567890.5", "123456789012345678901234567890.5", NULL, "0x1.8ee90ff6c373ep+96", NULL},
    {"\"2\"", "2", NULL, NULL, NULL}, {"\"2.50\"", "2.5", NULL, NULL, NULL}, {"\"\\u0032e\\u0031\"", "20", NULL, NULL, NULL},
    {"\"\"", NULL, NULL, NULL, NULL}, {"\" 2\"", NULL, NULL, NULL, NULL},
    {"\"2", NULL, NULL, NULL, NULL}, {"\"\\u0032", NULL, NULL, NULL, NULL}, {"\"\\uD800\"", NULL, NULL, NULL, NULL},
    {"\"1e39\"", NULL, NULL, NULL, NULL},
    {"true", NULL, NULL, NULL, "true"}, {"false", NULL, NULL, NULL, "false"}, {"null", NULL, NULL, NULL, NULL},
    {"", NULL, NULL, NULL, NULL}, {"[1]", NULL, NULL, NULL, NULL}, {"{}", NULL, NULL, NULL, NULL},
    {"1x", NULL, NULL, NULL, NULL}, {"01", NULL, NULL, NULL, NULL}, {"0x10", NULL, NULL, NULL, NULL},
    {"Infinity", NULL, NULL, NULL, NULL}, {"truer", NULL, NULL, NULL, NULL},
};

TEST_EACH(etl_json__reads_scalars_exactly, scalars)
{
    etl_json json = json_of(scalars[_i].text);
    const char *text = scalars[_i].text;
    etl_decimal decimal = etl_decimal_of(77, 0);
    int64_t integer = 77;
    double number = 77, wanted;
    bool boolean = _i % 2;
    char printed[64];
    ck_assert_msg(etl_json_decimal(json, &decimal) == (scalars[_i].decimal != NULL), "%s", text);
    ck_assert_str_eq(etl_decimal_text(decimal).text, scalars[_i].decimal ? scalars[_i].decimal : "77");
    ck_assert_msg(etl_json_int64(json, &integer) == (scalars[_i].int64 != NULL), "%s", text);
    snprintf(printed, sizeof printed, "%" PRId64, integer);
    ck_assert_str_eq(printed, scalars[_i].int64 ? scalars[_i].int64 : "77");
    ck_assert_msg(etl_json_double(json, &number) == (scalars[_i].number != NULL), "%s", text);
    wanted = scalars[_i].number ? strtod(scalars[_i].number, NULL) : 77;
    ck_assert_msg(number == wanted && !signbit(number) == !signbit(wanted), "%s: %a", text, number);
    ck_assert(etl_json_bool(json, &boolean) == (scalars[_i].boolean != NULL));
    ck_assert(boolean == (scalars[_i].boolean ? !strcmp(scalars[_i].boolean, "true") : _i % 2));
    json_free(json);
}

/* Half way between two doubles, and one digit in a million decides. */
TEST(etl_json__rounds_doubles_of_any_length)
{
    enum { ZEROS = 1000000 };
    char *text = malloc(ZEROS + 64);
    double number;
    int used = sprintf(text, "9007199254740993.");
    memset(text + used, '0', ZEROS);
    ck_assert(etl_json_double((etl_json){text, (size_t)used + ZEROS}, &number) && number == 9007199254740992.0);
    text[used + ZEROS - 1] = '1';
    ck_assert(etl_json_double((etl_json){text, (size_t)used + ZEROS}, &number) && number == 9007199254740994.0);
    memset(text, '0', ZEROS);
    text[1] = '.';
    used = sprintf(text + ZEROS, "25e%d", ZEROS);
    ck_assert(etl_json_double((etl_json){text, (size_t)ZEROS + (size_t)used}, &number) && number == 25);
    free(text);
}

TEST(etl_json__doubles_agree_with_strtod)
{
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        char text[64];
        double random, number;
        bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
        memcpy(&random, &bits, sizeof random);
        if (random - random != 0) continue;
        int size = snprintf(text, sizeof text, "%.*e", i % 25, random);
        double wanted = strtod(text, NULL);
        bool finite = wanted - wanted == 0;
        ck_assert(etl_json_double((etl_json){text, (size_t)size}, &number) == finite);
        if (finite) ck_assert_msg(number == wanted, "%s", text);
    }
}

static const struct { const char *text; uint32_t unit; int64_t ns; /* 77: refused */ } timestamps[] = {
    {"1", ETL_SECONDS, 1000000000}, {"1", 0, 1000000000}, {"1", ETL_MILLISECONDS, 1000000}, {"-2.0", ETL_MICROSECONDS, -2000},
    {"15e2", ETL_NANOSECONDS, 1500}, {"0", 0, 0},
    {"9223372036", 0, 9223372036000000000}, {"9223372037", 0, 77}, {"-9223372037", 0, 77},
    {"9223372036854775807", ETL_NANOSECONDS, INT64_MAX}, {"1e30", 1, 77},
    {"1.5", 0, 77}, {"\"1970-01-01T00:00:01Z\"", 1, 1000000000}, {"\"1970-01-01T00:00:00.\\u0035\\u005A\"", 0, 500000000},
    {"\"1\"", 0, 77}, {"\"\"", 0, 77}, {"\"1970-01-01T00:00:01Z", 0, 77},
    {"null", 0, 77}, {"true", 0, 77}, {"[1]", 0, 77}, {"", 0, 77}, {"\"\\uD800970-01-01T00:00:01Z\"", 0, 77},
};

TEST_EACH(etl_json__reads_times, timestamps)
{
    etl_json json = json_of(timestamps[_i].text);
    etl_timestamp time = {77};
    ck_assert(etl_json_timestamp(json, timestamps[_i].unit, &time) == (timestamps[_i].ns != 77));
    ck_assert_int_eq(time.ns, timestamps[_i].ns);
    json_free(json);
}

TEST(etl_json__time_with_every_character_escaped)
{
    char text[512] = "\"";
    const char *time = "2024-01-02T03:04:05.123456789+00:00";
    size_t used = 1;
    etl_timestamp got;
    for (; *time; time++) used += (size_t)sprintf(text + used, "\\u%04x", (unsigned)*time);
    text[used++] = '"';
    ck_assert(etl_json_timestamp((etl_json){text, used}, 0, &got) && got.ns == 1704164645123456789);
    memset(text + 1, 'x', sizeof text - 2);
    memcpy(text + 1, "\\u0061", 6);
    text[sizeof text - 1] = '"';
    ck_assert(!etl_json_timestamp((etl_json){text, sizeof text}, 0, &got));
}

/* Any bytes: it ends and stays within them, which the sanitizers and valgrind watch. */
TEST(etl_json__survives_garbage)
{
    static const char alphabet[] = "[]{}\"\\,:ud8901eE+-. \ntfn\x01\xFF";
    struct etl_context context = {.size = sizeof context, .allocate = allocate_from_pool};
    unsigned random = 1;
    for (int i = 0; i < 20000; i++) {
        char bytes[24], to[24];
        for (size_t j = 0; j < sizeof bytes; j++) {
            random = random * 1103515245 + 12345;
            bytes[j] = alphabet[(random >> 16) % (sizeof alphabet - 1)];
        }
        if (i % 3) bytes[0] = "[{\""[i % 9 / 3], bytes[11 + i % 13] = "]}\""[i % 9 / 3];
        etl_json json = json_of_bytes(bytes, i % 3 ? (size_t)(12 + i % 13) : (size_t)(i % 24)), item;
        etl_decimal decimal;
        etl_timestamp time;
        etl_string text;
        int64_t integer;
        double number;
        bool boolean;
        struct etl_json_iterator it = etl_json_iterate(json);
        while (etl_json_next(&it, &item))
            ck_assert(item.data > json.data && item.size && item.data + item.size <= json.data + json.size);
        ck_assert_uint_le(etl_json_count(json), json.size);
        size_t size = etl_json_unescape(json, to);
        ck_assert(size == ETL_JSON_BAD || size + 2 <= json.size);
        etl_json_get(json, "u", &item);
        etl_json_string(&context, json, &text);
        etl_json_string_is(json, "ud8");
        etl_json_decimal(json, &decimal);
        etl_json_int64(json, &integer);
        etl_json_double(json, &number);
        etl_json_bool(json, &boolean);
        etl_json_timestamp(json, 0, &time);
        json_free(json);
    }
}

SUITE("etl_json");
