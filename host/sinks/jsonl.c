/* SPDX-License-Identifier: MIT
 * A JSON object a line: {"effect":"position","account_id":1,...}.
 * Absent values are left out; what is removed has its keys only. */
#include "base/memory.h"
#include "sinks_impl.h"

#include <stdlib.h>

/* What stands before each value of a table's records, made once: {"effect":"position" and then ,"account_id": for each column. */
struct labels {
    const struct table *table;
    struct buffer text;
    size_t *ends; /* ends[0] of the first, ends[i + 1] of column i */
};

struct shapes {
    struct labels *items;
    size_t count;
};

static void labels_init(struct labels *labels, const struct table *table, bool of_effects)
{
    size_t count = of_effects ? table_effect_column_count(table) : table_column_count(table);
    *labels = (struct labels){.table = table, .ends = allocate((count + 1) * sizeof *labels->ends)};
    buffer_add_text(&labels->text, "{\"effect\":");
    buffer_add_json_string(&labels->text, table_name(table), strlen(table_name(table)));
    labels->ends[0] = labels->text.size;
    for (size_t i = 0; i < count; i++) {
        const char *name = (of_effects ? table_effect_column(table, i) : table_column(table, i))->name;
        buffer_add(&labels->text, ",", 1);
        buffer_add_json_string(&labels->text, name, strlen(name));
        buffer_add(&labels->text, ":", 1);
        labels->ends[i + 1] = labels->text.size;
    }
}

static void jsonl_begin(struct sink *sink)
{
    struct shapes *shapes = sink->data = allocate(sizeof *shapes);
    bool of_effects = sink->config->subject == SINK_EFFECTS;
    shapes->count = sink->all ? state_table_count(sink->state) : sink->table != NULL;
    shapes->items = allocate(shapes->count * sizeof *shapes->items);
    for (size_t i = 0; i < shapes->count; i++)
        labels_init(&shapes->items[i], sink->all ? state_table(sink->state, i) : sink->table, of_effects);
}

static void add_value(struct buffer *to, struct cell cell)
{
    if (cell.type == CELL_STRING) {
        buffer_add_json_string(to, cell.text.data, cell.text.size);
    } else if (cell.type == CELL_TIME) {
        buffer_add(to, "\"", 1);
        buffer_add(to, cell.text.data, cell.text.size);
        buffer_add(to, "\"", 1);
    } else {
        buffer_add(to, cell.text.data, cell.text.size);
    }
}

static void add_columns(struct buffer *to, const struct labels *labels, const void *record, size_t count, sink_cell *get)
{
    char text[CELL_TEXT_MAX];
    for (size_t i = 0; i < count; i++) {
        struct cell cell = get(labels->table, record, i, text);
        if (cell.type == CELL_ABSENT) continue;
        buffer_add(to, labels->text.data + labels->ends[i], labels->ends[i + 1] - labels->ends[i]);
        add_value(to, cell);
    }
    buffer_add(to, "}\n", 2);
}

static void jsonl_row(struct sink *sink, const void *row)
{
    struct buffer *to = &sink->output->pending;
    const struct labels *labels = ((struct shapes *)sink->data)->items;
    buffer_add(to, labels->text.data, labels->ends[0]);
    add_columns(to, labels, row, table_column_count(sink->table), table_row_cell);
}

static void jsonl_effect(const struct sink *sink, struct buffer *to, const struct table *table, const void *entry, bool remove)
{
    const struct labels *labels = ((struct shapes *)sink->data)->items;
    while (labels->table != table) labels++;
    buffer_add(to, labels->text.data, labels->ends[0]);
    if (remove) buffer_add_text(to, ",\"remove\":true");
    add_columns(to, labels, entry, remove ? table_key_count(table) : table_effect_column_count(table), table_effect_cell);
}

static void jsonl_finish(struct sink *sink)
{
    struct shapes *shapes = sink->data;
    for (size_t i = 0; shapes && i < shapes->count; i++) {
        buffer_finish(&shapes->items[i].text);
        free(shapes->items[i].ends);
    }
    if (shapes) free(shapes->items);
    free(shapes);
}

const struct sink_writer sink_jsonl = {.begin = jsonl_begin, .row = jsonl_row, .effect = jsonl_effect, .finish = jsonl_finish};
