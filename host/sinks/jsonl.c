/* SPDX-License-Identifier: MIT
 * jsonl: a JSON object a line: {"effect":"position","account_id":1,...}. Absent values
 * are left out; a removal has only its keys. */
#include "base/bytes.h"
#include "base/memory.h"
#include "row/packed_string.h"
#include "row/printer.h"
#include "sinks/sinks_impl.h"

#include <stdlib.h>

/* The text before each value of a table's records, made once: {"effect":"position" and
 * then ,"account_id": for each column. */
struct labels {
    const struct table *table;
    struct buffer text;
    size_t *ends; /* ends[0]: of the first part; ends[i + 1]: of column i */
    struct printer *columns;
};

struct jsonl {
    struct labels *items;
    size_t count;
};

static void labels_init(struct labels *labels, const struct table *table, bool of_effects)
{
    size_t count = of_effects ? table_effect_column_count(table) : table_column_count(table);
    *labels = (struct labels){.table = table, .ends = allocate((count + 1) * sizeof *labels->ends),
                              .columns = allocate(count * sizeof *labels->columns)};
    buffer_add_text(&labels->text, "{\"effect\":");
    buffer_add_json_string(&labels->text, table_name(table), strlen(table_name(table)));
    labels->ends[0] = labels->text.size;
    for (size_t i = 0; i < count; i++) {
        const char *name = (of_effects ? table_effect_column(table, i) : table_column(table, i))->name;
        buffer_add(&labels->text, ",", 1);
        buffer_add_json_string(&labels->text, name, strlen(name));
        buffer_add(&labels->text, ":", 1);
        labels->ends[i + 1] = labels->text.size;
        labels->columns[i] = of_effects ? table_effect_printer(table, i) : table_row_printer(table, i);
    }
}

static void jsonl_begin(struct sink *sink)
{
    struct jsonl *jsonl = sink->data = allocate(sizeof *jsonl);
    bool of_effects = sink->config->subject == SINK_EFFECTS;
    jsonl->count = sink->table ? 1 : state_table_count(sink->state);
    jsonl->items = allocate(jsonl->count * sizeof *jsonl->items);
    for (size_t i = 0; i < jsonl->count; i++)
        labels_init(&jsonl->items[i], sink->table ? sink->table : state_table(sink->state, i), of_effects);
}

/* Short texts are tested in their words, padded with blanks. */
static void add_string(struct buffer *to, const uint64_t words[2])
{
    etl_string text = text_view(words);
    uint64_t blanks = BYTES_OF(' '), first = words[0], second = words[1] & ~(uint64_t)0 >> 8;
    if (text.size < 8) first |= blanks << 8 * text.size, second = blanks;
    else if (text.size <= TEXT_INLINE_MAX) second |= blanks << 8 * (text.size - 8);
    if (text.size > TEXT_INLINE_MAX || !bytes_are_plain(first) || !bytes_are_plain(second)) {
        buffer_add_json_string(to, text.data, text.size);
        return;
    }
    char *out = buffer_reserve(to, TEXT_INLINE_MAX + 3);
    out[0] = '"';
    memcpy(out + 1, words, 16);
    out[1 + text.size] = '"';
    to->size += text.size + 2;
}

static void add_value(struct buffer *to, const struct printer *p, const uint64_t *words)
{
    if (p->type == CELL_STRING) {
        add_string(to, words);
    } else if (p->type == CELL_JSON) {
        buffer_add(to, text_view(words).data, text_view(words).size);
    } else {
        char *out = buffer_reserve(to, CELL_TEXT_MAX + 2), *end = out;
        if (p->type == CELL_TIME) *end++ = '"';
        end = p->print(words, end);
        if (p->type == CELL_TIME) *end++ = '"';
        to->size += (size_t)(end - out);
    }
}

static void add_columns(struct buffer *to, const struct labels *labels, const void *record, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct printer *p = &labels->columns[i];
        if (!printer_present(p, record)) continue;
        buffer_add(to, labels->text.data + labels->ends[i], labels->ends[i + 1] - labels->ends[i]);
        add_value(to, p, printer_words(p, record));
    }
    buffer_add(to, "}\n", 2);
}

static void jsonl_row(const struct sink *sink, struct buffer *to, const void *row)
{
    const struct labels *labels = ((struct jsonl *)sink->data)->items;
    buffer_add(to, labels->text.data, labels->ends[0]);
    add_columns(to, labels, row, table_column_count(sink->table));
}

static void jsonl_effect(const struct sink *sink, struct buffer *to, const struct table *table, const void *entry, bool remove)
{
    const struct labels *labels = ((struct jsonl *)sink->data)->items;
    while (labels->table != table) labels++;
    buffer_add(to, labels->text.data, labels->ends[0]);
    if (remove) buffer_add_text(to, ",\"remove\":true");
    add_columns(to, labels, entry, remove ? table_key_count(table) : table_effect_column_count(table));
}

static void jsonl_finish(struct sink *sink)
{
    struct jsonl *jsonl = sink->data;
    for (size_t i = 0; jsonl && i < jsonl->count; i++) {
        buffer_finish(&jsonl->items[i].text);
        free(jsonl->items[i].ends);
        free(jsonl->items[i].columns);
    }
    if (jsonl) free(jsonl->items);
    free(jsonl);
}

const struct sink_writer sink_jsonl = {.begin = jsonl_begin, .row = jsonl_row, .effect = jsonl_effect, .finish = jsonl_finish};
