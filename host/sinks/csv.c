/* SPDX-License-Identifier: MIT
 * csv: RFC 4180, with a header and LF. An absent value is empty, the empty string is
 * "". */
#include "base/bytes.h"
#include "base/compiler.h"
#include "base/memory.h"
#include "row/packed_string.h"
#include "row/printer.h"
#include "sinks/sinks_impl.h"

#include <stdlib.h>

/* Computed once: the printer of each column, and the maximal size of a record without
 * its long texts. */
struct csv {
    struct printer *columns;
    size_t count, room;
};

enum { CELL_ROOM = CELL_TEXT_MAX };
_Static_assert(CELL_ROOM >= 2 * TEXT_INLINE_MAX + 2, "a short text in quotes fits as well");

static char *put_quoted(char *to, etl_string text)
{
    *to++ = '"';
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"') *to++ = '"';
        *to++ = text.data[i];
    }
    *to++ = '"';
    return to;
}

static bool wants_quotes(uint64_t word)
{
    return bytes_equal(word, ',') | bytes_equal(word, '"') | bytes_equal(word, '\n') | bytes_equal(word, '\r');
}

static bool is_plain(etl_string text)
{
    uint64_t any = 0;
    size_t at = 0;
    for (; at + 8 <= text.size; at += 8) any |= wants_quotes(text_load(text.data + at, 8));
    return text.size && !any && !wants_quotes(text_load(text.data + at, text.size - at));
}

/* Writes at most twice the text's size, and 2 bytes. */
static char *put_text(char *to, etl_string text)
{
    if (!is_plain(text)) return put_quoted(to, text);
    memcpy(to, text.data, text.size);
    return to + text.size;
}

/* Writes a text of two words. All bytes that need quotes are below '-', and few others
 * are: one test for all bytes, with those behind the text set to pass. */
static char *put_short_text(char *to, const uint64_t words[2])
{
    size_t size = words[1] >> 56;
    uint64_t first = words[0], second = words[1];
    if (size < 8) first |= ~(uint64_t)0 << 8 * size, second = ~(uint64_t)0;
    else second |= ~(uint64_t)0 << 8 * (size - 8);
    if (!size || bytes_below(first, '-') | bytes_below(second, '-')) return put_text(to, text_view(words));
    memcpy(to, words, 16);
    return to + size;
}

static void add_name(struct buffer *to, size_t index, const char *name)
{
    if (index) buffer_add(to, ",", 1);
    etl_string text = {name, strlen(name)};
    char *out = buffer_reserve(to, 2 * text.size + 2);
    to->size += (size_t)(put_text(out, text) - out);
}

static void csv_begin(struct sink *sink)
{
    const struct table *table = sink->table;
    bool of_state = sink->config->subject == SINK_STATE;
    struct csv *csv = sink->data = allocate(sizeof *csv);
    csv->count = of_state ? table_column_count(table) : table_effect_column_count(table);
    csv->columns = allocate(csv->count * sizeof *csv->columns);
    csv->room = csv->count * (CELL_ROOM + 1) + sizeof "true\n";
    for (size_t i = 0; i < csv->count; i++) {
        csv->columns[i] = of_state ? table_row_printer(table, i) : table_effect_printer(table, i);
        add_name(&sink->output->pending, i, (of_state ? table_column(table, i) : table_effect_column(table, i))->name);
    }
    buffer_add_text(&sink->output->pending, of_state ? "\n" : ",remove\n");
}

static char *put_long_text(const struct csv *csv, struct buffer *to, char *out, etl_string text)
{
    to->size = (size_t)(out - to->data);
    return put_text(buffer_reserve(to, 2 * text.size + 2 + csv->room), text);
}

/* Writes the first `count` columns, each with a comma. `to` has room for them, and for
 * as much again after long texts. */
static char *put_columns(const struct csv *csv, struct buffer *to, char *out, const void *record, size_t count)
{
    for (const struct printer *p = csv->columns; p < csv->columns + count; p++) {
        const uint64_t *words = printer_words(p, record);
        if (UNLIKELY(!printer_present(p, record))) {
        } else if (p->print) out = p->print(words, out);
        else if (UNLIKELY(text_is_long(words))) out = put_long_text(csv, to, out, text_view(words));
        else out = put_short_text(out, words);
        *out++ = ',';
    }
    return out;
}

static void csv_row(const struct sink *sink, struct buffer *to, const void *row)
{
    const struct csv *csv = sink->data;
    char *out = put_columns(csv, to, buffer_reserve(to, csv->room), row, csv->count);
    out[-1] = '\n';
    to->size = (size_t)(out - to->data);
}

static void csv_effect(const struct sink *sink, struct buffer *to, const struct table *table, const void *entry, bool remove)
{
    const struct csv *csv = sink->data;
    size_t count = remove ? table_key_count(table) : csv->count, absent = csv->count - count;
    char *out = put_columns(csv, to, buffer_reserve(to, csv->room), entry, count);
    memset(out, ',', absent);
    to->size = (size_t)(out + absent - to->data);
    buffer_add_text(to, remove ? "true\n" : "\n");
}

static void csv_finish(struct sink *sink)
{
    struct csv *csv = sink->data;
    if (csv) free(csv->columns);
    free(csv);
}

const struct sink_writer sink_csv = {.begin = csv_begin, .row = csv_row, .effect = csv_effect, .finish = csv_finish};
