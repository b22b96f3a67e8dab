/* SPDX-License-Identifier: MIT
 * Shapes must not show: a decoder that has learned says of every line what one says that never saw a line before. */
#include "base/fields.h"
#include "base/memory.h"
#include "decode/literal.h"
#include "decode/shapes.h"
#include "loglines.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- what is asked for: every kind, several structs a type, paths, one field as several kinds */

struct all {
    etl_string type, s;
    int64_t i;
    double d;
    bool b;
    etl_decimal x;
    etl_timestamp t;
    etl_json j;
};
ETL_EVENT(all, ETL_EVENT_TYPE(all, type), ETL_FIELD(all, s), ETL_FIELD(all, i), ETL_FIELD(all, d), ETL_FIELD(all, b),
          ETL_FIELD(all, x), ETL_FIELD(all, t), ETL_FIELD(all, j));

struct may { etl_string s; int64_t i; etl_decimal x; etl_timestamp t; bool b, has_s, has_i, has_x, has_t, has_b; };
ETL_EVENT(may, ETL_OPTIONAL(may, s, has_s), ETL_OPTIONAL(may, i, has_i), ETL_OPTIONAL(may, x, has_x),
          ETL_OPTIONAL_TIMESTAMP_AT(may, t, has_t, "i", ETL_MILLISECONDS), ETL_OPTIONAL(may, b, has_b));

struct deep { int64_t id; etl_string name; etl_json raw; bool has_name, has_raw; };
ETL_EVENT(deep, ETL_FIELD_AT(deep, id, "o.id"), ETL_OPTIONAL_AT(deep, name, has_name, "o.p.name"),
          ETL_OPTIONAL_AT(deep, raw, has_raw, "j"));

struct whole { etl_json o; int64_t i; bool has_i; };
ETL_EVENT(whole, ETL_FIELD(whole, o), ETL_OPTIONAL_AT(whole, i, has_i, "o.id"));

/* Two names of one member: the one that is declared last decides. */
static const struct etl_field either_fields[] = {{"i", NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, 0, 8, 1, 0},
                                                 {"i", "s", ETL_KIND_INT64, ETL_ROLE_FIELD, 0, 8, 1, 0}};
static const struct etl_event either = {{sizeof either, 16, sizeof *either_fields, 2, either_fields, "either"}};

static const struct {
    const char *type;
    const struct etl_event *event;
} asked[] = {{"all", &all},   {"may", &may},     {"both", &may},     {"both", &deep},
             {"deep", &deep}, {"whole", &whole}, {"either", &either}};

static struct schema *schema;
static struct decoder *learned, *fresh;

static void setup_path(const char *path)
{
    struct error error;
    size_t offset;
    ck_assert_ptr_nonnull(schema = schema_create(path, &error));
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        ck_assert(schema_add_struct(schema, schema_event_type(schema, asked[i].type), asked[i].event, &offset, &error));
    learned = decoder_create(schema);
}

static void setup(void)
{
    setup_path("type");
}

static void teardown(void)
{
    decoder_destroy(learned);
    decoder_destroy(fresh);
    schema_destroy(schema);
    fresh = NULL;
}

/* ---- comparing */

static bool same_text(const etl_string *a, const etl_string *b)
{
    return etl_string_equal(*a, *b) && !a->data == !b->data;
}

static bool same_value(const struct want *want)
{
    const char *a = (const char *)decoder_frame(learned) + want->offset, *b = (const char *)decoder_frame(fresh) + want->offset;
    const bool *has = (const bool *)((const char *)decoder_frame(learned) + want->has_offset);
    if (want->optional && *has != *((const bool *)decoder_frame(fresh) + want->has_offset)) return false;
    switch (want->kind) {
    case WANT_EVENT_TYPE:
    case ETL_KIND_STRING:
    case ETL_KIND_JSON: return same_text((const void *)a, (const void *)b);
    case ETL_KIND_DECIMAL: return !memcmp(a, b, offsetof(etl_decimal, scale) + sizeof(int32_t));
    default: return !memcmp(a, b, kinds[want->kind].size);
    }
}

/* Of the same line, by the one that has learned (twice) and by one that has not. */
static enum verdict check(const char *line, size_t size)
{
    static char copy[LOGLINES_ROOM];
    unsigned type = 77;
    enum verdict verdict = loglines_decode(learned, line, size, &type);
    memcpy(copy, line, size);
    loglines_pad(copy + size, '\n');
    decoder_destroy(fresh);
    fresh = decoder_create(schema);
    struct judged judged = decoder_decode(fresh, copy, size);
    ck_assert_msg(verdict == judged.verdict, "%.*s: %s, not %s", (int)size, line, verdict_name(verdict),
                  verdict_name(judged.verdict));
    if (verdict == VERDICT_BLANK) return verdict;
    ck_assert_msg(type == judged.event_type, "%.*s: %u, not %u", (int)size, line, type, judged.event_type);
    ck_assert(etl_string_equal(decoder_event_type(learned), decoder_event_type(fresh)));
    ck_assert_uint_eq(decoder_member_count(learned), decoder_member_count(fresh));
    if (verdict != VERDICT_EVENT) ck_assert_str_eq(decoder_reason(learned), decoder_reason(fresh));
    for (size_t i = 0; verdict == VERDICT_EVENT && i < schema->types[type].want_count; i++)
        ck_assert_msg(same_value(&schema->types[type].wants[i]), "%.*s: '%s' differs", (int)size, line,
                      schema->types[type].wants[i].path);
    return verdict;
}

