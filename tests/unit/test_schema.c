/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "decode/decoder.h"
#include "decode/schema.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static struct schema *schema;
static struct error error;

static void setup(void)
{
    ck_assert_ptr_nonnull(schema = schema_create("type", &error));
}

static void teardown(void)
{
    schema_destroy(schema);
}

#define DEEP8 "a.a.a.a.a.a.a.a."
#define DEEP64 DEEP8 DEEP8 DEEP8 DEEP8 DEEP8 DEEP8 DEEP8 DEEP8
static const struct {
    const char *path;
    const char *wrong; /* NULL: it is a path */
} paths[] = {
    {"a", NULL},
    {"event_type", NULL},
    {"a.b.c", NULL},
    {"a\\.b", NULL},
    {"\\.", NULL},
    {"\\\\", NULL},
    {"a\\\\.b", NULL},
    {" ", NULL},
    {"\xC3\xA9.\xE2\x82\xAC", NULL},
    {DEEP64 DEEP64 "a", "it has more than 128 keys"},
    {"", "there is an empty key in it"},
    {".", "there is an empty key in it"},
    {".a", "there is an empty key in it"},
    {"a.", "there is an empty key in it"},
    {"a..b", "there is an empty key in it"},
    {"\\", "a backslash stands before '.' or '\\', nowhere else"},
    {"a\\", "a backslash stands before '.' or '\\', nowhere else"},
    {"a.b\\", "a backslash stands before '.' or '\\', nowhere else"},
    {"a\\n", "a backslash stands before '.' or '\\', nowhere else"},
    {"a\xFF", "it is not UTF-8"},
};

FIXTURE(setup, teardown);

TEST_EACH(schema__says_what_is_no_path, paths)
{
    char text[1200];
    struct schema *made = schema_create(paths[_i].path, &error);
    ck_assert_int_eq(made == NULL, paths[_i].wrong != NULL);
    schema_destroy(made);
    snprintf(text, sizeof text, "'%s' is not a path of keys: %s", paths[_i].path, paths[_i].wrong ? paths[_i].wrong : "");
    if (paths[_i].wrong) ck_assert_str_eq(error.text, text);

    const struct etl_field field = {"x", paths[_i].path, ETL_KIND_INT64, ETL_ROLE_FIELD, 0, 0, 0, 0};
    const struct etl_event event = {{sizeof event, 8, sizeof field, 1, &field, "buy"}};
    size_t offset = 77;
    ck_assert_int_eq(schema_add_struct(schema, schema_event_type(schema, "t"), &event, &offset, &error), !paths[_i].wrong);
    snprintf(text, sizeof text, "event 'buy', field 'x': '%s' is not a path of keys: %s", paths[_i].path,
             paths[_i].wrong ? paths[_i].wrong : "");
    if (paths[_i].wrong) ck_assert_str_eq(error.text, text);
    ck_assert_uint_eq(offset, paths[_i].wrong ? 77 : 0);
}

TEST(schema__takes_the_deepest_path)
{
    struct schema *made = schema_create(&(DEEP64 DEEP64 "a")[2], &error);
    ck_assert_ptr_nonnull(made);
    ck_assert_uint_eq(made->node_count, 1 + 128);
    schema_destroy(made);
}

TEST(schema__numbers_event_types_in_order)
{
    static const char *const names[] = {"buy", "sell", "", "buy_", "a name of more than sixteen bytes",
                                        "a name of more than sixteen bytez"};
    for (int round = 0; round < 2; round++)
        for (unsigned i = 0; i < sizeof names / sizeof *names; i++) ck_assert_uint_eq(schema_event_type(schema, names[i]), i);
}

static const struct etl_field good = {"x", NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, 0, 0, 0, 0};

