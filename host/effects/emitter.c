/* SPDX-License-Identifier: MIT
 * What a thread does with effects. */
#include "effects/emitter.h"
#include "base/compiler.h"
#include "base/memory.h"
#include "effects/declared.h"

#include <assert.h>

/* Effects that a thread collects for its own rows before it looks these up together. 16 measured equal; with 64 and 128 the
 * job took 1 to 3 % longer, for so many rows at a time wait for the memory. */
enum { BATCH_SIZE = 32 };
/* Long texts that a batch may hold, so that memory does not follow the length of lines. */
#define BATCH_TEXT_BYTES ((size_t)1 << 20)

/* One effect of the current event: entry `index` behind the committed ones. */
struct emitted {
    const struct pending *pending;
    uint32_t index;
};

struct lane emitter_lane(struct emitter *emitter, const struct binding *binding)
{
    return (struct lane){emitter, &emitter->own[binding->number], &binding->encoder};
}

struct emitter *emitter_create(struct effects *effects, unsigned shard)
{
    struct emitter *emitter = allocate(sizeof *emitter);
    *emitter = (struct emitter){.effects = effects, .shard = shard, .own_count = effects->state->count};
    emitter->own = allocate(emitter->own_count * sizeof *emitter->own);
    emitter->touched = allocate(emitter->own_count * sizeof(struct pending *));
    if (effects->shards > 1) heat_init(emitter->heat = allocate(sizeof *emitter->heat), shard, effects->shards);
    for (size_t i = 0; i < emitter->own_count; i++) {
        struct table *table = effects->state->tables[i];
        bool direct = effects->shards == 1 || table->partition_column >= 0;
        emitter->own[i] = (struct pending){.entry_bytes = table->effect_layout.row_bytes,
                                           .table = table, .shard = &table->shards[shard], .full = UINT32_MAX,
                                           .texts_full = SIZE_MAX, .direct = direct, .ordered = !table->merges};
        if (!direct) continue;
        emitter->own[i].full = table->reduce ? 1 : BATCH_SIZE;
        emitter->own[i].texts_full = BATCH_TEXT_BYTES;
        emitter->own[i].texts = allocate(sizeof *emitter->own[i].texts);
        emitter->own[i].wave = allocate(sizeof *emitter->own[i].wave);
        emitter->own[i].wave_texts = allocate(sizeof *emitter->own[i].wave_texts);
    }
    return emitter;
}

void emitter_destroy(struct emitter *emitter)
{
    if (!emitter) return;
    emitter_use(emitter, NULL, false);
    for (size_t i = 0; i < emitter->own_count; i++) {
        batch_finish(&emitter->own[i].batch);
        if (!emitter->own[i].direct) continue;
        scratch_finish(emitter->own[i].texts);
        free(emitter->own[i].texts);
        batch_finish(&emitter->own[i].wave->batch);
        scratch_finish(emitter->own[i].wave_texts);
        free(emitter->own[i].wave_texts);
        free(emitter->own[i].wave);
    }
    for (size_t i = 0; i < emitter->share_count; i++) free(emitter->shares[i].room);
    scratch_finish(&emitter->scene.scratch);
    free(emitter->shares);
    free(emitter->own);
    free(emitter->touched);
    free(emitter->emitted);
    free(emitter->heat);
    free(emitter);
}

static void end_block(struct emitter *emitter)
{
    outbox_close(emitter->outbox, emitter->own, emitter->heat, emitter->keeps);
    for (size_t i = 0; i < emitter->own_count; i++) {
        const struct batch *all = &emitter->outbox->tables[i].all;
        if (emitter->own[i].table->merges) heat_count(emitter->heat, all->hashes, all->count);
    }
}

void emitter_use(struct emitter *emitter, struct outbox *outbox, bool keeps)
{
    if (emitter->outbox) end_block(emitter);
    if (!(emitter->outbox = outbox)) return;
    emitter->keeps = keeps;
    heat_begin_block(emitter->heat);
    outbox_open(outbox, emitter->shard, emitter->own);
    for (size_t i = 0; i < emitter->own_count; i++)
        if (!emitter->own[i].direct) emitter->own[i].texts = &outbox->texts;
}

size_t emitter_kept_bytes(const struct emitter *emitter)
{
    size_t bytes = 0;
    for (const struct pending *p = emitter->own; p < emitter->own + emitter->own_count; p++)
        if (p->table->merges) bytes += p->shard->count * p->table->row_layout.row_bytes + p->shard->heap_bytes;
    return bytes;
}