static enum verdict check_text(const char *line)
{
    return check(line, strlen(line));
}

/* ---- a line that is learned, and others that look like it */

#define ALL(s, i, d, b, x, t, j) \
    "{\"type\":\"all\",\"s\":" s ",\"i\":" i ",\"d\":" d ",\"b\":" b ",\"x\":" x ",\"t\":" t ",\"j\":" j "}"
#define SOME ALL("\"a\"", "1", "1.5", "true", "2.5", "3", "[1]")
#define LATE(i, x) "{\"i\":" i ",\"x\":" x ",\"o\":{\"id\":4},\"type\":\"may\"}"
static const struct {
    const char *learn, *then;
    enum verdict verdict;
} pairs[] = {
    /* values of each kind */
    {SOME, ALL("\"\"", "-7", "0", "false", "-0.00", "1600000000", "{\"a\":[]}"), VERDICT_EVENT},
    {SOME, ALL("\"\\u0041\\n\"", "2.0", "1e3", "true", "\"2.50\"", "\"2020-09-13T12:26:40Z\"", "\"x\""), VERDICT_EVENT},
    {SOME, ALL("\"\xC3\xA9\"", "2e3", "-0", "true", "1e-3", "3.0", "false"), VERDICT_EVENT},
    {SOME, ALL("\"\xC3\"", "1", "1", "true", "1", "1", "1"), VERDICT_MALFORMED},
    {SOME, ALL("\"a\tb\"", "1", "1", "true", "1", "1", "1"), VERDICT_MALFORMED},
    {SOME, ALL("1", "1", "1", "true", "1", "1", "1"), VERDICT_INVALID},
    {SOME, ALL("\"a\"", "1.5", "1", "true", "1", "1", "1"), VERDICT_INVALID},
    {SOME, ALL("\"a\"", "9223372036854775808", "1", "true", "1", "1", "1"), VERDICT_INVALID},
    {SOME, ALL("\"a\"", "1", "1e999", "true", "1", "1", "1"), VERDICT_INVALID},
    {SOME, ALL("\"a\"", "1", "1", "1", "1", "1", "1"), VERDICT_INVALID},
    {SOME, ALL("\"a\"", "1", "1", "true", "1e40", "1", "1"), VERDICT_INVALID},
    {SOME, ALL("\"a\"", "1", "1", "true", "1", "1e40", "1"), VERDICT_INVALID},
    {SOME, ALL("\"a\"", "1", "1", "true", "1", "1", "null"), VERDICT_INVALID},
    {SOME, ALL("\"a\"", "null", "1", "true", "1", "1", "1"), VERDICT_INVALID},
    {SOME, ALL("\"a\"", "01", "1", "true", "1", "1", "1"), VERDICT_MALFORMED},
    {SOME, ALL("\"a\"", "1", "1.", "true", "1", "1", "1"), VERDICT_MALFORMED},
    {SOME, ALL("\"a\"", "1", "1", "truer", "1", "1", "1"), VERDICT_MALFORMED},
    {SOME, ALL("\"a\"", "1", "1", "true", "-", "1", "1"), VERDICT_MALFORMED},
    {SOME, ALL("\"a\"", "1", "1", "true", "1", "1", "[1,]"), VERDICT_MALFORMED},
    {SOME, ALL("\"a\"", "1", "1", "true", "1", "1", "1") "}", VERDICT_MALFORMED},
    {SOME, ALL("\"a\"", "1", "1", "true", "1", "1", "1") " ", VERDICT_EVENT},
    {SOME " ", SOME, VERDICT_EVENT},
    {SOME, " " SOME, VERDICT_EVENT},
    {SOME, "", VERDICT_BLANK},
    {SOME, "{", VERDICT_MALFORMED},
    {SOME, "{\"type\":\"all\",\"s\":\"a", VERDICT_MALFORMED},
    {SOME, "{\"type\":\"all\",\"s\":\"a\"", VERDICT_MALFORMED},
    {SOME, "{\"type\":\"all\",\"s\":\"a\"}", VERDICT_INVALID},
    /* the event type */
    {"{\"type\":\"may\"}", "{\"type\":\"all\"}", VERDICT_INVALID},
    {"{\"type\":\"may\"}", "{\"type\":\"mai\"}", VERDICT_UNHANDLED},
    {"{\"type\":\"may\"}", "{\"type\":\"\\u006day\"}", VERDICT_EVENT},
    {"{\"type\":\"may\"}", "{\"type\":\"may\",\"type\":\"may\"}", VERDICT_MALFORMED},
    {"{\"type\":\"may\"}", "{\"type\":null}", VERDICT_MALFORMED},
    {"{\"type\":\"mai\"}", "{\"type\":\"may\"}", VERDICT_EVENT},
    {"{\"type\":\"mai\",\"i\":1}", "{\"type\":\"mey\",\"i\":\"\\u0000\"}", VERDICT_UNHANDLED},
    {"{\"type\":\"mai\",\"i\":1}", "{\"type\":\"mey\",\"i\":-}", VERDICT_MALFORMED},
    {LATE("1", "2.5"), LATE("2", "\"3.5\""), VERDICT_EVENT},
    {LATE("1", "2.5"), LATE("2", "\"x\""), VERDICT_INVALID},
    {LATE("1", "2.5"), LATE("null", "7"), VERDICT_EVENT},
    {LATE("null", "2.5"), LATE("8", "7"), VERDICT_EVENT},
    {LATE("1", "2.5"), LATE("true", "7"), VERDICT_INVALID},
    {LATE("1", "2.5"), LATE("1", "[7]"), VERDICT_INVALID},
    {"{\"x\":\"a\",\"type\":\"mai\"}", "{\"x\":\"1\",\"type\":\"may\"}", VERDICT_EVENT},
    {"{\"s\":\"a\",\"type\":\"may\"}", "{\"s\":\"b\",\"type\":\"both\",\"o\":{\"id\":1}}", VERDICT_EVENT},
    {"{\"o\":{\"id\":1},\"type\":\"both\"}", "{\"o\":{\"id\":\"1\"},\"type\":\"may\"}", VERDICT_EVENT},
    {"{\"o\":{\"id\":1},\"type\":\"both\"}", "{\"o\":{\"id\":\"1\"},\"type\":\"both\"}", VERDICT_INVALID},
    {"{\"o\":[],\"type\":\"may\"}", "{\"o\":{\"id\":1},\"type\":\"both\"}", VERDICT_EVENT},
    {"{\"o\":[],\"type\":\"may\"}", "{\"o\":[],\"type\":\"both\"}", VERDICT_INVALID},
    /* what is optional */
    {"{\"type\":\"may\",\"s\":\"a\",\"i\":1}", "{\"type\":\"may\",\"i\":1,\"s\":\"a\"}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"s\":\"a\",\"i\":1}", "{\"type\":\"may\",\"s\":null,\"i\":null}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"s\":null,\"i\":1}", "{\"type\":\"may\",\"s\":\"b\",\"i\":2}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"s\":null,\"i\":1}", "{\"type\":\"may\",\"s\":nul1,\"i\":2}", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\"b\":true}", "{\"type\":\"may\"}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"i\":1}", "{\"type\":\"may\",\"i\":1,\"i\":1}", VERDICT_INVALID},
    {"{\"type\":\"may\",\"i\":1}", "{\"type\":\"may\",\"i\":9223372036854775807}", VERDICT_INVALID},
    {"{\"type\":\"either\",\"i\":1}", "{\"type\":\"either\",\"s\":2}", VERDICT_EVENT},
    {"{\"type\":\"either\",\"s\":1}", "{\"type\":\"either\",\"i\":2,\"s\":3}", VERDICT_EVENT},
    {"{\"type\":\"either\",\"s\":1,\"i\":5}", "{\"type\":\"either\",\"s\":2,\"i\":3}", VERDICT_EVENT},
    /* paths */
    {"{\"type\":\"deep\",\"o\":{\"id\":1}}", "{\"type\":\"deep\",\"o\":{\"id\":2}}", VERDICT_EVENT},
    {"{\"type\":\"deep\",\"o\":{\"id\":1}}", "{\"type\":\"deep\",\"o\":{\"id\":2,\"id\":2}}", VERDICT_INVALID},
    {"{\"type\":\"deep\",\"o\":{\"id\":1,\"p\":{\"name\":\"a\"}}}",
     "{\"type\":\"deep\",\"o\":{\"id\":1,\"p\":{}}}", VERDICT_EVENT},
    {"{\"type\":\"deep\",\"o\":{\"id\":1,\"p\":null}}",
     "{\"type\":\"deep\",\"o\":{\"id\":1,\"p\":{\"name\":\"a\"}}}", VERDICT_EVENT},
    {"{\"type\":\"deep\",\"o\":{\"id\":1,\"p\":null}}", "{\"type\":\"deep\",\"o\":{\"id\":1,\"p\":1}}", VERDICT_INVALID},
    {"{\"type\":\"deep\",\"o\":{\"p\":{\"u\":[1]},\"id\":1}}",
     "{\"type\":\"deep\",\"o\":{\"p\":{\"u\":{}},\"id\":1}}", VERDICT_EVENT},
    {"{\"type\":\"whole\",\"o\":{\"id\":1}}", "{\"type\":\"whole\",\"o\":{\"id\":2}}", VERDICT_EVENT},
    {"{\"type\":\"whole\",\"o\":{}}", "{\"type\":\"whole\",\"o\":{\"id\":2}}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"o\":{\"id\":1}}", "{\"type\":\"may\",\"o\":{\"p\":[]}}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"o\":\"a\"}", "{\"type\":\"may\",\"o\":{\"id\":1,\"id\":2}}", VERDICT_EVENT},
    /* what nobody asks for */
    {"{\"type\":\"may\",\"u\":1}", "{\"type\":\"may\",\"u\":\"a\"}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"u\":1}", "{\"type\":\"may\",\"u\":1e}", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\"u\":\"a\"}", "{\"type\":\"may\",\"u\":\"\\ud800\"}", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\"u\":true}", "{\"type\":\"may\",\"u\":null}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"u\":[1,2]}", "{\"type\":\"may\",\"u\":[]}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"u\":[1,2]}", "{\"type\":\"may\",\"u\":[ ]}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"u\":[ ]}", "{\"type\":\"may\",\"u\":[ 3 ]}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"u\":[1,2]}", "{\"type\":\"may\",\"u\":[1,2,]}", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\"u\":[1,2]}", "{\"type\":\"may\",\"u\":[,1]}", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\"u\":[1,2]}", "{\"type\":\"may\",\"u\":[1 2]}", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\"u\":[1,2]}", "{\"type\":\"may\",\"u\":[1,[2],{\"a\":\"b\"}, 3 ,null]}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"u\":[1,2]}", "{\"type\":\"may\",\"u\":[1,2}}", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\"u\":[1,2]}", "{\"type\":\"may\",\"u\":[1,2", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\"u\":[[1],[]]}", "{\"type\":\"may\",\"u\":[[1,2],[[]]]}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"u\":[{\"a\":1}, {\"a\":2}]}",
     "{\"type\":\"may\",\"u\":[{\"a\":3}, {\"b\":2},{\"a\":1},{}]}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"u\":[{\"a\":1}, {\"a\":2}]}", "{\"type\":\"may\",\"u\":[{\"a\":3}, {\"a\":\"4}]}", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\"u\":{\"a\":{\"b\":1}}}", "{\"type\":\"may\",\"u\":{\"a\":{\"b\":2,\"c\":[]},\"d\":0}}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"u\":{\"a\":{\"b\":1}}}", "{\"type\":\"may\",\"u\":{\"a\":{\"b\":2}}", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\"u\":{\"a\":{\"b\":1}}}", "{\"type\":\"may\",\"u\":{\"a\":[1]}}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"u\":{\"a\":{\"b\":1}}}", "{\"type\":\"may\",\"u\":{\"a\":{\"b\":1}]}", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\"u\":{}}", "{\"type\":\"may\",\"u\":{ }}", VERDICT_EVENT},
    /* what is read on from where it does not fit */
    {"{\"type\":\"may\",\"u\":[[1],[2]]}", "{\"type\":\"may\",\"u\":[{} ,\"k\":1},[3]]}", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\"u\":[[1],[2]]}", "{\"type\":\"may\",\"u\":[{\"a\":[4]} , {} ,[3] ]}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"u\":[{\"a\":[1]}]}", "{\"type\":\"may\",\"u\":[{\"a\":[2],\"b\":3} , {\"a\":[] } ]}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"u\":[{\"a\":[1]}]}", "{\"type\":\"may\",\"u\":[{\"a\":[2],\"b\":3]}]}", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\"u\":[{\"a\":\"b\"}]}", "{\"type\":\"may\",\"u\":[{\"a\":\"c\" ,\"b\":\"\"}]}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"u\":[\"b\"]}", "{\"type\":\"may\",\"u\":[\"c\" ,\"b\":\"\"}]}", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\"u\":[true]}", "{\"type\":\"may\",\"u\":[{} ,\"b\":\"\"}]}", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\"u\":{\"a\":{\"b\":1}}}", "{\"type\":\"may\",\"u\":{\"a\":{\"b\":1} \"c\":2}}", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\"u\":{\"a\":{\"b\":1}}}", "{\"type\":\"may\",\"u\":{\"a\":{\"b\":1} , \"c\":[2] } }", VERDICT_EVENT},
    {"{\"type\":\"may\",\"u\":{\"a\":{\"b\":1}}}", "{\"type\":\"may\",\"u\":{\"a\":{\"b\":1},}}", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\"u\":{\"a\":{\"b\":1}}}", "{\"type\":\"may\",\"u\":{\"a\":{\"b\":1},\"c\"}}", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\"u\":[ ]}", "{\"type\":\"may\",\"u\":[[],[ ],[1]]}", VERDICT_EVENT},
    /* keys and white space */
    {"{\"type\":\"may\",\"\\u0069\":1}", "{\"type\":\"may\",\"i\":1}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"\\u0069\":1}", "{\"type\":\"may\",\"\\u0069\":\"1\"}", VERDICT_INVALID},
    {"{ \"type\" : \"may\" ,\t\"i\" : 1 }", "{ \"type\" : \"may\" ,\t\"i\" : 2 }", VERDICT_EVENT},
    {"{\"type\":\"may\",\r\"i\":1}", "{\"type\":\"may\",", VERDICT_MALFORMED},
    {"{\"type\":\"may\",\r\"i\":1}", "{\"type\":\"may\",\r", VERDICT_MALFORMED},
    {"{\"type\":\"may\"}\r", "{\"type\":\"may\"}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"a key that is much longer than what is compared in one go\":1}",
     "{\"type\":\"may\",\"a key that is much longer than what is compared in one Go\":1}", VERDICT_EVENT},
    {"{\"type\":\"may\",\"another key of exactly 32\":1}",
     "{\"type\":\"may\",\"another key of exactly 32\":1,\"u\":0}", VERDICT_EVENT},
};

