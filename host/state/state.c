/* SPDX-License-Identifier: MIT */
#include "state/state_impl.h"
#include "base/memory.h"
#include "state/merge.h"
#include "state/sort.h"

struct state *state_create(void)
{
    return allocate(sizeof(struct state));
}

void state_destroy(struct state *state)
{
    if (!state) return;
    for (size_t i = 0; i < state->count; i++) {
        table_finish(state->tables[i]);
        free(state->tables[i]);
    }
    free(state->tables);
    free(state);
}

struct table *state_add(struct state *state, const char *name, const char *declared_by)
{
    struct table *table = allocate(sizeof *table);
    table_init(table, name, declared_by);
    table->number = state->count;
    state->tables = reallocate(state->tables, (state->count + 1) * sizeof *state->tables);
    return state->tables[state->count++] = table;
}

size_t state_table_count(const struct state *state)
{
    return state->count;
}

struct table *state_table(const struct state *state, size_t index)
{
    return state->tables[index];
}

struct table *state_find(const struct state *state, const char *effect)
{
    for (size_t i = 0; i < state->count; i++)
        if (!strcmp(state->tables[i]->name, effect)) return state->tables[i];
    return NULL;
}

const char *table_name(const struct table *table)
{
    return table->name;
}

static size_t rows_held(const struct table *table)
{
    size_t count = 0;
    for (unsigned i = 0; i < table->shard_count; i++) count += table->shards[i].count;
    return count;
}

size_t table_row_count(const struct table *table)
{
    return table->order ? table->order->count : rows_held(table);
}

size_t table_bytes(const struct table *table)
{
    size_t bytes = rows_held(table) * table->row_layout.row_bytes;
    for (unsigned i = 0; i < table->shard_count; i++)
        bytes += ((size_t)table->shards[i].mask + 1) * sizeof *table->shards[i].index + table->shards[i].heap_bytes + table->shards[i].texts.dead;
    return bytes;
}

void state_seal(struct state *state)
{
    for (size_t i = 0; i < state->count; i++)
        for (unsigned k = 0; k < state->tables[i]->shard_count; k++) {
            range_finish(&state->tables[i]->shards[k].slots);
            state->tables[i]->shards[k].index = NULL;
        }
}

void state_merge(struct state *state, unsigned threads)
{
    for (size_t i = 0; i < state->count; i++)
        if (atomic_load(&state->tables[i]->parted)) table_merge(state->tables[i], threads);
}

bool table_has_reducer(const struct table *table)
{
    return table->reduce;
}

size_t table_column_count(const struct table *table)
{
    return table->row_layout.column_count;
}

const struct column *table_column(const struct table *table, size_t index)
{
    return &table->row_layout.columns[index].column;
}

size_t table_effect_column_count(const struct table *table)
{
    return table->effect_layout.column_count;
}

const struct column *table_effect_column(const struct table *table, size_t index)
{
    return &table->effect_layout.columns[index].column;
}

size_t table_key_count(const struct table *table)
{
    return table->row_layout.key_count;
}
