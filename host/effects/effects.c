/* SPDX-License-Identifier: MIT */
#include "effects.h"
#include "base/memory.h"
#include "effects/binding.h"

/* Effects a table collects before they are applied together: 64 to 256 measured equal, 16 slower. */
enum { BATCH_SIZE = 128 };
/* Long texts that a batch may hold, so that memory does not follow the length of lines. */
#define BATCH_TEXT_BYTES ((size_t)1 << 20)

/* One effect of the current event: entry `index` behind the committed ones. */
struct emitted {
    struct pending *pending;
    uint32_t index;
};

struct effects {
    struct state *state;
    struct pending **pending; /* one a table, in the order of the tables */
    size_t pending_count;
    struct binding **bindings;
    size_t binding_count;
    uint32_t emitted_count; /* effects of the current event */
    effects_listener *listener;
    void *listener_data;
    struct emitted *emitted; /* in order, kept only for a listener */
    size_t emitted_capacity;
    const struct logline *line; /* while committing */
};

struct effects *effects_create(void)
{
    struct effects *effects = allocate(sizeof *effects);
    effects->state = state_create();
    return effects;
}

struct state *effects_state(struct effects *effects)
{
    return effects->state;
}

static void binding_destroy(struct binding *binding)
{
    free(binding->members);
    free(binding->row_members);
    free(binding);
}

void effects_destroy(struct effects *effects)
{
    if (!effects) return;
    for (size_t i = 0; i < effects->binding_count; i++) binding_destroy(effects->bindings[i]);
    for (size_t i = 0; i < effects->pending_count; i++) {
        batch_finish(&effects->pending[i]->batch);
        scratch_finish(&effects->pending[i]->texts);
        reducer_destroy(effects->pending[i]->reducer);
        free(effects->pending[i]);
    }
    free(effects->bindings);
    free(effects->pending);
    free(effects->emitted);
    state_destroy(effects->state);
    free(effects);
}

void effects_listen(struct effects *effects, effects_listener *listener, void *data)
{
    effects->listener = listener;
    effects->listener_data = data;
}

/* ---- declarations */

static struct pending *pending_create(struct effects *effects, const char *name, const char *plugin, struct layout layout)
{
    struct pending *pending = allocate(sizeof *pending);
    pending->table = state_add(effects->state, name, plugin);
    pending->table->effect_layout = pending->table->row_layout = layout;
    table_open(pending->table);
    batch_init(&pending->batch, pending->table);
    effects->pending = reallocate(effects->pending, (effects->pending_count + 1) * sizeof *effects->pending);
    return effects->pending[effects->pending_count++] = pending;
}

static struct pending *pending_find(const struct effects *effects, const char *name)
{
    for (size_t i = 0; i < effects->pending_count; i++)
        if (!strcmp(effects->pending[i]->table->name, name)) return effects->pending[i];
    return NULL;
}

/* The table of this name, if its definition agrees; a new one if there is none. Takes the layout. */
static struct pending *pending_for(struct effects *effects, const char *name, const char *plugin, struct layout *layout,
                                   struct error *error)
{
    struct pending *pending = pending_find(effects, name);
    struct error why;
    if (!pending) return pending_create(effects, name, plugin, *layout);
    bool agree = layouts_agree(&pending->table->effect_layout, layout, &why);
    if (!agree)
        error_set(error, "effect '%s' of plugin '%s' differs from that of plugin '%s': %s: both must include the same declaration",
                  name, plugin, pending->table->declared_by, why.text);
    layout_finish(layout);
    return agree ? pending : NULL;
}

struct binding *effects_bind(struct effects *effects, const struct etl_effect *effect, const char *plugin, struct error *error)
{
    struct layout layout = {0};
    struct error why;
    for (size_t i = 0; i < effects->binding_count; i++)
        if (effects->bindings[i]->effect == effect) return effects->bindings[i];

    struct binding *binding = allocate(sizeof *binding);
    *binding = (struct binding){.effect = effect, .plugin = plugin};
    if (!effect_columns(effect, &layout, &binding->members, &why)) {
        error_set(error, "effect '%s' of plugin '%s' is declared wrongly: %s", effect->record.name, plugin, why.text);
        layout_finish(&layout);
    } else binding->pending = pending_for(effects, effect->record.name, plugin, &layout, error);
    if (!binding->pending) return binding_destroy(binding), NULL;

