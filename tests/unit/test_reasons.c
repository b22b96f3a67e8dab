/* SPDX-License-Identifier: MIT */
#include "base/memory.h"
#include "run/reasons.h"
#include "suite.h"

#include <stdlib.h>

static void add(struct reasons *reasons, enum reject_class class, uint32_t handler, const char *text)
{
    reasons_add(reasons, class, handler, (etl_string){text, strlen(text)});
}

static void add_numbered(struct reasons *reasons, const char *format, int number)
{
    char *text = format_text(format, number);
    add(reasons, REJECT_INVALID, NO_HANDLER, text);
    free(text);
}

/* Two texts, and what the reasons are called: one where they are the same but for numbers. */
static const struct {
    const char *first, *second, *called, *called_second; /* NULL: they are one */
} pairs[] = {
    {"field 'a' is missing", "field 'a' is missing", "field 'a' is missing", NULL},
    {"field 'a' is missing", "field 'b' is missing", "field 'a' is missing", "field 'b' is missing"},
    {"at byte 7: bad", "at byte 12345: bad", "at byte #: bad", NULL},
    {"at byte 7: bad", "at byte 7: bad", "at byte 7: bad", NULL},
    {"1.5 of 2", "0.25 of 1,000.75", "# of #", NULL},
    {"holds -3", "holds -4.", "holds -3", "holds -4."},
    {"holds -3", "holds 4", "holds #", NULL},
    {"T-3", "T-4", "T-#", NULL},
    {"holds 3.", "holds 4.", "holds #.", NULL},
    {"user2 is gone", "user3 is gone", "user2 is gone", "user3 is gone"},
    {"a_1", "a_2", "a_1", "a_2"},
    {"", "1", "", "1"},
};

TEST_EACH(reasons__counts_numbers_as_one, pairs)
{
    struct reasons reasons = {0};
    struct reason ranked[2];
    uint64_t rest;
    add(&reasons, REJECT_INVALID, 3, pairs[_i].first);
    add(&reasons, REJECT_INVALID, 3, pairs[_i].second);
    uint32_t count = reasons_rank(&reasons, ranked, 2, &rest);
    ck_assert_uint_eq(count, pairs[_i].called_second ? 2 : 1);
    ck_assert_str_eq(ranked[0].text, pairs[_i].called);
    ck_assert_uint_eq(ranked[0].count, 3 - count);
    if (count == 2) ck_assert_str_eq(ranked[1].text, pairs[_i].called_second);
    ck_assert_uint_eq(rest, 0);
    reasons_finish(&reasons);
}

TEST(reasons__tells_class_and_handler_apart)
{
    static const struct {
        enum reject_class class;
        uint32_t handler;
        uint64_t count;
    } kinds[] = {{REJECT_INVALID, 1, 4}, {REJECT_INVALID, 0, 3}, {REJECT_MALFORMED, 1, 2}, {REJECT_INVALID, NO_HANDLER, 1}};
    struct reasons reasons = {0};
    struct reason ranked[5];
    uint64_t rest;
    for (size_t i = 0; i < 4; i++)
        for (uint64_t n = 0; n < kinds[i].count; n++) add(&reasons, kinds[i].class, kinds[i].handler, "no");
    ck_assert_uint_eq(reasons_rank(&reasons, ranked, 5, &rest), 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(ranked[i].count, kinds[i].count);
        ck_assert_int_eq(ranked[i].class, kinds[i].class);
        ck_assert_uint_eq(ranked[i].handler, kinds[i].handler);
    }
    reasons_finish(&reasons);
}

TEST(reasons__ranks_by_count_then_as_they_came)
{
    static const char *const texts[] = {"b", "a", "c", "c", "d", "d", "d", "a", "e"}, *const order[] = {"d", "a", "c", "b"};
    struct reasons reasons = {0};
    struct reason ranked[4];
    uint64_t rest;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) add(&reasons, REJECT_INVALID, NO_HANDLER, texts[i]);
    ck_assert_uint_eq(reasons_rank(&reasons, ranked, 4, &rest), 4);
    for (size_t i = 0; i < 4; i++) ck_assert_str_eq(ranked[i].text, order[i]);
    ck_assert_uint_eq(rest, 1);
    reasons_finish(&reasons);
}