TEST(schema__places_a_declaration_once_a_type)
{
    const struct etl_event one = {{sizeof one, 40, sizeof good, 1, &good, "one"}};
    const struct etl_event two = {{sizeof two, 8, sizeof good, 1, &good, "two"}};
    unsigned a = schema_event_type(schema, "a"), b = schema_event_type(schema, "b");
    size_t first, second, third, again;
    ck_assert(schema_add_struct(schema, a, &one, &first, &error));
    ck_assert(schema_add_struct(schema, a, &two, &second, &error));
    ck_assert(schema_add_struct(schema, b, &one, &third, &error));
    ck_assert(first + 40 <= second && second + 8 <= third && third + 40 <= schema->frame_size);
    ck_assert_uint_eq((first | second | third) % FRAME_ALIGNMENT, 0);
    ck_assert(schema_add_struct(schema, b, &one, &again, &error));
    ck_assert_uint_eq(again, third);
    ck_assert(schema_add_struct(schema, a, &one, &again, &error));
    ck_assert_uint_eq(again, first);
    ck_assert_uint_eq(schema->types[a].want_count, 2);
}

/* Fields of a plugin of another version are walked by their own size. */
TEST(schema__reads_newer_fields)
{
    enum { FIELDS = 3 };
    static _Alignas(8) unsigned char raw[FIELDS * 64];
    size_t sizes[] = {sizeof(struct etl_field), sizeof(struct etl_field) + 8, 64}, offset;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        static const char *const names[FIELDS] = {"a", "b", "c"};
        memset(raw, 0, sizeof raw);
        for (unsigned i = 0; i < FIELDS; i++) {
            struct etl_field field = {names[i], NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, i * 8, 0, 0, 0};
            memcpy(raw + i * sizes[s], &field, sizeof field);
        }
        const struct etl_event event = {{sizeof event, 24, (uint32_t)sizes[s], FIELDS,
                                         (const struct etl_field *)(const void *)raw, "e"}};
        char name[] = {(char)('a' + s), 0};
        unsigned type = schema_event_type(schema, name);
        ck_assert_msg(schema_add_struct(schema, type, &event, &offset, &error), "%s", error.text);
        for (unsigned i = 0; i < FIELDS; i++) {
            const struct want *want = &schema->types[type].wants[i];
            ck_assert_str_eq(want->path, names[i]);
            ck_assert(want->offset == offset + i * 8 && !want->optional && want->unit == ETL_SECONDS);
        }
    }
}

TEST(schema__an_event_may_want_nothing)
{
    const struct etl_event event = {{sizeof event, 0, 0, 0, NULL, "nothing"}};
    size_t offset;
    ck_assert(schema_add_struct(schema, schema_event_type(schema, "t"), &event, &offset, &error));
    struct decoder *decoder = decoder_create(schema);
    ck_assert_ptr_nonnull(decoder_frame(decoder));
    decoder_destroy(decoder);
    decoder_destroy(NULL);
    schema_destroy(NULL);
}

/* A name is one key, even one that no C member could have. */
TEST(schema__a_name_is_not_a_path)
{
    const struct etl_field fields[] = {{"a.b\\c", NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, 0, 0, 0, 0},
                                       {"x", "a\\.b\\\\c", ETL_KIND_INT64, ETL_ROLE_FIELD, 0, 0, 0, 0}};
    const struct etl_event event = {{sizeof event, 8, sizeof *fields, 2, fields, "e"}};
    size_t offset;
    unsigned type = schema_event_type(schema, "t");
    ck_assert(schema_add_struct(schema, type, &event, &offset, &error));
    ck_assert_uint_eq(schema->types[type].wants[0].node, schema->types[type].wants[1].node);
    ck_assert_uint_eq(schema->node_count, 3);
}

/* The one word that is no longer than the longest of none. */
TEST(schema__finds_no_type_where_there_is_none)
{
    static const char line[128] = "{\"type\":\"\"}\n";
    struct decoder *decoder = decoder_create(schema);
    ck_assert_int_eq(decoder_decode(decoder, line, strlen(line) - 1).verdict, VERDICT_UNHANDLED);
    decoder_destroy(decoder);
}

SUITE("schema");
