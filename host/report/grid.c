/* SPDX-License-Identifier: MIT
 * Measuring, cutting and printing cells. */
#include "report/grid.h"
#include "base/glyph.h"

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
    return glyphs_width(text, strlen(text));
}

/* Cuts a text that is wider than the limit. The text is longer than the part kept, and
 * at least as wide as the dots. */
static void cut(char *text, size_t width_max)
{
    size_t size = strlen(text), width = 0;
    if (!width_max || width_of(text) <= width_max) return;
    for (struct glyph glyph; width + (glyph = glyph_at(text, size)).width <= width_max - DOTS; width += glyph.width)
        text += glyph.size, size -= glyph.size;
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
    glyphs_clean(text, '?');
    cut(text, grid->columns[column].width_max);
    size_t width = width_of(text);
    if (width > grid->widths[column]) grid->widths[column] = width;
    grid->text.size = start + strlen(text) + 1;
}

void grid_add_row(struct grid *grid, const char *const *cells)
{
    for (; *cells; cells++) grid_add(grid, "%s", *cells);
}

/* Pending spaces are only printed before a text. */
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