FIXTURE(setup, teardown);

TEST_EACH(shapes__do_not_show_in_lines_alike, pairs)
{
    check_text(pairs[_i].learn);
    check_text(pairs[_i].learn);
    ck_assert_int_eq(check_text(pairs[_i].then), pairs[_i].verdict);
    ck_assert_int_eq(check_text(pairs[_i].then), pairs[_i].verdict);
    check_text(pairs[_i].learn);
}

/* All at once, in one decoder: the shapes of one case stand beside those of the others. */
TEST(shapes__do_not_show_in_each_other)
{
    enum { COUNT = sizeof pairs / sizeof *pairs };
    for (size_t round = 0; round < 2 * COUNT; round++) check_text(round % 2 ? pairs[round / 2].learn : pairs[round / 2].then);
    for (size_t round = 0; round < 4 * COUNT; round++) {
        size_t i = loglines_random() % COUNT;
        ck_assert_int_eq(check_text(pairs[i].then), pairs[i].verdict);
    }
}

/* ---- random lines */

static const char *const keys[] = {"type", "s", "i", "d", "b", "x", "t", "j", "o", "u", "\\u0069",
                                   "a longer key that nobody asks for at all"};
static const char *const formats[] = {
    "\"all\"", "\"may\"", "\"both\"", "\"deep\"", "\"whole\"", "\"either\"", "\"nobody's\"", "1", "-2.50", "0", "true", "false",
    "null", "\"\"", "\"text\"", "\"1.25\"", "\"\\u0041\\n\"", "\"\xE2\x82\xAC\"", "1e3", "123456789012345678901",
    "\"2020-09-13T12:26:40Z\"", "[]", "[1,2,3]", "[\"a\",\"bc\", \"d\"]", "{}", "{\"id\":7}", "{\"id\":8,\"p\":{\"name\":\"n\"}}",
    "{\"p\":null,\"id\":9,\"v\":[{\"a\":1},{\"a\":2.5},{\"b\":[]}]}", "[{\"hop\":1,\"ok\":true},{\"hop\":2,\"ok\":null}]",
    "[[1],[2,[]]]", "01", "\"\x80\"", "nul", "{\"a\":1", "[1,]"};
