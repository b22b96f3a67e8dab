/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "base/diagnostic.h"
#include "base/shorten.h"
#include "base/utf8.h"
#include "suite.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) static void format(char *to, size_t room, const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    format_short(to, room, text, arguments);
    va_end(arguments);
}

/* A path of so many bytes: /p/p/p/... and a name at its end. */
static const char *long_path(size_t size)
{
    static char path[2 * PATH_MAX];
    for (size_t i = 0; i < size; i++) path[i] = i % 2 ? 'p' : '/';
    memcpy(path + size - 8, "/out.csv", 9);
    return path;
}

TEST(shorten__leaves_what_fits)
{
    char text[64];
    format(text, sizeof text, "cannot open '%s': %s", "x.so", "no such file");
    ck_assert_str_eq(text, "cannot open 'x.so': no such file");
    format(text, sizeof text, "%.63s", "an ordinary sentence of sixty-three characters, which all fit in");
    ck_assert_uint_eq(strlen(text), 63);
}

TEST(shorten__keeps_the_ends_of_a_path_and_the_cause)
{
    char text[120];
    format(text, sizeof text, "cannot write '%s': Permission denied", long_path(300));
    ck_assert_uint_eq(strlen(text), 119);
    ck_assert_ptr_nonnull(strstr(text, "cannot write '/p/p/p"));
    ck_assert_ptr_nonnull(strstr(text, "..."));
    ck_assert_ptr_nonnull(strstr(text, "/p/out.csv': Permission denied"));
}

TEST(shorten__keeps_what_stands_between_two_paths)
{
    char first[1000], text[400];
    strcpy(first, long_path(900));
    format(text, sizeof text, "output '%s' is the same file as output '%s' in line %d", first, long_path(950), 7);
    ck_assert_uint_le(strlen(text), 399);
    ck_assert_ptr_nonnull(strstr(text, "/out.csv' is the same file as output '/p/p"));
    ck_assert_ptr_nonnull(strstr(text, "/out.csv' in line 7"));
}

TEST(shorten__cuts_between_characters)
{
    char path[900], text[200];
    for (size_t size = 600; size < 640; size++) {
        for (size_t at = 0; at < size; at++) path[at] = "\xF0\x9F\x98\x80"[at % 4];
        path[size / 4 * 4] = '\0';
        format(text, sizeof text, "cannot write '%s%s': no", size % 2 ? "x" : "", path);
        ck_assert(utf8_valid(text, strlen(text)));
        ck_assert_uint_gt(strlen(text), 190);
    }
}

TEST(shorten__cuts_the_end_where_there_is_nothing_else)
{
    char text[100], quotes[400];
    memset(quotes, '\'', sizeof quotes - 1);
    quotes[sizeof quotes - 1] = '\0';
    format(text, sizeof text, "%s", quotes);
    ck_assert_uint_eq(strlen(text), 99);
}

TEST(shorten__serves_errors_and_diagnostics)
{
    struct error error;
    struct diagnostics diagnostics = {0};
    char *text;
    size_t size;
    error_set(&error, "cannot write '%s': Permission denied", long_path(PATH_MAX - 1));
    ck_assert_ptr_nonnull(strstr(error.text, "/out.csv': Permission denied"));
    diagnostics_add(&diagnostics, SEVERITY_ERROR, (struct place){"p", 1, 1}, "cannot write '%s': folder '%s': Permission denied",
                    long_path(PATH_MAX - 1), long_path(PATH_MAX - 1));
    FILE *to = open_memstream(&text, &size);
    diagnostics_print(&diagnostics, to);
    fclose(to);
    ck_assert_ptr_nonnull(strstr(text, "/out.csv': folder '/p/"));
    ck_assert_ptr_nonnull(strstr(text, "/out.csv': Permission denied\n"));
    free(text);
    diagnostics_finish(&diagnostics);
}

SUITE("shorten");
