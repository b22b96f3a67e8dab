/* SPDX-License-Identifier: MIT
 * Numbers and aligned rows, as people read them. */
#include "base/figures.h"
#include "report/grid.h"
#include "suite.h"

#include <stdlib.h>

static struct figure duration_of(uint64_t number)
{
    return figure_duration((int64_t)number);
}

static struct figure clock_of(uint64_t milliseconds)
{
    return figure_clock((double)milliseconds / 1000);
}

static const struct {
    struct figure (*make)(uint64_t number);
    uint64_t number;
    const char *text;
} figures[] = {
    {figure_count, 0, "0"},
    {figure_count, 999, "999"},
    {figure_count, 1000, "1,000"},
    {figure_count, 123456, "123,456"},
    {figure_count, 1234567, "1,234,567"},
    {figure_count, UINT64_MAX, "18,446,744,073,709,551,615"},
    {figure_bytes, 0, "0 B"},
    {figure_bytes, 999, "999 B"},
    {figure_bytes, 1000, "1.0 kB"},
    {figure_bytes, 1234567, "1.2 MB"},
    {figure_bytes, 999949999, "999.9 MB"},
    {figure_bytes, 999950000, "1.0 GB"},
    {figure_bytes, 5000000000000, "5.0 TB"},
    {figure_bytes, 12345000000000000, "12345.0 TB"},
    {figure_memory, 1023, "1023 B"},
    {figure_memory, 1024, "1.0 KiB"},
    {figure_memory, 1048575, "1.0 MiB"},
    {figure_memory, 3 << 20, "3.0 MiB"},
    {figure_size, 1, "1 byte"},
    {figure_size, 1000000, "1,000,000 bytes"},
    {figure_size, 1 << 20, "1 MiB"},
    {figure_size, 1536, "1,536 bytes"},
    {figure_size, 1500 << 10, "1,500 KiB"},
    {duration_of, 10000000000, "10 s"},
    {duration_of, 250000000, "250 ms"},
    {duration_of, 1500000000, "1,500 ms"},
    {clock_of, 0, "0:00"},
    {clock_of, 1, "0:01"},
    {clock_of, 59000, "0:59"},
    {clock_of, 59001, "1:00"},
    {clock_of, 3599000, "59:59"},
    {clock_of, 3723000, "1:02:03"},
    {clock_of, UINT64_MAX, "277777:46:40"},
};

TEST_EACH(figures__are_as_people_read_them, figures)
{
    ck_assert_str_eq(figures[_i].make(figures[_i].number).text, figures[_i].text);
}

static char *printed(const struct grid *grid, unsigned indent)
{
    char *text;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    grid_print(grid, indent, file);
    fclose(file);
    return text;
}

static const struct grid_column columns[] = {{0}, {.to_the_right = true}, {.width_max = 8}};

TEST(grid__aligns_its_columns)
{
    struct grid grid;
    grid_init(&grid, columns, 3);
    static const char *const cells[] = {"name", "rows", "note", "a", "12", "", "", "3", "x", "Ærø", "", "y", "", "", ""};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) grid_add(&grid, "%s", cells[i]);
    char *text = printed(&grid, 1);
    ck_assert_str_eq(text, " name  rows  note\n"
                           " a       12\n"
                           "          3  x\n"
                           " Ærø         y\n"
                           "\n");
    free(text);
    grid_finish(&grid);
}

TEST(grid__shortens_what_is_too_wide)
{
    struct grid grid;
    grid_init(&grid, columns, 3);
    static const char *const cells[] = {"abcdefghijkl", "123456789", "12345678", "", "", "123456789", "", "", "ÆØÅæøåäöü"};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) grid_add(&grid, "%s", cells[i]);
    char *text = printed(&grid, 0);
    ck_assert_str_eq(text, "abcdefghijkl  123456789  12345678\n"
                           "                         12345...\n"
                           "                         ÆØÅæø...\n");
    free(text);
    grid_finish(&grid);
}

TEST(grid__keeps_control_characters_from_a_terminal)
{
    struct grid grid;
    grid_init(&grid, columns, 1);
    grid_add(&grid, "%s", "\033[1m\x7f\xc2\x9b\xff\n");
    char *text = printed(&grid, 0);
    ck_assert_str_eq(text, "?[1m????\n");
    free(text);
    grid_finish(&grid);
}

TEST(grid__knows_how_wide_characters_are)
{
    struct grid grid;
    grid_init(&grid, columns, 3);
    static const char *const cells[] = {"中文", "1", "中文中文中", "a", "2", "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301",
                                        "\u202Eab", "3", "中文中"};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) grid_add(&grid, "%s", cells[i]);
    char *text = printed(&grid, 0);
    ck_assert_str_eq(text, "中文  1  中文...\n"
                           "a     2  e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301\n"
                           "?ab   3  中文中\n");
    free(text);
    grid_finish(&grid);
}

SUITE("figures");