#define PICK(list) list[loglines_random() % (sizeof list / sizeof *list)]

/* Any members. */
static size_t any_line(char *line)
{
    char *at = line + sprintf(line, "{");
    for (unsigned i = 0, count = 1 + (unsigned)(loglines_random() % 6); i < count; i++)
        at += sprintf(at, "%s\"%s\":%s", i ? "," : "", loglines_random() % 4 ? PICK(keys) : "type", PICK(formats));
    return (size_t)(at - line) + (size_t)sprintf(at, "}");
}

/* A few kinds of line, most of which have values of the same types each time. */
static size_t random_line(char *line)
{
    static const char *const lines[] = {
        "{\"type\":\"all\",\"s\":\"%s\",\"i\":%d,\"d\":%d.5,\"b\":true,\"x\":\"%d\",\"t\":%d,\"j\":[%d]}",
        "{\"type\":\"may\",\"s\":\"%s\",\"i\":%d,\"u\":{\"list\":[{\"a\":%d},{\"a\":%d}],\"t\":[%d,%d]},\"x\":1.25}",
        "{ \"type\": \"both\", \"s\": \"%s\", \"i\": %d, \"o\": {\"id\": %d, \"p\": {\"name\": \"x%d\"}}, \"j\": [%d, %d]}",
        "{\"s\":\"%s\",\"x\":%d,\"o\":{\"id\":%d},\"u\":[%d,%d],\"j\":%d,\"type\":\"deep\"}",
    };
    static const char *const texts[] = {"", "a", "some text that is longer than sixteen", "caf\xC3\xA9", "\\\"q\\\"",
                                        "\\ud83d\\ude00"};
    int n[5];
    for (int i = 0; i < 5; i++) n[i] = (int)(loglines_random() % 2000) - 500;
    if (loglines_random() % 5 == 0) return any_line(line);
    return (size_t)sprintf(line, PICK(lines), PICK(texts), n[0], n[1], n[2], n[3], n[4]);
}

