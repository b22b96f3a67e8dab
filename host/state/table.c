/* SPDX-License-Identifier: MIT
 * Tables, and which shard has a row. */
#include "state/table.h"
#include "base/memory.h"
#include "row/encode.h"
#include "row/hash.h"
#include "row/packed_string.h"
#include "state/apply.h"
#include "state/shard.h"
#include "state/sort.h"
#include "state/state.h"

void table_init(struct table *table, const char *name, const char *declared_by)
{
    *table = (struct table){.name = copy_text(name), .declared_by = copy_text(declared_by), .partition_column = -1};
}

void table_open(struct table *table, unsigned shards)
{
    hash_init();
    table->apply = apply_choose(table);
    table->shard_count = shards;
    table->shards = allocate(shards * sizeof *table->shards);
    for (unsigned i = 0; i < shards; i++) shard_init(&table->shards[i]);
}

void table_finish(struct table *table)
{
    if (table->order) order_finish(table->order);
    free(table->order);
    for (unsigned i = 0; i < table->shard_count; i++) shard_finish(table, &table->shards[i]);
    if (table->row_layout.columns != table->effect_layout.columns) layout_finish(&table->row_layout);
    layout_finish(&table->effect_layout);
    free(table->shards);
    free(table->name);
    free(table->declared_by);
    *table = (struct table){0};
}

static uint32_t hash_value(const uint64_t *words, uint32_t count, bool is_text)
{
    uint64_t copy[3] = {0};
    memcpy(copy, words, count * 8);
    if (is_text && text_is_long(copy)) copy[0] = 0;
    return hash_words(copy, count);
}

unsigned table_partition(const struct table *table, const void *entry)
{
    const struct layout_column *c = &table->row_layout.columns[table->partition_column];
    const uint64_t *words = (const uint64_t *)((const char *)entry + c->at);
    return hash_shard(hash_value(words, column_words(&c->column), c->column.kind == ETL_KIND_STRING), table->shard_count);
}

unsigned partition_shard(enum etl_kind kind, const void *member, unsigned shards)
{
    struct column column = {.kind = kind, .role = ETL_ROLE_KEY};
    uint64_t words[3];
    encode_key(&column, member, words);
    return hash_shard(hash_value(words, column_words(&column), kind == ETL_KIND_STRING), shards);
}
