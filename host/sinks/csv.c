/* SPDX-License-Identifier: MIT
 * RFC 4180, with a header and LF. Absent is empty, the empty string is "". */
#include "sinks_impl.h"

static void add_quoted(struct buffer *to, etl_string text)
{
    char *out = buffer_reserve(to, 2 * text.size + 2), *start = out;
    *out++ = '"';
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"') *out++ = '"';
        *out++ = text.data[i];
    }
    *out++ = '"';
    to->size += (size_t)(out - start);
}

static void add_text(struct buffer *to, etl_string text)
{
    bool plain = text.size;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        plain &= c != ',' && c != '"' && c != '\n' && c != '\r';
    }
    if (plain) buffer_add(to, text.data, text.size);
    else add_quoted(to, text);
}

static void add_cell(struct buffer *to, struct cell cell)
{
    if (cell.type == CELL_STRING || cell.type == CELL_JSON) add_text(to, cell.text);
    else if (cell.type != CELL_ABSENT) buffer_add(to, cell.text.data, cell.text.size);
}

static void add_name(struct buffer *to, size_t index, const char *name)
{
    if (index) buffer_add(to, ",", 1);
    add_text(to, (etl_string){name, strlen(name)});
}

static void csv_begin(struct sink *sink)
{
    struct buffer *to = &sink->output->pending;
    const struct table *table = sink->table;
    if (!table) return; /* its columns are not known: the file stays empty */
    if (sink->config->subject == SINK_STATE) {
        for (size_t i = 0; i < table_column_count(table); i++) add_name(to, i, table_column(table, i)->name);
    } else {
        for (size_t i = 0; i < table_effect_column_count(table); i++) add_name(to, i, table_effect_column(table, i)->name);
        buffer_add_text(to, ",remove");
    }
    buffer_add(to, "\n", 1);
}

static void csv_row(struct sink *sink, const void *row)
{
    struct buffer *to = &sink->output->pending;
    char text[CELL_TEXT_MAX];
    for (size_t i = 0, count = table_column_count(sink->table); i < count; i++) {
        if (i) buffer_add(to, ",", 1);
        add_cell(to, table_row_cell(sink->table, row, i, text));
    }
    buffer_add(to, "\n", 1);
}

static void csv_effect(const struct sink *sink, struct buffer *to, const struct table *table, const void *entry, bool remove)
{
    (void)sink; /* the columns say it all */
    char text[CELL_TEXT_MAX];
    for (size_t i = 0, count = table_effect_column_count(table), keys = table_key_count(table); i < count; i++) {
        if (!remove || i < keys) add_cell(to, table_effect_cell(table, entry, i, text));
        buffer_add(to, ",", 1);
    }
    if (remove) buffer_add(to, "true", 4);
    buffer_add(to, "\n", 1);
}

const struct sink_writer sink_csv = {.begin = csv_begin, .row = csv_row, .effect = csv_effect};