    effects->bindings = reallocate(effects->bindings, (effects->binding_count + 1) * sizeof *effects->bindings);
    return effects->bindings[effects->binding_count++] = binding;
}

bool effects_set_reducer(struct effects *effects, const struct etl_reducer *reducer, const char *plugin, struct error *error)
{
    struct binding *binding = effects_bind(effects, reducer->effect, plugin, error);
    struct error why;
    if (!binding) return false;
    struct pending *pending = binding->pending;
    if (pending->reducer)
        return error_set(error, "effect '%s' has a reducer already, of plugin '%s'", pending->table->name, pending->reducer->plugin);
    pending->reducer = reducer_create(reducer, plugin, pending, &effects->line, &why);
    if (!pending->reducer)
        return error_set(error, "row '%s' of plugin '%s' is declared wrongly: %s", reducer->row->record.name, plugin, why.text);
    return true;
}

bool effects_complete(struct effects *effects, struct error *error)
{
    for (size_t i = 0; i < effects->pending_count; i++) {
        const struct table *table = effects->pending[i]->table;
        for (uint32_t k = 0; k < table->effect_layout.column_count && !table->reduce; k++)
            if (table->effect_layout.columns[k].column.role == ETL_ROLE_VALUE)
                return error_set(error, "effect '%s' of plugin '%s' has no reducer, which its field '%s' needs: register one with "
                                 "etl_reduce, or declare the field with a fold", table->name, table->declared_by,
                                 table->effect_layout.columns[k].column.name);
    }
    return true;
}

struct table *binding_table(const struct binding *binding)
{
    return binding->pending->table;
}

const struct etl_effect *binding_effect(const struct binding *binding)
{
    return binding->effect;
}

bool binding_row_matches(struct binding *binding, const struct etl_row *row, struct error *error)
{
    const struct reducer *reducer = binding->pending->reducer;
    const struct table *table = binding->pending->table;
    struct layout layout = {0};
    struct members *members = NULL;
    struct error why;
    if (row == binding->row && !row == !reducer) return true;
    if (!row) return error_set(error, "effect '%s' has a reducer: look it up with etl_lookup_row and its row '%s'", table->name,
                               reducer->row->record.name);
    if (!reducer) return error_set(error, "effect '%s' has no reducer: look it up with etl_lookup", table->name);

    bool ok = row_columns(row, &table->effect_layout, &layout, &members, &why) && layouts_agree(&table->row_layout, &layout, &why);
    layout_finish(&layout);
    if (!ok) {
        free(members);
        return error_set(error, "row '%s' differs from that of the reducer of effect '%s': %s", row->record.name, table->name, why.text);
    }
    free(binding->row_members);
    binding->row = row;
    binding->row_members = members;
    return true;
}

/* ---- events */

static enum emit_status pending_add(struct effects *effects, struct pending *pending, const char *entry, bool remove, struct error *error)
{
    struct batch *batch = &pending->batch;
    if (effects->emitted_count == EFFECTS_PER_EVENT_MAX) {
        error_set(error, "more than %d effects of one event", EFFECTS_PER_EVENT_MAX);
        return EMIT_REFUSED;
    }
    if (effects->listener) {
        if (effects->emitted_count == effects->emitted_capacity) {
            effects->emitted_capacity = effects->emitted_capacity * 2 + 64;
            effects->emitted = reallocate(effects->emitted, effects->emitted_capacity * sizeof *effects->emitted);
        }
        effects->emitted[effects->emitted_count] = (struct emitted){pending, batch->count - pending->marked};
    }
    effects->emitted_count++;
    batch->hashes[batch->count] = table_hash(pending->table, entry);
    batch->removes[batch->count] = remove;
    batch->any_remove |= remove;
    batch->count++;
    return EMIT_OK;
}

static char *pending_next(struct pending *pending)
{
    batch_reserve(&pending->batch, pending->table);
    return pending->batch.entries + (size_t)pending->batch.count * pending->table->effect_layout.row_bytes;
}

static enum emit_status refuse(const struct binding *binding, const struct error *why, struct error *error)
{
    error_set(error, "effect '%s': %s", binding->pending->table->name, why->text);
    return EMIT_REFUSED;
}

enum emit_status effects_emit(struct effects *effects, struct binding *binding, const void *record, struct error *error)
{
    struct pending *pending = binding->pending;
    char *entry = pending_next(pending);
    struct error why;
    if (!layout_encode(&pending->table->effect_layout, binding->members, record, entry, &pending->texts, &why))
        return refuse(binding, &why, error);
    return pending_add(effects, pending, entry, false, error);
}

