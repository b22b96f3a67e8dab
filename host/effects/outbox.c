/* SPDX-License-Identifier: MIT
 * Effects on their way from the thread that handled a block's loglines to the threads that own the rows. Whoever emits puts
 * all that go to a table side by side, as they come; each owner finds its own among them by their hashes, which is cheaper
 * than sorting them: the shard of an effect is as good as random, and nothing is to be predicted from it. */
#include "effects.h"
#include "base/memory.h"
#include "effects/declared.h"
#include "effects/emitter.h"

#include <assert.h>
#include <stdlib.h>

struct outbox *outbox_create(const struct effects *effects)
{
    struct outbox *outbox = allocate(sizeof *outbox);
    outbox->state = effects->state;
    outbox->batches = allocate(effects->state->count * sizeof *outbox->batches);
    return outbox;
}

void outbox_destroy(struct outbox *outbox)
{
    if (!outbox) return;
    for (size_t i = 0; i < outbox->state->count; i++) batch_finish(&outbox->batches[i]);
    scratch_finish(&outbox->texts);
    free(outbox->batches);
    free(outbox);
}

size_t outbox_bytes(const struct outbox *outbox)
{
    return outbox->bytes + outbox->texts.total;
}

void outbox_trim(struct outbox *outbox, size_t most)
{
    size_t bytes = 0;
    for (size_t i = 0; i < outbox->state->count; i++)
        bytes += (size_t)outbox->batches[i].capacity * outbox->state->tables[i]->effect_layout.row_bytes;
    for (size_t i = 0; i < outbox->state->count && bytes > most; i++) batch_finish(&outbox->batches[i]);
}

/* ---- finding */

/* The first entry of a line that is not before this one. */
static uint32_t first_of(const struct batch *batch, uint32_t line)
{
    uint32_t from = 0, to = batch->count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (batch->lines[middle] < line) from = middle + 1;
        else to = middle;
    }
    return from;
}

/* The entries of lines from `from` up to `until` that are for the emitter's shard. */
static void find_share(const struct emitter *emitter, struct share *share, struct batch *batch, uint32_t from, uint32_t until)
{
    const unsigned shards = emitter->effects->shards, shard = emitter->shard;
    uint32_t first = first_of(batch, from), end = first_of(batch, until), count = 0;
    if (share->capacity < end - first) {
        share->capacity = end - first;
        share->which = reallocate(share->which, share->capacity * sizeof *share->which);
    }
    for (uint32_t i = first; i < end; i++) {
        share->which[count] = i;
        count += hash_shard(batch->hashes[i], shards) == shard;
    }
    share->batch = batch;
    share->count = count;
    share->applied = 0;
}

/* ---- applying */

/* The share whose next entry is of the earliest line before *until; NULL: none. *until: the line of the next entry of
 * any other. */
static struct share *earliest(struct share *shares, size_t count, uint32_t *until)
{
    struct share *best = NULL;
    uint32_t least = *until;
    for (size_t i = 0; i < count; i++) {
        struct share *share = &shares[i];
        if (share->applied == share->count) continue;
        uint32_t line = share->batch->lines[share->which[share->applied]];
        if (line < least) {
            if (best) *until = least;
            least = line;
            best = share;
        } else if (line < *until) *until = line;
    }
    return best;
}

static bool apply_table(struct emitter *emitter, struct table *table, size_t share_count, uint32_t *failed, struct error *error)
{
    struct share *share;
    for (uint32_t until = UINT32_MAX; (share = earliest(emitter->shares, share_count, &until)); until = UINT32_MAX) {
        uint32_t from = share->applied, to = share_count == 1 ? share->count : from + 1;
        while (to < share->count && share->batch->lines[share->which[to]] < until) to++;
        if (!shard_apply(table, &table->shards[emitter->shard], share->batch, share->which, from, to, &emitter->scene, failed,
                         error))
            return false;
        share->applied = to;
    }
    return true;
}

bool failed_before(uint32_t line, const struct error *error, uint32_t other_line, const struct error *other)
{
    return line < other_line || (line == other_line && strcmp(error->text, other->text) < 0);
}

bool outbox_apply(struct emitter *emitter, struct outbox *const *outboxes, size_t count, uint32_t from, uint32_t until,
                  outbox_locate *locate, void *data, uint32_t *failed, struct error *error)
{
    const struct state *state = emitter->effects->state;
    bool ok = true;
    assert(count && count <= OUTBOXES_MAX);
    emitter->scene.locate = locate;
    emitter->scene.locate_data = data;
    if (count > emitter->share_count) {
        emitter->shares = reallocate(emitter->shares, count * sizeof *emitter->shares);
        memset(emitter->shares + emitter->share_count, 0, (count - emitter->share_count) * sizeof *emitter->shares);
        emitter->share_count = count;
    }
    for (size_t i = 0; i < state->count; i++) {
        uint32_t line;
        struct error why;
        size_t share_count = 0;
        for (size_t k = 0; k < count; k++)
            if (outboxes[k]->batches[i].count)
                find_share(emitter, &emitter->shares[share_count++], &outboxes[k]->batches[i], from, until);
        if (apply_table(emitter, state->tables[i], share_count, &line, &why)) continue;
        if (!ok && !failed_before(line, &why, *failed, error)) continue;
        ok = false;
        *failed = line;
        *error = why;
    }
    return ok;
}
