/* SPDX-License-Identifier: MIT */
#include "dispatch/dispatch_impl.h"
#include "suite.h"

#include <stdlib.h>

struct sample {
    int64_t number;
    etl_string text;
    etl_timestamp time;
    bool has_number, flag;
};
enum { NUMBER = offsetof(struct sample, number), TEXT = offsetof(struct sample, text), TIME = offsetof(struct sample, time),
       HAS = offsetof(struct sample, has_number), FLAG = offsetof(struct sample, flag), SAMPLE = sizeof(struct sample) };

/* One field, and what is said of it in each declaration (NULL: nothing is wrong). */
static const struct {
    enum declaration what;
    struct etl_field field;
    const char *says;
} fields[] = {
    {DECLARATION_EVENT, {"number", NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, NUMBER, 0, 0, 0}, NULL},
    {DECLARATION_EVENT, {"number", "a.b", ETL_KIND_INT64, ETL_ROLE_FIELD, NUMBER, HAS, 1, 0}, NULL},
    {DECLARATION_EVENT, {"number", "a\tb", ETL_KIND_INT64, ETL_ROLE_FIELD, NUMBER, HAS, 1, 0}, NULL},
    {DECLARATION_EVENT, {"text", NULL, ETL_KIND_STRING, ETL_ROLE_EVENT_TYPE, TEXT, 0, 0, 0}, NULL},
    {DECLARATION_EVENT, {"time", NULL, ETL_KIND_TIMESTAMP, ETL_ROLE_FIELD, TIME, 0, 0, ETL_MILLISECONDS}, NULL},
    {DECLARATION_EVENT, {"flag", NULL, ETL_KIND_BOOL, ETL_ROLE_FIELD, FLAG, 0, 0, 0}, NULL},
    {DECLARATION_EFFECT, {"number", NULL, ETL_KIND_INT64, ETL_ROLE_KEY, NUMBER, 0, 0, 0}, NULL},
    {DECLARATION_EFFECT, {"number", NULL, ETL_KIND_INT64, ETL_ROLE_VALUE, NUMBER, HAS, 1, 0}, NULL},
    {DECLARATION_ROW, {"number", NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, NUMBER, 0, 0, 0}, NULL},

    {DECLARATION_EVENT, {NULL, NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, NUMBER, 0, 0, 0},
     "event 'sample', field 1: the name is NULL"},
    {DECLARATION_EVENT, {"", NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, NUMBER, 0, 0, 0}, "the name is empty"},
    {DECLARATION_EVENT, {"\xFF", NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, NUMBER, 0, 0, 0}, "the name is not UTF-8"},
    {DECLARATION_EVENT, {"a\nb", NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, NUMBER, 0, 0, 0}, "the name has a control character"},
    {DECLARATION_EVENT, {"number", "", ETL_KIND_INT64, ETL_ROLE_FIELD, NUMBER, 0, 0, 0}, "the path is empty"},
    {DECLARATION_EVENT, {"number", NULL, 0, ETL_ROLE_FIELD, NUMBER, 0, 0, 0}, "event 'sample', field 'number': unknown kind 0"},
    {DECLARATION_EVENT, {"number", NULL, 8, ETL_ROLE_FIELD, NUMBER, 0, 0, 0}, "unknown kind 8"},
    {DECLARATION_EVENT, {"number", NULL, ETL_KIND_INT64, 0, NUMBER, 0, 0, 0}, "event fields cannot have role 0"},
    {DECLARATION_EVENT, {"number", NULL, ETL_KIND_INT64, ETL_ROLE_KEY, NUMBER, 0, 0, 0}, "event fields cannot have role 3"},
    {DECLARATION_EVENT, {"number", NULL, ETL_KIND_INT64, 35, NUMBER, 0, 0, 0}, "fields cannot have role 35"},
    {DECLARATION_EFFECT, {"number", NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, NUMBER, 0, 0, 0}, "effect fields cannot have role 1"},
    {DECLARATION_ROW, {"number", NULL, ETL_KIND_INT64, ETL_ROLE_SUM, NUMBER, 0, 0, 0}, "row fields cannot have role 4"},
    {DECLARATION_ROW, {"text", NULL, ETL_KIND_STRING, ETL_ROLE_EVENT_TYPE, TEXT, 0, 0, 0}, "fields cannot have role 2"},
    {DECLARATION_EVENT, {"number", NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, SAMPLE, 0, 0, 0},
     "offset 40 does not stand in a struct of 40 bytes"},
    {DECLARATION_EVENT, {"number", NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, UINT32_MAX - 7, 0, 0, 0}, "does not stand in a struct"},
    {DECLARATION_EVENT, {"number", NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, NUMBER + 1, 0, 0, 0}, "offset 1 does not stand"},
    {DECLARATION_EVENT, {"text", NULL, ETL_KIND_STRING, ETL_ROLE_FIELD, SAMPLE - 8, 0, 0, 0}, "offset 32 does not stand"},
    {DECLARATION_EVENT, {"number", NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, NUMBER, HAS, 2, 0}, ".optional is 2"},
    {DECLARATION_EVENT, {"number", NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, NUMBER, SAMPLE, 1, 0}, ".has_offset 40 does not stand"},
    {DECLARATION_EFFECT, {"number", NULL, ETL_KIND_INT64, ETL_ROLE_KEY, NUMBER, HAS, 1, 0}, "a key cannot be optional"},
    {DECLARATION_EVENT, {"number", NULL, ETL_KIND_INT64, ETL_ROLE_EVENT_TYPE, NUMBER, 0, 0, 0}, "an event type is a string"},
    {DECLARATION_EVENT, {"time", NULL, ETL_KIND_TIMESTAMP, ETL_ROLE_FIELD, TIME, 0, 0, 5}, "unit 5 is none"},
    {DECLARATION_EVENT, {"number", NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, NUMBER, 0, 0, ETL_SECONDS}, "unit 1000000000 is none"},
};

