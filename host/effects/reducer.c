/* SPDX-License-Identifier: MIT */
#include "base/memory.h"
#include "effects/binding.h"
#include "row/fold.h"

#include <assert.h>

/* Decodes the row and the effect, lets the plugin fold, and encodes what it left. */
static bool reduce(struct table *table, struct shard *shard, const struct reduction *reduction, void *data,
                   struct error *error)
{
    const struct reducer *reducer = table->reducer;
    struct reduce_scene *scene = data;
    uint64_t values[ROW_BYTES_MAX / 8];
    struct error why;
    scratch_reset(&scene->scratch);
    void *row_struct = scratch_zeroed(&scene->scratch, reducer->row->record.struct_size);
    void *effect_struct = scratch_zeroed(&scene->scratch, reducer->effect->record.struct_size);
    if (!layout_decode(&table->row_layout, table->row_layout.key_count, reducer->row_members, reduction->row,
                       row_struct, error)
        || !layout_decode(&table->effect_layout, 0, reducer->effect_members, reduction->entry,
                          effect_struct, error))
        return false;

    assert(!guard_running(guard_record));
    guard_enter(&reducer->call,
                scene->locate ? scene->locate(scene->locate_data, reduction->line) : scene->line);
    reducer->reduce(row_struct, effect_struct);
    guard_leave();

    if (!encode_values(&reducer->row_encoder, row_struct, values, &scene->scratch, &why))
        return error_set(error, "plugin '%s', %s left a row that cannot stand: %s", reducer->call.plugin, reducer->what,
                         why.text);
    shard->heap_bytes += (size_t)row_replace(&table->row_layout, reduction->row, (const char *)values);
    return true;
}

struct reducer *reducer_create(const struct etl_reducer *declaration, const char *plugin, struct table *table,
                               struct error *error)
{
    struct layout layout = {0}, effect_layout = {0};
    struct reducer *reducer = allocate(sizeof *reducer);
    *reducer = (struct reducer){
        .what = format_text("reducer '%s'", declaration->name ? declaration->name : table->name),
        .reduce = declaration->reduce,
        .effect = declaration->effect,
        .row = declaration->row,
    };
    guard_call_init(&reducer->call, plugin, reducer->what);
    bool ok = effect_columns(declaration->effect, &effect_layout, &reducer->effect_members, error)
              && row_columns(declaration->row, &table->effect_layout, &layout, &reducer->row_members, error);
    layout_finish(&effect_layout);
    if (!ok) {
        layout_finish(&layout);
        reducer_destroy(reducer);
        return NULL;
    }
    table->row_layout = layout;
    encoder_init(&reducer->row_encoder, &table->row_layout, reducer->row_members);
    table->reduce = reduce;
    return table->reducer = reducer;
}

void reducer_destroy(struct reducer *reducer)
{
    if (!reducer) return;
    free(reducer->effect_members);
    free(reducer->row_members);
    free(reducer->what);
    free(reducer);
}
