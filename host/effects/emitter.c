/* SPDX-License-Identifier: MIT
 * What a thread does with effects. */
#include "emitter.h"
#include "base/memory.h"
#include "effects/declared.h"

#include <assert.h>

/* Effects that a thread collects for its own rows before it applies them together: 64 to 256 measured equal, 16 slower. */
enum { BATCH_SIZE = 128 };
/* Long texts that a batch may hold, so that memory does not follow the length of lines. */
#define BATCH_TEXT_BYTES ((size_t)1 << 20)

struct outbox {
    const struct effects *effects;
    struct pending *items; /* table by table, shard by shard; NULL before the first effect */
    size_t bytes;          /* of entries since emitter_use() */
    struct scratch texts;
};

/* One effect of the current event: entry `index` behind the committed ones. */
struct emitted {
    struct pending *pending;
    uint32_t index;
};

struct lane emitter_lane(struct emitter *emitter, const struct binding *binding)
{
    return (struct lane){&emitter->own[binding->number], &binding->encoder};
}

struct emitter *emitter_create(struct effects *effects, unsigned shard)
{
    struct emitter *emitter = allocate(sizeof *emitter);
    *emitter = (struct emitter){.effects = effects, .shard = shard, .own_count = effects->state->count};
    emitter->own = allocate(emitter->own_count * sizeof *emitter->own);
    emitter->touched = allocate(emitter->own_count * effects->shards * sizeof(struct pending *));
    for (size_t i = 0; i < emitter->own_count; i++) {
        struct table *table = effects->state->tables[i];
        bool direct = effects->shards == 1 || table->partition_column >= 0;
        emitter->own[i] = (struct pending){.entry_bytes = table->effect_layout.row_bytes,
                                           .table = table, .shard = &table->shards[shard],
                                           .full = table->reduce ? 1 : BATCH_SIZE, .texts_full = BATCH_TEXT_BYTES,
                                           .direct = direct, .plain = direct};
        if (direct) emitter->own[i].texts = allocate(sizeof *emitter->own[i].texts);
    }
    return emitter;
}

void emitter_destroy(struct emitter *emitter)
{
    if (!emitter) return;
    for (size_t i = 0; i < emitter->own_count; i++) {
        batch_finish(&emitter->own[i].batch);
        if (!emitter->own[i].direct) continue;
        scratch_finish(emitter->own[i].texts);
        free(emitter->own[i].texts);
    }
    scratch_finish(&emitter->scene.scratch);
    free(emitter->own);
    free(emitter->touched);
    free(emitter->emitted);
    free(emitter);
}

void emitter_use(struct emitter *emitter, struct outbox *outbox)
{
    emitter->outbox = outbox;
    if (!outbox) return;
    scratch_reset(&outbox->texts); /* all shards have applied what pointed into it */
    outbox->bytes = 0;
    for (size_t i = 0; i < emitter->own_count; i++) {
        if (emitter->own[i].direct) continue;
        emitter->own[i].texts = &outbox->texts;
        emitter->own[i].sorted = outbox->items ? &outbox->items[i * emitter->effects->shards] : NULL;
    }
}

void effects_listen(struct emitter *emitter, effects_listener *listener, void *data)
{
    emitter->listener = listener;
    emitter->listener_data = data;
    for (size_t i = 0; i < emitter->own_count; i++) emitter->own[i].plain = emitter->own[i].direct && !listener;
}

/* ---- applying */

/* Applies what is committed; what the current event emitted so far moves to the front. */
static bool pending_flush(struct pending *pending, struct reduce_scene *scene, struct error *error)
{
    struct batch *batch = &pending->batch;
    const size_t row_bytes = pending->table->effect_layout.row_bytes;
    uint32_t failed, marked = pending->marked;
    if (marked && !shard_apply(pending->table, pending->shard, batch, 0, marked, scene, &failed, error)) return false;
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
        if (pending->texts->total) scratch_reset(pending->texts);
    }
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

static void note_emitted(struct emitter *emitter, struct pending *pending)
{
    if (emitter->emitted_count == emitter->emitted_capacity) {
        emitter->emitted_capacity = emitter->emitted_capacity * 2 + 64;
        emitter->emitted = reallocate(emitter->emitted, emitter->emitted_capacity * sizeof *emitter->emitted);
    }
    emitter->emitted[emitter->emitted_count] = (struct emitted){pending, pending->batch.count - pending->marked};
}

__attribute__((cold, noinline)) static void outbox_open(struct outbox *outbox)
{
    const struct state *state = outbox->effects->state;
    unsigned shards = outbox->effects->shards;
    outbox->items = allocate(state->count * shards * sizeof *outbox->items);
    for (size_t i = 0; i < state->count * shards; i++) {
        struct table *table = state->tables[i / shards];
        outbox->items[i] = (struct pending){.entry_bytes = table->effect_layout.row_bytes, .table = table,
                                            .shard = &table->shards[i % shards], .texts = &outbox->texts, .full = UINT32_MAX,
                                            .texts_full = SIZE_MAX};
    }
}

