/* SPDX-License-Identifier: MIT */
#include "grid.h"
#include "utf8.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

enum { GAP = 2, DOTS = 3 };

void grid_init(struct grid *grid, const struct grid_column *columns, unsigned count)
{
    assert(count <= GRID_COLUMNS_MAX);
    *grid = (struct grid){.columns = columns, .column_count = count};
}

static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++) width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

/* In place, for it does not become longer. */
static void clean(char *text)
{
    size_t size = strlen(text), length;
    char *to = text;
    for (size_t at = 0; at < size; at += length) {
        length = utf8_length(text + at, size - at);
        bool plain = length > 1 || (length && (unsigned char)text[at] >= 0x20 && text[at] != 0x7F);
        bool c1 = length == 2 && (unsigned char)text[at] == 0xC2 && (unsigned char)text[at + 1] < 0xA0; /* controls, too */
        if (!length) length = 1;
        if (plain && !c1) memmove(to, text + at, length), to += length;
        else *to++ = '?';
    }
    *to = '\0';
}

static void cut(char *text, size_t width_max)
{
    if (!width_max || width_of(text) <= width_max) return;
    for (size_t kept = 0; kept < width_max - DOTS; kept++)
        do text++;
        while (((unsigned char)*text & 0xC0) == 0x80);
    memcpy(text, "...", DOTS + 1);
}

void grid_add(struct grid *grid, const char *format, ...)
{
    unsigned column = grid->cells++ % grid->column_count;
    size_t start = grid->text.size;
    va_list arguments;
    va_start(arguments, format);
    buffer_format_arguments(&grid->text, format, arguments);
    va_end(arguments);
    buffer_add(&grid->text, "", 1);
    char *text = grid->text.data + start;
    clean(text);
    cut(text, grid->columns[column].width_max);
    size_t width = width_of(text);
    if (width > grid->widths[column]) grid->widths[column] = width;
    grid->text.size = start + strlen(text) + 1;
}

void grid_add_row(struct grid *grid, const char *const *cells)
{
    for (; *cells; cells++) grid_add(grid, "%s", *cells);
}

/* Spaces are owed until something stands behind them. */
static void print_cell(const struct grid *grid, unsigned column, const char *text, size_t *owed, FILE *to)
{
    size_t space = grid->widths[column] - width_of(text);
    bool right = grid->columns[column].to_the_right;
    if (*text) {
        fprintf(to, "%*s%s", (int)(*owed + (right ? space : 0)), "", text);
        *owed = right ? 0 : space;
    } else *owed += space;
    *owed += GAP;
}

void grid_print(const struct grid *grid, unsigned indent, FILE *to)
{
    const char *text = grid->text.data;
    size_t owed = indent;
    assert(grid->cells % grid->column_count == 0);
    for (size_t i = 0; i < grid->cells; i++, text += strlen(text) + 1) {
        unsigned column = (unsigned)(i % grid->column_count);
        print_cell(grid, column, text, &owed, to);
        if (column + 1 < grid->column_count) continue;
        fputc('\n', to);
        owed = indent;
    }
}

void grid_finish(struct grid *grid)
{
    buffer_finish(&grid->text);
}