void effects_listen(struct emitter *emitter, effects_listener *listener, void *data)
{
    emitter->listener = listener;
    emitter->listener_data = data;
}

/* ---- applying */

/* Is there nothing to be applied? */
static bool is_applied(const struct pending *pending)
{
    return !pending->marked && !pending->wave->count;
}

static void end_wave(struct pending *pending)
{
    wave_end(pending->table, pending->shard, pending->wave);
    if (pending->wave_texts->total) scratch_reset(pending->wave_texts);
}

/* Applies what is committed; what the current event emitted so far moves to the front. False: a reducer failed. The entries are
 * gone then, too: nothing is applied twice. */
static bool pending_flush(struct pending *pending, struct reduce_scene *scene, struct error *error)
{
    struct batch *batch = &pending->batch;
    uint32_t failed, marked = pending->marked;
    const struct entries committed = {batch, NULL, 0, marked};
    end_wave(pending);
    if (marked && pending->table->reduce) /* the batch is one line's, whichever */
        memset(batch->lines, 0, marked * sizeof *batch->lines);
    bool ok = !marked || shard_apply(pending->table, pending->shard, &committed, scene, &failed, error);
    batch_drop(batch, marked, pending->entry_bytes);
    pending->marked = 0;
    if (!batch->count && pending->texts->total) scratch_reset(pending->texts);
    return ok;
}

/* What is committed, which is all there is, becomes a wave, behind the one before; where it cannot, it is applied. */
static bool pending_advance(struct emitter *emitter, struct pending *pending, struct error *error)
{
    struct wave *wave = pending->wave;
    struct batch batch = pending->batch;
    struct scratch *texts = pending->texts;
    pending_expect(pending);
    if (batch.any_remove || pending->table->reduce || batch.count > WAVE_MAX)
        return pending_flush(pending, &emitter->scene, error);
    end_wave(pending);
    pending->batch = wave->batch;
    pending->texts = pending->wave_texts;
    pending->batch.count = pending->marked = 0;
    wave->batch = batch;
    pending->wave_texts = texts;
    wave_begin(pending->table, pending->shard, wave);
    return true;
}

bool effects_flush(struct emitter *emitter, struct error *error)
{
    for (size_t i = 0; i < emitter->own_count; i++)
        if (emitter->own[i].direct && !pending_flush(&emitter->own[i], &emitter->scene, error)) return false;
    return true;
}

/* ---- emitting */

static inline char *pending_next(struct pending *pending)
{
    batch_reserve(&pending->batch, pending->table);
    return pending->batch.entries + (size_t)pending->batch.count * pending->entry_bytes;
}

/* For the listener. */
static void note(struct emitter *emitter, const struct pending *pending)
{
    if (emitter->emitted_count == emitter->emitted_capacity) {
        emitter->emitted_capacity = emitter->emitted_capacity * 2 + 64;
        emitter->emitted = reallocate(emitter->emitted, emitter->emitted_capacity * sizeof *emitter->emitted);
    }
    emitter->emitted[emitter->emitted_count] = (struct emitted){pending, pending->batch.count - pending->marked};
}

static void add(struct emitter *emitter, struct pending *pending, uint32_t hash, bool remove)
{
    if (emitter->listener) note(emitter, pending);
    pending_add(emitter, pending, hash, remove);
}

/* Puts the effect's name before the error. */
COLD static enum emit_status refuse(const struct table *table, struct error *error)
{
    struct error why = *error;
    error_set(error, "effect '%s': %s", table->name, why.text);
    return EMIT_REFUSED;
}

/* Is its entry at the end of `pending` one too many? */
static bool is_too_many(const struct emitter *emitter, struct error *error)
{
    return emitter->emitted_count == EFFECTS_PER_EVENT_MAX
           && !error_set(error, "more than %d effects of one event, a limit of etl-host", EFFECTS_PER_EVENT_MAX);
}

enum emit_status effects_emit(struct emitter *emitter, struct binding *binding, const void *record, struct error *error)
{
    struct pending *pending = &emitter->own[binding->number];
    char *entry = pending_next(pending);
    uint32_t hash;
    if (!encode_entry(&binding->encoder, record, entry, &hash, pending->texts, error)) return refuse(pending->table, error);
    if (is_too_many(emitter, error)) return EMIT_REFUSED;
    add(emitter, pending, hash, false);
    return EMIT_OK;
}

