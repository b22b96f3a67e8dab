/* SPDX-License-Identifier: MIT
 * What plugins declare. */
#include "effects/effects.h"
#include "base/memory.h"
#include "effects/declared.h"

struct effects *effects_create(void)
{
    struct effects *effects = allocate(sizeof *effects);
    effects->state = state_create();
    pthread_mutex_init(&effects->mutex, NULL);
    return effects;
}

struct state *effects_state(const struct effects *effects)
{
    return effects->state;
}

static void binding_destroy(struct binding *binding)
{
    for (struct row_match *next, *match = binding->rows; match; match = next) {
        next = match->next;
        free(match->members);
        free(match);
    }
    free(binding->members);
    free(binding);
}

void effects_destroy(struct effects *effects)
{
    if (!effects) return;
    for (size_t i = 0; i < effects->binding_count; i++) binding_destroy(effects->bindings[i]);
    for (size_t i = 0; i < effects->state->count; i++) reducer_destroy(effects->state->tables[i]->reducer);
    free(effects->bindings);
    state_destroy(effects->state);
    pthread_mutex_destroy(&effects->mutex);
    free(effects);
}

/* ---- effects */

/* The table of this name, if its definition agrees; a new one if there is none. Takes the layout. */
static struct table *table_for(struct effects *effects, const char *name, const char *plugin, struct layout *layout,
                               struct error *error)
{
    struct table *table = state_find(effects->state, name);
    struct error why;
    if (!table) {
        table = state_add(effects->state, name, plugin);
        table->effect_layout = table->row_layout = *layout;
        return table;
    }
    bool agree = layouts_agree(&table->effect_layout, layout, &why);
    if (!agree)
        error_set(error, "effect '%s' of plugin '%s' differs from that of plugin '%s': %s: "
                         "both must include the same declaration", name, plugin, table->declared_by, why.text);
    layout_finish(layout);
    return agree ? table : NULL;
}

static struct binding *bind(struct effects *effects, const struct etl_effect *effect, const char *plugin, struct error *error)
{
    struct layout layout = {0};
    struct error why;
    for (size_t i = 0; i < effects->binding_count; i++)
        if (effects->bindings[i]->effect == effect) return effects->bindings[i];

    struct binding *binding = allocate(sizeof *binding);
    binding->effect = effect;
    binding->plugin = plugin;
    if (!effect_columns(effect, &layout, &binding->members, &why)) {
        error_set(error, "effect '%s' of plugin '%s' is declared wrongly: %s", effect->record.name, plugin, why.text);
        layout_finish(&layout);
    } else binding->table = table_for(effects, effect->record.name, plugin, &layout, error);
    if (!binding->table) return binding_destroy(binding), NULL;
    binding->number = binding->table->number;
    encoder_init(&binding->encoder, &binding->table->effect_layout, binding->members);

    effects->bindings = reallocate(effects->bindings, (effects->binding_count + 1) * sizeof *effects->bindings);
    return effects->bindings[effects->binding_count++] = binding;
}

struct binding *effects_bind(struct effects *effects, const struct etl_effect *effect, const char *plugin, struct error *error)
{
    pthread_mutex_lock(&effects->mutex);
    struct binding *binding = bind(effects, effect, plugin, error);
    pthread_mutex_unlock(&effects->mutex);
    return binding;
}

struct table *binding_table(const struct binding *binding)
{
    return binding->table;
}

/* ---- reducers */

bool effects_set_reducer(struct effects *effects, const struct etl_reducer *reducer, const char *plugin, struct error *error)
{
    struct binding *binding = effects_bind(effects, reducer->effect, plugin, error);
    struct error why;
    if (!binding) return false;
    struct table *table = binding->table;
    if (table->reducer)
        return error_set(error, "effect '%s' has a reducer already, of plugin '%s'", table->name, table->reducer->call.plugin);
    return reducer_create(reducer, plugin, table, &why)
           || error_set(error, "row '%s' of plugin '%s' is declared wrongly: %s", reducer->row->record.name, plugin, why.text);
}

static const struct row_match *find_match(struct binding *binding, const struct etl_row *row)
{
    const struct row_match *match = atomic_load_explicit(&binding->rows, memory_order_acquire);
    while (match && match->row != row) match = match->next;
    return match;
}

const struct members *binding_row_members(struct binding *binding, const struct etl_row *row)
{
    return find_match(binding, row)->members;
}

static bool match_row(struct binding *binding, const struct etl_row *row, struct error *error)
{
    const struct table *table = binding->table;
    struct row_match *match = allocate(sizeof *match);
    struct layout layout = {0};
    struct error why;
    bool ok = row_columns(row, &table->effect_layout, &layout, &match->members, &why)
              && layouts_agree(&table->row_layout, &layout, &why);
    layout_finish(&layout);
    if (!ok) {
        free(match->members);
        free(match);
        return error_set(error, "row '%s' differs from that of the reducer of effect '%s': %s", row->record.name, table->name,
                         why.text);
    }
    match->row = row;
    match->next = atomic_load_explicit(&binding->rows, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&binding->rows, &match->next, match, memory_order_release,
                                                  memory_order_relaxed))
        continue;
    return true;
}

bool binding_row_matches(struct binding *binding, const struct etl_row *row, struct error *error)
{
    const struct reducer *reducer = binding->table->reducer;
    if (!row && !reducer) return true;
    if (!row)
        return error_set(error, "effect '%s' has a reducer: look it up with etl_lookup_row and its row '%s'",
                         binding->table->name, reducer->row->record.name);
    if (!reducer) return error_set(error, "effect '%s' has no reducer: look it up with etl_lookup", binding->table->name);
    return find_match(binding, row) || match_row(binding, row, error);
}

/* ---- after the last plugin */

bool effects_complete(const struct effects *effects, struct error *error)
{
    for (size_t i = 0; i < effects->state->count; i++) {
        const struct table *table = effects->state->tables[i];
        for (uint32_t k = 0; k < table->effect_layout.column_count && !table->reduce; k++)
            if (table->effect_layout.columns[k].column.role == ETL_ROLE_VALUE)
                return error_set(error, "effect '%s' of plugin '%s' has no reducer, which its field '%s' needs: register one "
                                 "with etl_reduce, or declare the field with a fold", table->name, table->declared_by,
                                 table->effect_layout.columns[k].column.name);
    }
    return true;
}

void effects_partition(struct effects *effects, const struct table *table, const char *key)
{
    struct table *partitioned = effects->state->tables[table->number];
    for (uint32_t i = 0; i < table->row_layout.key_count; i++)
        if (!strcmp(table->row_layout.columns[i].column.name, key)) partitioned->partition_column = (int)i;
}

void effects_open(struct effects *effects, unsigned shards, bool merges)
{
    effects->shards = shards;
    for (size_t i = 0; i < effects->state->count; i++) {
        struct table *table = effects->state->tables[i];
        table->merges = merges && shards > 1 && !table->reduce && table->row_layout.merges;
        table_open(table, shards);
    }
}