/* Formats with a number in quotes that is part of a name, and what a thousand different ones are called. */
static const struct {
    const char *format, *called; /* NULL: they are all told apart, and so too many */
} quotes[] = {
    {"field 'f%d' is missing", "field '#' is missing"},
    {"'t%d'", "'#'"},
    {"sells 5 of 't%d' and '', which", "sells # of '#' and '#', which"},
    {"it isn't x: 't%d'", "it isn't x: '#'"},
    {"'it isn't t%d' or so", "'#' or so"},
    {"open 't%d", "open '#"},
    {"name t%d", NULL},
};

TEST_EACH(reasons__counts_many_quoted_as_one, quotes)
{
    struct reasons reasons = {0};
    struct reason ranked[2];
    uint64_t rest;
    for (int i = 0; i < FORMS_MAX; i++) add_numbered(&reasons, quotes[_i].format, i);
    ck_assert_uint_eq(reasons.form_count, FORMS_MAX);
    for (int i = 0; i < 1000; i++) add_numbered(&reasons, quotes[_i].format, i);
    uint32_t count = reasons_rank(&reasons, ranked, 2, &rest);
    if (quotes[_i].called) {
        ck_assert_uint_eq(count, 1);
        ck_assert_uint_eq(ranked[0].count, 1000 + FORMS_MAX);
        ck_assert_str_eq(ranked[0].text, quotes[_i].called);
    } else {
        ck_assert_uint_eq(count, 2);
        ck_assert_uint_eq(rest, 1000 + FORMS_MAX - ranked[0].count - ranked[1].count);
    }
    reasons_finish(&reasons);
}

TEST(reasons__tells_a_few_quoted_apart)
{
    struct reasons reasons = {0};
    struct reason ranked[FORMS_MAX + 1];
    uint64_t rest;
    for (int i = 0; i < 2 * FORMS_MAX; i++) add_numbered(&reasons, "field 'f%d' is missing", i % FORMS_MAX);
    ck_assert_uint_eq(reasons_rank(&reasons, ranked, FORMS_MAX + 1, &rest), FORMS_MAX);
    for (int i = 0; i < FORMS_MAX; i++) ck_assert_uint_eq(ranked[i].count, 2);
    reasons_finish(&reasons);
}

TEST(reasons__counts_what_is_too_many_together)
{
    struct reasons reasons = {0};
    struct reason ranked[GISTS_MAX];
    uint64_t rest;
    for (int i = 0; i < 2 * (GISTS_MAX + 100); i++) add_numbered(&reasons, "name%d", i % (GISTS_MAX + 100));
    ck_assert_uint_eq(reasons_rank(&reasons, ranked, GISTS_MAX, &rest), GISTS_MAX);
    for (int i = 0; i < GISTS_MAX; i++) ck_assert_uint_eq(ranked[i].count, 2);
    ck_assert_uint_eq(rest, 200);
    ck_assert_uint_eq(reasons_rank(&reasons, ranked, 10, &rest), 10);
    ck_assert_uint_eq(rest, 200 + 2 * (GISTS_MAX - 10));
    reasons_finish(&reasons);
}

/* Cut at each place of a character of three bytes. */
TEST_RANGE(reasons__keeps_whole_characters_of_a_long_text, 0, 3)
{
    struct reasons reasons = {0};
    struct reason ranked[2];
    uint64_t rest;
    char text[REASON_SIZE + 100];
    memset(text, 'x', sizeof text);
    memcpy(text + REASON_SIZE - 1 - _i, "\xE2\x82\xAC", 3);
    reasons_add(&reasons, REJECT_INVALID, NO_HANDLER, (etl_string){text, sizeof text});
    text[sizeof text - 1] = 'y'; /* too far behind to tell */
    reasons_add(&reasons, REJECT_INVALID, NO_HANDLER, (etl_string){text, sizeof text});
    ck_assert_uint_eq(reasons_rank(&reasons, ranked, 2, &rest), 1);
    ck_assert_uint_eq(ranked[0].count, 2);
    ck_assert_uint_eq(strlen(ranked[0].text), REASON_SIZE - 1 - (_i < 3 ? _i : 3));
    reasons_finish(&reasons);
}

TEST(reasons__of_nothing_are_none)
{
    struct reasons reasons = {0};
    struct reason ranked[1];
    uint64_t rest;
    ck_assert_uint_eq(reasons_rank(&reasons, ranked, 1, &rest), 0);
    ck_assert_uint_eq(rest, 0);
    reasons_finish(&reasons);
}

SUITE("reasons");
