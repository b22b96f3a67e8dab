/* SPDX-License-Identifier: MIT
 * table: a table for people: aligned columns, numbers to the right, and no characters
 * that a terminal obeys. */
#include "base/fields.h"
#include "base/glyph.h"
#include "base/memory.h"
#include "sinks/sinks_impl.h"

#include <stdlib.h>

/* A longer value does not widen all rows, only its own. */
enum { WIDTH_MAX = 64 };

struct grid {
    size_t *widths; /* of each column, in terminal columns */
};

struct line {
    const struct sink *sink;
    struct buffer *to;
    /* blanks to write before the next text, so that no line ends in blanks */
    size_t blanks;
};

/* Shows a hidden character as \uXXXX or \UXXXXXXXX. */
static size_t show_hidden(struct buffer *to, uint32_t code)
{
    static const char digits[] = "0123456789abcdef";
    const size_t size = code <= 0xFFFF ? 6 : 10;
    char *out = buffer_reserve(to, size);
    out[0] = '\\', out[1] = size == 6 ? 'u' : 'U';
    for (size_t i = size; i-- > 2; code >>= 4) out[i] = digits[code & 15];
    to->size += size;
    return size;
}

/* Adds the visible form of a text. Returns its width in columns. */
static size_t show(struct buffer *to, etl_string text)
{
    size_t width = 0;
    struct glyph glyph;
    for (size_t at = 0; at < text.size; at += glyph.size) {
        glyph = glyph_at(text.data + at, text.size - at);
        if (glyph.hidden) width += show_hidden(to, glyph.code);
        else buffer_add(to, text.data + at, glyph.size), width += glyph.width;
    }
    return width;
}

static size_t width_of(struct buffer *scratch, etl_string text)
{
    scratch->size = 0;
    return show(scratch, text);
}

static struct grid *grid_of(struct sink *sink)
{
    if (sink->data) return sink->data;
    struct grid *grid = sink->data = allocate(sizeof *grid);
    struct buffer shown = {0};
    size_t count = table_column_count(sink->table);
    grid->widths = allocate(count * sizeof *grid->widths);
    for (size_t i = 0; i < count; i++) {
        const char *name = table_column(sink->table, i)->name;
        grid->widths[i] = width_of(&shown, (etl_string){name, strlen(name)});
    }
    buffer_finish(&shown);
    return grid;
}

static void grid_measure(struct sink *sink, const void *row)
{
    struct grid *grid = grid_of(sink);
    struct buffer shown = {0};
    char text[CELL_TEXT_MAX];
    for (size_t i = 0, count = table_column_count(sink->table); i < count; i++) {
        size_t width = width_of(&shown, table_row_cell(sink->table, row, i, text).text);
        if (width > WIDTH_MAX) width = WIDTH_MAX;
        if (grid->widths[i] < width) grid->widths[i] = width;
    }
    buffer_finish(&shown);
}

static bool is_number(const struct sink *sink, size_t column)
{
    return kinds[table_column(sink->table, column)->kind].is_number;
}

static void add_blanks(struct buffer *to, size_t count)
{
    memset(buffer_reserve(to, count), ' ', count);
    to->size += count;
}

static void add_cell(struct line *line, size_t column, etl_string text)
{
    const struct grid *grid = line->sink->data;
    struct buffer *to = line->to;
    if (column) line->blanks += 2;
    size_t start = to->size, width = show(to, text), size = to->size - start;
    size_t room = grid->widths[column] > width ? grid->widths[column] - width : 0;
    bool right = is_number(line->sink, column);
    if (right) line->blanks += room;
    if (size) { /* the pending blanks go before it */
        add_blanks(to, line->blanks);
        memmove(to->data + start + line->blanks, to->data + start, size);
        memset(to->data + start, ' ', line->blanks);
        line->blanks = 0;
    }
    if (!right) line->blanks += room;
}

static void add_rule(const struct grid *grid, struct buffer *to, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i) buffer_add(to, "  ", 2);
        memset(buffer_reserve(to, grid->widths[i]), '-', grid->widths[i]);
        to->size += grid->widths[i];
    }
    buffer_add(to, "\n", 1);
}

static void grid_begin(struct sink *sink)
{
    const struct grid *grid = grid_of(sink);
    struct buffer *to = &sink->output->pending;
    struct line line = {.sink = sink, .to = to};
    size_t count = table_column_count(sink->table);
    if (!sink->first) buffer_add(to, "\n", 1);
    if (sink->shared) {
        show(to, (etl_string){sink->config->effect.value, strlen(sink->config->effect.value)});
        buffer_add(to, "\n", 1);
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = table_column(sink->table, i)->name;
        add_cell(&line, i, (etl_string){name, strlen(name)});
    }
    buffer_add(to, "\n", 1);
    add_rule(grid, to, count);
}

static void grid_line(const struct sink *sink, struct buffer *to, const void *row)
{
    struct line line = {.sink = sink, .to = to};
    char text[CELL_TEXT_MAX];
    for (size_t i = 0, count = table_column_count(sink->table); i < count; i++)
        add_cell(&line, i, table_row_cell(sink->table, row, i, text).text);
    buffer_add(to, "\n", 1);
}

static void grid_end(struct sink *sink)
{
    size_t count = table_row_count(sink->table);
    buffer_format(&sink->output->pending, "(%zu row%s)\n", count, count == 1 ? "" : "s");
}

static void grid_finish(struct sink *sink)
{
    struct grid *grid = sink->data;
    if (!grid) return;
    free(grid->widths);
    free(grid);
}

const struct sink_writer sink_table = {
    .measure = grid_measure, .begin = grid_begin, .row = grid_line, .end = grid_end, .finish = grid_finish,
};