static size_t mutate(char *line, size_t size)
{
    static const char bytes[] = "\"\\{}[],: 0129.-eE\ttfn\x01\x7F\x80\xC3\xA9u\0\r\n";
    size_t place = loglines_random() % size;
    char byte = bytes[loglines_random() % (sizeof bytes - 1)];
    switch (loglines_random() % 4) {
    case 0: memmove(line + place, line + place + 1, size - place - 1); return size - 1;
    case 1: memmove(line + place + 1, line + place, size - place); line[place] = byte; return size + 1;
    case 2: return place;
    default: line[place] = byte; return size;
    }
}

TEST(shapes__do_not_show_in_random_lines)
{
    static char line[4096];
    unsigned verdicts[5] = {0};
    for (unsigned round = 0; round < 20000; round++) {
        size_t size = random_line(line);
        for (unsigned damage = loglines_random() % 4 ? 0 : 1 + (unsigned)(loglines_random() % 2); damage && size; damage--)
            size = mutate(line, size);
        verdicts[check(line, size)]++;
    }
    for (unsigned i = 0; i < 5; i++) ck_assert_uint_gt(verdicts[i], 0);
}

/* Where the event type stands deeper, and only random lines have it. */
TEST(shapes__do_not_show_where_the_type_is_nested)
{
    teardown();
    setup_path("o.id");
    static char line[4096];
    for (unsigned round = 0; round < 5000; round++) {
        static const char *const types[] = {"all", "may", "both", "nobody's", "deep"};
        static const char text[] = "{\"s\":\"%u\",\"o\":{\"p\":{\"name\":\"%u\"},\"id\":\"%s\",\"u\":[%u]},\"i\":%u,\"j\":{}}";
        size_t size = (size_t)sprintf(line, text, round % 7, round, PICK(types), round % 3, round);
        check(line, loglines_random() % 4 ? size : mutate(line, size));
    }
}