/* Copies the entry to where its shard's owner looks for it, and returns where that is. */
static inline struct pending *outbox_put(struct emitter *emitter, struct pending *from)
{
    uint32_t hash = *from->batch.hashes;
    if (__builtin_expect(!from->sorted, 0)) {
        if (!emitter->outbox->items) outbox_open(emitter->outbox);
        from->sorted = &emitter->outbox->items[from->table->number * emitter->effects->shards];
    }
    struct pending *to = &from->sorted[hash_shard(hash, emitter->effects->shards)];
    memcpy(pending_next(to), from->batch.entries, from->entry_bytes);
    to->batch.hashes[to->batch.count] = hash;
    emitter->outbox->bytes += from->entry_bytes;
    return to;
}

void emitter_add_for_others(struct emitter *emitter, struct pending *pending, bool remove)
{
    if (!pending->direct) pending = outbox_put(emitter, pending);
    if (emitter->listener) note_emitted(emitter, pending);
    pending_add(emitter, pending, remove);
}

/* Puts the effect's name before the error. */
__attribute__((cold, noinline)) static enum emit_status refuse(const struct table *table, struct error *error)
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
    uint32_t *hash = &pending->batch.hashes[pending->batch.count];
    if (!encode_ordinary(&binding->encoder, record, entry, hash)
        && !encode_entry(&binding->encoder, record, entry, hash, pending->texts, error)) return refuse(pending->table, error);
    if (is_too_many(emitter, error)) return EMIT_REFUSED;
    emitter_add(emitter, pending, false);
    return EMIT_OK;
}

enum emit_status effects_remove(struct emitter *emitter, struct binding *binding, const void *keys, struct error *error)
{
    struct pending *pending = &emitter->own[binding->number];
    char *entry = pending_next(pending);
    if (!encode_keys(&binding->encoder, keys, entry, pending->texts, error)) return refuse(pending->table, error);
    if (is_too_many(emitter, error)) return EMIT_REFUSED;
    pending->batch.hashes[pending->batch.count] = table_hash(binding->table, entry);
    emitter_add(emitter, pending, true);
    return EMIT_OK;
}