enum emit_status effects_remove(struct emitter *emitter, struct binding *binding, const void *keys, struct error *error)
{
    struct pending *pending = &emitter->own[binding->number];
    char *entry = pending_next(pending);
    if (!encode_keys(&binding->encoder, keys, entry, pending->texts, error)) return refuse(pending->table, error);
    if (is_too_many(emitter, error)) return EMIT_REFUSED;
    add(emitter, pending, table_hash(binding->table, entry), true);
    return EMIT_OK;
}

/* Rows may be many, and their index grows now and then. */
static bool flush_for_handler(struct emitter *emitter, struct pending *pending, struct error *error)
{
    guard_serve();
    bool ok = pending_flush(pending, &emitter->scene, error);
    guard_served();
    return ok;
}

enum emit_status effects_lookup(struct emitter *emitter, const struct lookup *lookup, struct scratch *scratch,
                                const void **found, struct error *error)
{
    struct binding *binding = lookup->binding;
    const struct etl_row *row = lookup->row;
    struct table *table = binding->table;
    struct pending *pending = &emitter->own[table->number];
    uint64_t entry[ROW_BYTES_MAX / 8];
    assert(pending->direct);
    if (!is_applied(pending) && !flush_for_handler(emitter, pending, error)) return EMIT_REFUSED;
    if (!encode_keys(&binding->encoder, lookup->keys, entry, scratch, error)) return refuse(table, error);

    const char *at = shard_find(table, pending->shard, entry, table_hash(table, entry));
    if (!at) return *found = NULL, EMIT_OK;
    void *copy = scratch_zeroed(scratch, row ? row->record.struct_size : binding->effect->record.struct_size);
    const struct members *members = row ? binding_row_members(binding, row) : binding->members;
    if (!layout_decode(&table->row_layout, row ? table->row_layout.key_count : 0, members, at, copy, error))
        return refuse(table, error);
    *found = copy;
    return EMIT_OK;
}

/* ---- the end of an event */

static bool tell_listener(struct emitter *emitter, uint32_t number, struct error *error)
{
    for (uint32_t i = 0; i < emitter->emitted_count; i++) {
        const struct pending *pending = emitter->emitted[i].pending;
        uint32_t at = pending->marked + emitter->emitted[i].index;
        const char *entry = pending->batch.entries + (size_t)at * pending->table->effect_layout.row_bytes;
        if (!emitter->listener(emitter->listener_data, number, pending->table, entry, pending->batch.removes[at], error))
            return false;
    }
    return true;
}

bool effects_flush_full(struct emitter *emitter, uint32_t touched, const struct logline *line, struct error *error)
{
    bool ok = true;
    struct error why;
    emitter->scene.line = line;
    emitter->scene.locate = NULL;
    for (uint32_t i = 0; i < touched; i++)
        if (pending_is_full(emitter->touched[i]) && !pending_advance(emitter, emitter->touched[i], &why)) {
            if (ok || strcmp(why.text, error->text) < 0) *error = why;
            ok = false;
        }
    return ok;
}

bool effects_commit_any(struct emitter *emitter, const struct logline *line, uint32_t number, struct error *error)
{
    uint32_t touched = emitter->touched_count;
    bool full = false;
    if (emitter->listener && !tell_listener(emitter, number, error)) return false;
    emitter->emitted_count = emitter->touched_count = 0;
    for (uint32_t i = 0; i < touched; i++) full |= pending_commit(emitter, emitter->touched[i], number);
    return !full || effects_flush_full(emitter, touched, line, error);
}

/* Of all tables: an effect that was refused may have left a text, too. */
void effects_rollback(struct emitter *emitter)
{
    struct error unused; /* only a reducer can fail, and its table has nothing committed that waits */
    emitter->emitted_count = emitter->touched_count = 0;
    for (size_t i = 0; i < emitter->own_count; i++) {
        struct pending *pending = &emitter->own[i];
        pending->batch.count = pending->marked;
        if (pending->direct && pending->texts->total > BATCH_TEXT_BYTES) pending_flush(pending, &emitter->scene, &unused);
        else if (pending->direct && !pending->marked && pending->texts->total) scratch_reset(pending->texts);
    }
}