/* Keys and types of all lengths about those that are kept to be compared, which differ in their last byte. */
TEST(shapes__do_not_show_in_names_of_any_length)
{
    static const char *const forms[] = {
        "{\"%1$s\":1,\"type\":\"may\",\"%1$s\":2,\"i\":3}", "{\"%1$s\" :1,\"i\":3,\"type\":\"may\",\"o\":{\"%1$s\":{\"id\":7}}}",
        "{\"i\":-5,\"type\":\"%1$s\",\"x\":-0.50}", "{\"x\":-0.50,\"type\":\"%1$s\"}", "{\"%1$s",
    };
    char name[64], line[256];
    for (unsigned round = 0; round < 3 * 40 * 2; round++) {
        size_t size = round / 3 % 40;
        memset(name, 'k', size);
        if (size) name[size - 1] = "xyz"[round % 3];
        name[size] = '\0';
        for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
            snprintf(line, sizeof line, forms[i], name);
            check_text(line);
        }
    }
}

/* Lines of a block, one behind the other, with ends of all kinds; the last one may have none, or a CR alone. */
TEST(shapes__do_not_show_where_lines_end)
{
    static const char *const ends[] = {"\n", "\r\n", " \n", "\r\r\n", "\n\n"};
    static const char *const last_ends[] = {"", "\r", "\n", "\r\n", " \r"};
    static const char *const forms[] = {"{\"type\":\"may\",\"i\":%u}", "{\"i\":%u,\"type\":\"may\"}",
                                        "{\"type\":\"none\",\"i\":%u}", "{\"i\":%u}"};
    char *const room = loglines_guarded();
    for (unsigned round = 0; round < 1000; round++) {
        char text[512];
        size_t size = 0;
        unsigned count = 1 + (unsigned)loglines_random() % 5;
        for (unsigned i = 0; i < count; i++) {
            size += (size_t)sprintf(text + size, PICK(forms), round);
            size += (size_t)sprintf(text + size, "%s", i + 1 < count ? PICK(ends) : PICK(last_ends));
        }
        char *const start = room + LOGLINES_ROOM - SOURCE_PADDING - size, *const limit = start + size;
        memcpy(start, text, size);
        loglines_pad(limit, '\n');
        for (const char *at = start; at < limit;) {
            const char *feed = memchr(at, '\n', (size_t)(limit - at));
            const char *end = feed ? feed - (feed > at && feed[-1] == '\r') : limit;
            struct judged judged = decoder_decode(learned, at, (size_t)(limit - at));
            ck_assert_msg(judged.end == end, "round %u, from %td on: %td, not %td", round, at - start, judged.end - at, end - at);
            decoder_destroy(fresh);
            fresh = decoder_create(schema);
            struct judged anew = decoder_decode(fresh, at, (size_t)(limit - at));
            ck_assert(anew.end == end && anew.event_type == judged.event_type && anew.verdict == judged.verdict);
            at = feed ? feed + 1 : limit;
        }
    }
}