enum emit_status effects_remove(struct effects *effects, struct binding *binding, const void *keys, struct error *error)
{
    struct pending *pending = binding->pending;
    char *entry = pending_next(pending);
    struct error why;
    if (!layout_encode_keys(&pending->table->effect_layout, binding->members, keys, entry, &pending->texts, &why))
        return refuse(binding, &why, error);
    return pending_add(effects, pending, entry, true, error);
}

/* Applies what is committed; what the current event emitted so far moves to the front. */
static bool pending_flush(struct pending *pending, struct error *error)
{
    struct batch *batch = &pending->batch;
    const size_t row_bytes = pending->table->effect_layout.row_bytes;
    if (pending->marked && !table_apply(pending->table, batch, pending->marked, error)) return false;
    uint32_t rest = batch->count - pending->marked;
    if (rest && pending->marked) {
        memmove(batch->entries, batch->entries + pending->marked * row_bytes, rest * row_bytes);
        memmove(batch->hashes, batch->hashes + pending->marked, rest * sizeof *batch->hashes);
        memmove(batch->removes, batch->removes + pending->marked, rest);
    }
    batch->count = rest;
    pending->marked = 0;
    if (!rest) {
        batch->any_remove = false;
        if (pending->texts.total) scratch_reset(&pending->texts);
    }
    return true;
}

enum emit_status effects_lookup(struct effects *effects, struct binding *binding, const struct etl_row *row, const void *keys,
                                struct scratch *scratch, const void **found, struct error *error)
{
    (void)effects;
    struct pending *pending = binding->pending;
    struct table *table = pending->table;
    uint64_t entry[ROW_BYTES_MAX / 8 + 1];
    struct error why;
    if (!pending_flush(pending, error)) return EMIT_REFUSED;
    if (!layout_encode_keys(&table->effect_layout, binding->members, keys, entry, scratch, &why)) return refuse(binding, &why, error);

    const char *at = table_find(table, entry, table_hash(table, entry));
    if (!at) return *found = NULL, EMIT_OK;
    const struct etl_record *record = row ? &row->record : &binding->effect->record;
    void *copy = scratch_zeroed(scratch, record->struct_size);
    if (!layout_decode(&table->row_layout, row ? table->row_layout.key_count : 0, row ? binding->row_members : binding->members, at, copy, &why))
        return refuse(binding, &why, error);
    *found = copy;
    return EMIT_OK;
}

static bool tell_listener(struct effects *effects, struct error *error)
{
    for (uint32_t i = 0; i < effects->emitted_count; i++) {
        const struct pending *pending = effects->emitted[i].pending;
        uint32_t at = pending->marked + effects->emitted[i].index;
        const char *entry = pending->batch.entries + (size_t)at * pending->table->effect_layout.row_bytes;
        if (!effects->listener(effects->listener_data, pending->table, entry, pending->batch.removes[at], error)) return false;
    }
    return true;
}

bool effects_commit(struct effects *effects, const struct logline *line, struct error *error)
{
    if (effects->listener && !tell_listener(effects, error)) return false;
    effects->emitted_count = 0;
    effects->line = line;
    for (size_t i = 0; i < effects->pending_count; i++) {
        struct pending *pending = effects->pending[i];
        if (pending->marked == pending->batch.count) continue;
        pending->marked = pending->batch.count;
        bool full = pending->marked >= BATCH_SIZE || pending->texts.total > BATCH_TEXT_BYTES;
        /* a reducer is the plugin's code: it runs while its logline can still be named */
        if ((full || pending->reducer) && !pending_flush(pending, error)) return false;
    }
    return true;
}

void effects_rollback(struct effects *effects)
{
    struct error unused; /* only a reducer can fail, and its table has nothing committed that waits */
    effects->emitted_count = 0;
    for (size_t i = 0; i < effects->pending_count; i++) {
        struct pending *pending = effects->pending[i];
        pending->batch.count = pending->marked;
        if (pending->texts.total > BATCH_TEXT_BYTES || (!pending->marked && pending->texts.total)) pending_flush(pending, &unused);
    }
}

bool effects_flush(struct effects *effects, struct error *error)
{
    for (size_t i = 0; i < effects->pending_count; i++)
        if (!pending_flush(effects->pending[i], error)) return false;
    return true;
}
