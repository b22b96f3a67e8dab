/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "base/diagnostic.h"
#include "base/utf8.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static char *printed(const struct diagnostics *diagnostics)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    diagnostics_print(diagnostics, to);
    fclose(to);
    return text;
}

static void expect(struct diagnostics *diagnostics, const char *expected)
{
    char *text = printed(diagnostics);
    ck_assert_str_eq(text, expected);
    free(text);
    diagnostics_finish(diagnostics);
}

TEST(diagnostic__prints_place_severity_and_text)
{
    struct diagnostics d = {0};
    diagnostics_add(&d, SEVERITY_ERROR, (struct place){"p.yaml", 12, 5}, "unknown key '%s'", "formatt");
    diagnostics_add(&d, SEVERITY_WARNING, (struct place){"p.yaml", 13, 1}, "nobody emits 'x'");
    ck_assert_uint_eq(d.count, 2);
    ck_assert_uint_eq(d.errors, 1);
    expect(&d, "p.yaml:12:5: error: unknown key 'formatt'\np.yaml:13:1: warning: nobody emits 'x'\n");
}

TEST(diagnostic__leaves_out_a_place_that_is_not_known)
{
    struct diagnostics d = {0};
    diagnostics_add(&d, SEVERITY_ERROR, (struct place){"p.yaml", 0, 0}, "no such file");
    diagnostics_add(&d, SEVERITY_ERROR, (struct place){NULL, 0, 0}, "no such log");
    expect(&d, "p.yaml: error: no such file\netl-host: error: no such log\n");
}

TEST(diagnostic__orders_by_place_then_as_found)
{
    struct diagnostics d = {0};
    static const unsigned places[][2] = {{3, 1}, {1, 9}, {10, 1}, {1, 2}, {1, 2}, {1, 2}};
    for (unsigned i = 0; i < 6; i++)
        diagnostics_add(&d, SEVERITY_ERROR, (struct place){"p", places[i][0], places[i][1]}, "%u", i);
    expect(&d, "p:1:2: error: 3\np:1:2: error: 4\np:1:2: error: 5\np:1:9: error: 1\np:3:1: error: 0\np:10:1: error: 2\n");
}

TEST(diagnostic__shows_control_characters_of_an_error)
{
    struct error error;
    char *text;
    size_t size;
    error_set(&error, "log:1: '\x1b[31m'\n");
    FILE *to = open_memstream(&text, &size);
    error_print(&error, to);
    fclose(to);
    ck_assert_str_eq(text, "etl-host: error: log:1: '\\x1b[31m'\\x0a\n");
    free(text);
}

TEST(diagnostic__shows_control_characters)
{
    struct diagnostics d = {0};
    diagnostics_add(&d, SEVERITY_ERROR, (struct place){"a\nb", 1, 1}, "key '\x1b[31m\x7f'");
    expect(&d, "a\\x0ab:1:1: error: key '\\x1b[31m\\x7f'\n");
}

TEST(diagnostic__copies_the_name_of_the_file)
{
    struct diagnostics d = {0};
    char file[] = "p.yaml";
    diagnostics_add(&d, SEVERITY_ERROR, (struct place){file, 1, 1}, "x");
    memset(file, '!', sizeof file - 1);
    expect(&d, "p.yaml:1:1: error: x\n");
}

TEST(diagnostic__cuts_long_text_between_characters)
{
    for (size_t shift = 0; shift < 4; shift++) {
        struct diagnostics d = {0};
        char text[1200] = "abc";
        for (size_t at = shift; at + 4 < sizeof text; at += 3) memcpy(text + at, "€", 4);
        diagnostics_add(&d, SEVERITY_ERROR, (struct place){"p", 1, 1}, "%s", text);
        char *out = printed(&d);
        size_t size = strlen(out) - strlen("p:1:1: error: \n");
        ck_assert(utf8_valid(out, strlen(out)) && strstr(out, "..."));
        ck_assert(size <= 1023 && size > 1023 - 2 * 3);
        free(out);
        diagnostics_finish(&d);
    }
}

TEST(diagnostic__keeps_a_thousand_and_counts_the_rest)
{
    struct diagnostics d = {0};
    for (unsigned i = 0; i < 1007; i++) diagnostics_add(&d, SEVERITY_ERROR, (struct place){"p", i + 1, 1}, "x");
    ck_assert_uint_eq(d.errors, 1007);
    char *text = printed(&d);
    ck_assert_ptr_nonnull(strstr(text, "p:1000:1: error: x\netl-host: and 7 more\n"));
    ck_assert_ptr_null(strstr(text, "p:1001:1"));
    free(text);
    diagnostics_finish(&d);
}

TEST(diagnostic__prints_nothing_of_nothing)
{
    struct diagnostics d = {0};
    expect(&d, "");
}

static const struct {
    const char *word, *nearest;
} words[] = {
    {"formatt", "format"},   {"fromat", "format"},   {"FORMAT", "format"},  {"frmt", "format"},
    {"pth", "path"},         {"event-type", "event_type"}, {"eventtype", "event_type"}, {"timeout", "handler_timeout"},
    {"state", "state"},      {"xyz", NULL},          {"", NULL},            {"p", NULL},
    {"ab", NULL},            {"completely_other", NULL}, {"sate", "state"},
    {"a_word_that_is_longer_than_any_key_has_ever_been_or_could_ever_hope_to_be_format", NULL},
};

TEST_EACH(nearest_word__finds_what_was_meant, words)
{
    static const char *const candidates[] = {"path", "format", "event_type", "state", "handler_timeout", NULL};
    const char *nearest = nearest_word(words[_i].word, candidates);
    if (words[_i].nearest) ck_assert_pstr_eq(nearest, words[_i].nearest);
    else ck_assert_msg(!nearest, "'%s' gave '%s'", words[_i].word, nearest);
}

TEST(nearest_word__prefers_the_fewest_wrong_letters)
{
    static const char *const candidates[] = {"mallformed", "malformed", "malforme", NULL};
    ck_assert_str_eq(nearest_word("malformd", candidates), "malformed");
    ck_assert_ptr_null(nearest_word("malformed", (const char *const[]){NULL}));
}

SUITE("diagnostic");