/* What is tested above is that shapes do no harm; from here on, that they are of use. */
static struct reading reading;
static struct shapes *shapes;

static void setup_shapes(void)
{
    setup();
    reading = (struct reading){.slots = allocate(schema->node_count * sizeof *reading.slots)};
    reading.frame = allocate(schema->frame_size);
    shapes = shapes_create(schema, &reading);
}

static void teardown_shapes(void)
{
    shapes_destroy(shapes);
    scratch_finish(&reading.scratch);
    free(reading.slots);
    free(reading.frame);
    teardown();
}

FIXTURE(setup_shapes, teardown_shapes);

TEST(shapes__fit_lines_alike)
{
    static const char *const types[] = {"may", "a,b", "x}y", "k\xC3\xA4ufe", "", "a type whose name is of more than 32 bytes"};
    char line[256];
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        for (int k = 0; k < 4; k++) {
            int size = sprintf(line, "{\"s\":\"a, {b}%d\",\"x\":%d%s,\"type\":\"%s\",\"q\":\"%d,%d\",\"i\":%d}", k, k - 1,
                               k > 1 ? ".1234567890123456789" : "", types[i], k, k, 12 * k - 20);
            loglines_pad(line + size, '\n');
            const char *end = shapes_decode(shapes, line);
            if (k) ck_assert_msg(end == line + size, "%s does not fit", line);
            if (k) ck_assert(etl_string_is(reading.event_type, types[i]));
            else shapes_learn(shapes, line, line + size, i ? NULL : &schema->types[schema_event_type(schema, "may")]);
        }
}

/* What is learned later does not push aside what was learned before, wherever they part, nor does what takes any value stand in
 * the way of what takes some. */
TEST(shapes__fit_all_lines_that_were_learned)
{
    static const struct { const char *type, *text; } lines[] = {
        {"may", "{\"type\":\"may\",\"i\":-7}"},
        {"may", "{\"type\":\"may\",\"i\":7,\"x\":-1.5}"},
        {"may", "{\"type\":\"may\",\"x\":-12345678.25,\"i\":-123456789012}"},
        {"may", "{\"s\":\"a\",\"type\":\"may\",\"i\":7}"},
        {"may", "{\"i\":-7,\"x\":-0.5,\"type\":\"may\"}"},
        {"may", "{\"x\":100,\"s\":\"b\",\"type\":\"may\",\"unknown\":-77,\"i\":1}"},
        {"both", "{\"type\":\"both\",\"o\":{\"id\":1}}"},
        {"both", "{\"s\":\"a\",\"type\":\"both\",\"o\":{\"id\":-1},\"b\":true}"},
        {"both", "{\"o\":{\"id\":12345,\"p\":{\"name\":\"n\"}},\"type\":\"both\"}"},
        {"all", "{\"s\":\"a\",\"type\":\"all\",\"i\":1,\"d\":-1e5,\"b\":false,\"x\":\"-1.5\",\"t\":1,\"j\":[1]}"},
        {"may", "{\"type\":\"may\",\"unknown\":null,\"i\":0}"},
        {"may", "{\"type\":\"may\",\"unknown\":1,\"i\":0,\"x\":1.5}"},
        {"may", "{\"type\":\"may\",\"unknown\":\"u\",\"x\":1.5}"},
        {"may", "{\"unknown\":{\"a\":null},\"b\":null,\"type\":\"may\"}"},
        {"may", "{\"unknown\":{\"a\":1,\"b\":2},\"b\":true,\"type\":\"may\",\"i\":1}"},
        {NULL, "{\"type\":\"nobody's\",\"a key of more than thirty-two bytes, to the last\":-1}"},
    };
    enum { COUNT = sizeof lines / sizeof *lines };
    char line[256];
    for (unsigned round = 0; round < 20 * COUNT; round++) {
        unsigned i = round < COUNT ? round : (unsigned)loglines_random() % COUNT;
        size_t size = strlen(strcpy(line, lines[i].text));
        loglines_pad(line + size, '\n');
        const char *end = shapes_decode(shapes, line);
        ck_assert_msg(end == (round < COUNT ? NULL : line + size), "%s in round %u", line, round);
        const struct event_type *type = lines[i].type ? &schema->types[schema_event_type(schema, lines[i].type)] : NULL;
        if (!end) shapes_learn(shapes, line, line + size, type);
        else ck_assert_msg(lines[i].type ? etl_string_is(reading.event_type, lines[i].type) : !reading.type_number, "%s", line);
    }
}