enum emit_status effects_lookup(struct emitter *emitter, struct binding *binding, const struct etl_row *row, const void *keys,
                                struct scratch *scratch, const void **found, struct error *error)
{
    struct table *table = binding->table;
    struct pending *pending = &emitter->own[table->number];
    uint64_t entry[ROW_BYTES_MAX / 8 + 1];
    assert(pending->direct);
    if (pending->marked && !pending_flush(pending, &emitter->scene, error)) return EMIT_REFUSED;
    if (!encode_keys(&binding->encoder, keys, entry, scratch, error)) return refuse(table, error);

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

static bool tell_listener(struct emitter *emitter, struct error *error)
{
    for (uint32_t i = 0; i < emitter->emitted_count; i++) {
        const struct pending *pending = emitter->emitted[i].pending;
        uint32_t at = pending->marked + emitter->emitted[i].index;
        const char *entry = pending->batch.entries + (size_t)at * pending->table->effect_layout.row_bytes;
        if (!emitter->listener(emitter->listener_data, pending->table, entry, pending->batch.removes[at], error)) return false;
    }
    return true;
}

static void note_lines(struct pending *pending, uint32_t number)
{
    for (uint32_t i = pending->marked; i < pending->batch.count; i++) pending->batch.lines[i] = number;
}

/* Is it to be applied now? An outbox is for the owners of its shards. A reducer is the plugin's code: it runs while its logline
 * can still be named. */
static inline bool is_full(const struct pending *pending)
{
    return pending->marked >= pending->full || pending->texts->total > pending->texts_full;
}

__attribute__((noinline)) static bool flush_full(struct emitter *emitter, uint32_t touched, const struct logline *line,
                                                 struct error *error)
{
    bool ok = true;
    struct error why;
    emitter->scene.line = line;
    emitter->scene.locate = NULL;
    for (uint32_t i = 0; i < touched; i++)
        if (is_full(emitter->touched[i]) && !pending_flush(emitter->touched[i], &emitter->scene, &why)) {
            if (ok || strcmp(why.text, error->text) < 0) *error = why;
            ok = false;
        }
    return ok;
}

/* Of any event. */
__attribute__((noinline)) static bool commit(struct emitter *emitter, const struct logline *line, uint32_t number, struct error *error)
{
    uint32_t touched = emitter->touched_count;
    bool full = false;
    if (emitter->listener && !tell_listener(emitter, error)) return false;
    emitter->emitted_count = emitter->touched_count = 0;
    for (uint32_t i = 0; i < touched; i++) {
        struct pending *pending = emitter->touched[i];
        if (!pending->direct) note_lines(pending, number);
        pending->marked = pending->batch.count;
        full |= is_full(pending);
    }
    return !full || flush_full(emitter, touched, line, error);
}

/* Mostly all effects of an event are of one table, and the thread's own. */
bool effects_commit(struct emitter *emitter, const struct logline *line, uint32_t number, struct error *error)
{
    bool ordinary = emitter->touched_count == 1 && emitter->touched[0]->plain;
    if (__builtin_expect(!ordinary, 0)) return commit(emitter, line, number, error);
    struct pending *pending = emitter->touched[0];
    emitter->emitted_count = emitter->touched_count = 0;
    pending->marked = pending->batch.count;
    return __builtin_expect(!is_full(pending), 1) || flush_full(emitter, 1, line, error);
}

void effects_rollback(struct emitter *emitter)
{
    struct error unused; /* only a reducer can fail, and its table has nothing committed that waits */
    emitter->emitted_count = 0;
    for (uint32_t i = 0; i < emitter->touched_count; i++) {
        struct pending *pending = emitter->touched[i];
        pending->batch.count = pending->marked;
        if (pending->direct && pending->texts->total > BATCH_TEXT_BYTES) pending_flush(pending, &emitter->scene, &unused);
        else if (pending->direct && !pending->marked && pending->texts->total) scratch_reset(pending->texts);
    }
    emitter->touched_count = 0;
}

/* ---- outboxes */

struct outbox *outbox_create(const struct effects *effects)
{
    struct outbox *outbox = allocate(sizeof *outbox);
    outbox->effects = effects;
    return outbox;
}

void outbox_destroy(struct outbox *outbox)
{
    if (!outbox) return;
    size_t count = outbox->items ? outbox->effects->state->count * outbox->effects->shards : 0;
    for (size_t i = 0; i < count; i++) batch_finish(&outbox->items[i].batch);
    scratch_finish(&outbox->texts);
    free(outbox->items);
    free(outbox);
}

size_t outbox_bytes(const struct outbox *outbox)
{
    return outbox->bytes + outbox->texts.total;
}

struct merge {
    struct pending *items[OUTBOXES_MAX]; /* of one shard of one table, where something is to be applied */
    size_t count;
};

/* The one whose next entry is of the earliest line before *until; NULL: none. *until: the line of the next entry of any other. */
static struct pending *earliest(const struct merge *merge, uint32_t *until)
{
    struct pending *best = NULL;
    uint32_t least = *until;
    for (size_t i = 0; i < merge->count; i++) {
        struct pending *pending = merge->items[i];
        if (pending->applied == pending->batch.count) continue;
        uint32_t line = pending->batch.lines[pending->applied];
        if (line < least) {
            if (best) *until = least;
            least = line;
            best = pending;
        } else if (line < *until) *until = line;
    }
    return best;
}

static bool apply_merged(struct emitter *emitter, const struct merge *merge, uint32_t until, uint32_t *failed,
                         struct error *error)
{
    struct pending *pending;
    for (uint32_t before = until; (pending = earliest(merge, &before)); before = until) {
        uint32_t from = pending->applied, to = from + 1;
        while (to < pending->batch.count && pending->batch.lines[to] < before) to++;
        if (!shard_apply(pending->table, pending->shard, &pending->batch, from, to, &emitter->scene, failed, error)) return false;
        pending->applied = to;
    }
    return true;
}

static void merge_finish(struct merge *merge)
{
    for (size_t i = 0; i < merge->count; i++) {
        struct pending *pending = merge->items[i];
        if (pending->applied < pending->batch.count) continue;
        pending->batch.count = pending->marked = pending->applied = 0;
        pending->batch.any_remove = false;
    }
}

bool failed_before(uint32_t line, const struct error *error, uint32_t other_line, const struct error *other)
{
    return line < other_line || (line == other_line && strcmp(error->text, other->text) < 0);
}

bool outbox_apply(struct emitter *emitter, struct outbox *const *outboxes, size_t count, uint32_t until, outbox_locate *locate,
                  void *data, uint32_t *failed, struct error *error)
{
    const struct effects *effects = emitter->effects;
    bool ok = true;
    assert(count && count <= OUTBOXES_MAX);
    emitter->scene.locate = locate;
    emitter->scene.locate_data = data;
    for (size_t item = emitter->shard; item < effects->state->count * effects->shards; item += effects->shards) {
        struct merge merge;
        uint32_t line;
        struct error why;
        merge.count = 0;
        for (size_t i = 0; i < count; i++) {
            struct pending *pending = outboxes[i]->items ? &outboxes[i]->items[item] : NULL;
            if (pending && pending->batch.count) merge.items[merge.count++] = pending;
        }
        if (!apply_merged(emitter, &merge, until, &line, &why) && (ok || failed_before(line, &why, *failed, error))) {
            ok = false;
            *failed = line;
            *error = why;
        }
        merge_finish(&merge);
    }
    return ok;
}