static void check_says(bool ok, const char *says, const struct error *error, int row)
{
    ck_assert_msg(ok == !says, "row %d: %s", row, ok ? "passes" : error->text);
    if (says) ck_assert_msg(strstr(error->text, says) != NULL, "row %d: %s", row, error->text);
}

TEST_EACH(declaration__judges_field, fields)
{
    struct error error;
    struct etl_event event = {{sizeof event, SAMPLE, sizeof(struct etl_field), 1, &fields[_i].field, "sample"}};
    check_says(declaration_check(&event.record, fields[_i].what, &error), fields[_i].says, &error, _i);
}

static const struct etl_field number = {"number", NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, NUMBER, 0, 0, 0};

static const struct {
    struct etl_record record;
    const char *says;
} records[] = {
    {{sizeof(struct etl_event), SAMPLE, sizeof number, 1, &number, "sample"}, NULL},
    {{sizeof(struct etl_event), SAMPLE, 0, 0, NULL, "sample"}, NULL},
    {{sizeof(struct etl_event) - 1, SAMPLE, sizeof number, 1, &number, "sample"}, "event has 31 bytes, where ABI 1.0 has 32"},
    {{1 << 20, SAMPLE, sizeof number, 1, &number, "sample"}, "event has 1048576 bytes"},
    {{sizeof(struct etl_event), 0, sizeof number, 1, &number, "sample"}, "its struct has 0 bytes"},
    {{sizeof(struct etl_event), 1 << 21, sizeof number, 1, &number, "sample"}, "its struct has 2097152 bytes"},
    {{sizeof(struct etl_event), SAMPLE, sizeof number, 5000, &number, "sample"}, "has 5000 fields"},
    {{sizeof(struct etl_event), SAMPLE, sizeof number, 1, NULL, "sample"}, "its fields are NULL"},
    {{sizeof(struct etl_event), SAMPLE, sizeof number - 8, 1, &number, "sample"}, "a field has 32 bytes, where ABI 1.0 has 40"},
    {{sizeof(struct etl_event), SAMPLE, sizeof number + 4, 1, &number, "sample"}, "a field has 44 bytes"},
    {{sizeof(struct etl_event), SAMPLE, 8192, 1, &number, "sample"}, "etl_field has 8192 bytes"},
    {{sizeof(struct etl_event), SAMPLE, sizeof number, 1, &number, NULL}, "event: the name is NULL"},
};

TEST_EACH(declaration__judges_record, records)
{
    struct error error;
    struct etl_event event = {records[_i].record};
    check_says(declaration_check(&event.record, DECLARATION_EVENT, &error), records[_i].says, &error, _i);
}

/* From a later header: longer, but what is not known is not used. */
struct later_field {
    struct etl_field known;
    uint64_t unknown;
};
struct later_event {
    struct etl_event known;
    uint64_t unknown;
};

TEST(declaration__walks_longer_fields)
{
    struct later_field later[2] = {{.known = number}, {.known = {"text", NULL, ETL_KIND_STRING, ETL_ROLE_FIELD, TEXT, 0, 0, 0}}};
    struct later_event event = {{{sizeof event, SAMPLE, sizeof *later, 2, &later->known, "sample"}}, 0};
    struct error error;
    ck_assert(declaration_check(&event.known.record, DECLARATION_EVENT, &error));
    ck_assert_ptr_eq(declaration_find(&event.known.record, "text"), &later[1].known);
    ck_assert_ptr_null(declaration_find(&event.known.record, "none"));
    later[1].unknown = 1;
    check_says(declaration_check(&event.known.record, DECLARATION_EVENT, &error),
               "field 'text': etl_field uses members beyond the 40 bytes", &error, 0);
    later[1].unknown = 0;
    event.unknown = 1;
    check_says(declaration_check(&event.known.record, DECLARATION_EVENT, &error), "event uses members beyond the 32 bytes",
               &error, 1);
}

TEST(declaration__continues_shorter_structs_with_zeros)
{
    struct error error;
    char known[8], given[4] = {1, 2, 3, 4};
    ck_assert(struct_take(known, sizeof known, 3, given, sizeof given, "it", &error));
    ck_assert_mem_eq(known, "\1\2\3\4\0\0\0\0", 8);
    ck_assert(!struct_take(known, sizeof known, 5, given, sizeof given, "it", &error));
    ck_assert_mem_eq(known, "\1\2\3\4\0\0\0\0", 8);
}

static const struct {
    size_t size;
    const char *text, *copy;
} texts[] = {
    {1024, "caf\xC3\xA9", "caf\xC3\xA9"},
    {1024, "\xC3\xA9 \xE9", "\xC3\xA9 \xEF\xBF\xBD"},
    {1024, "\xE2\x82", "\xEF\xBF\xBD\xEF\xBF\xBD"},
    {4, "abcdef", "abc"},
    {4, "ab\xC3\xA9", "ab"}, /* a character is not cut */
    {1, "a", ""},
};

TEST_EACH(declaration__copies_text_as_utf8, texts)
{
    char copy[1024];
    text_copy(copy, texts[_i].size, texts[_i].text);
    ck_assert_str_eq(copy, texts[_i].copy);
}

SUITE("declaration");