FIXTURE(setup, teardown);

/* More shapes than are kept, then a log that is regular again. */
TEST(shapes__end_and_begin_anew)
{
    static char line[4096];
    for (unsigned round = 0; round < 40000; round++) {
        unsigned count = round < 20000 ? 12 : 3;
        char *at = line + sprintf(line, "{\"type\":\"may\"");
        for (unsigned i = 0; i < count; i++)
            at += sprintf(at, ",\"k%u\":%u", round < 20000 ? (unsigned)(loglines_random() % 1000) : i, round);
        at += sprintf(at, ",\"i\":%u}", round);
        unsigned type;
        ck_assert_int_eq(loglines_decode(learned, line, (size_t)(at - line), &type), VERDICT_EVENT);
        if (round % 64 == 0) check(line, (size_t)(at - line));
    }
}

/* An event type that wants so much, beside so many others, that not all that is learned of it can be kept. */
static void ask_for_much(void)
{
    enum { FIELDS = 200, TYPES = 300 };
    static char names[FIELDS][8], types[8];
    static struct etl_field fields[FIELDS];
    static struct etl_event broad;
    struct error error;
    size_t offset;
    for (uint32_t i = 0; i < FIELDS; i++) {
        snprintf(names[i], sizeof names[i], "f%u", i);
        fields[i] = (struct etl_field){names[i], NULL, ETL_KIND_BOOL, ETL_ROLE_FIELD, 2 * i, 2 * i + 1, 1, 0};
    }
    broad.record = (struct etl_record){sizeof broad, 2 * FIELDS, sizeof *fields, FIELDS, fields, "broad"};
    for (int i = 0; i < TYPES; i++) {
        snprintf(types, sizeof types, "t%d", i);
        schema_event_type(schema, types);
    }
    ck_assert(schema_add_struct(schema, schema_event_type(schema, "broad"), &broad, &offset, &error));
    decoder_destroy(learned);
    learned = decoder_create(schema);
}

TEST(shapes__end_where_their_memory_does)
{
    char line[128];
    ask_for_much();
    for (int i = 0; i < 512; i++) {
        snprintf(line, sizeof line, "{\"type\":\"broad\",\"a%d\":1,\"b%d\":1,\"c%d\":1}", i / 64, i / 8 % 8, i % 8);
        ck_assert_int_eq(check_text(line), VERDICT_EVENT);
        check_text(line);
    }
}

TEST(shapes__end_where_their_memory_does_at_the_type)
{
    char line[128];
    ask_for_much();
    for (int i = 0; i < 512; i++) {
        snprintf(line, sizeof line, "{\"a%d\":1,\"b%d\":1,\"c%d\":1,\"type\":\"t7\"}", i / 64, i / 8 % 8, i % 8);
        check_text(line);
        check_text(line);
    }
}

TEST(shapes__leave_alone_what_is_huge)
{
    enum { LONG = 100000 };
    char *line = allocate(2 * LONG + 200);
    for (int open = 0; open < 3; open++)
        for (unsigned depth = 1; depth < 200; depth += 9) {
            char *at = line + sprintf(line, "{\"type\":\"may\",\"u\":");
            for (unsigned i = 0; i < depth; i++) at += sprintf(at, open == 1 ? "{\"a\":" : "[");
            at += sprintf(at, "%d", 1);
            size_t closed = open == 2 ? depth - 1 : depth;
            memset(at, open == 1 ? '}' : ']', closed);
            at += closed;
            at += sprintf(at, "}");
            enum verdict verdict = check(line, (size_t)(at - line));
            ck_assert_int_eq(verdict, depth > DECODE_DEPTH_MAX - 1 || open == 2 ? VERDICT_MALFORMED : VERDICT_EVENT);
        }
    for (unsigned size = 10; size < LONG; size *= 3)
        for (int broken = 0; broken < 2; broken++) {
            char *at = line + sprintf(line, "{\"type\":\"may\",\"u\":[");
            for (unsigned i = 0; i < size / 2; i++) at += sprintf(at, "%u,", i % 10);
            at += sprintf(at, broken ? "]}" : "0]}");
            ck_assert_int_eq(check(line, (size_t)(at - line)), broken ? VERDICT_MALFORMED : VERDICT_EVENT);
        }
    free(line);
}

SUITE("shapes");
