/* SPDX-License-Identifier: MIT
 * Effects on their way from the thread that handled a block's loglines to the threads that own the rows. Of those that go to a
 * table, whoever emits keeps what is its own apart, in its own cache; all that is for others lies side by side, past the cache
 * (base/stream.h), and each owner finds its own there by the hashes. That is cheaper than sorting them: the shard of an effect is
 * as good as random, and nothing is to be predicted from it. Written through the cache, and all together, a job on two threads
 * took 0.34 s where the two cores share a cache, and 0.9 s where they do not; so it takes 0.36 s and 0.40 s. */
#include "effects.h"
#include "base/memory.h"
#include "base/stream.h"
#include "effects/declared.h"
#include "effects/emitter.h"

#include <assert.h>
#include <stdlib.h>

struct outbox *outbox_create(const struct effects *effects)
{
    struct outbox *outbox = allocate(sizeof *outbox);
    outbox->state = effects->state;
    outbox->tables = allocate(effects->state->count * sizeof *outbox->tables);
    return outbox;
}

static void give_back(struct outbox *outbox)
{
    for (size_t i = 0; i < outbox->state->count; i++) {
        batch_finish(&outbox->tables[i].own);
        batch_finish(&outbox->tables[i].away);
    }
}

void outbox_destroy(struct outbox *outbox)
{
    if (!outbox) return;
    give_back(outbox);
    scratch_finish(&outbox->texts);
    free(outbox->tables);
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
        bytes += ((size_t)outbox->tables[i].own.capacity + outbox->tables[i].away.capacity)
                 * outbox->state->tables[i]->effect_layout.row_bytes;
    if (bytes > most) give_back(outbox);
}

/* ---- putting in */

static void reserve(struct batch *batch, const struct table *table, uint32_t more)
{
    if (batch->capacity - batch->count < more) batch_grow(batch, table);
}

/* Most entries fit a line of the cache, for which there is room behind any batch. */
static inline void copy_entry(char *to, const char *from, size_t bytes)
{
    if (__builtin_expect(bytes <= LINE_SIZE, 1)) memcpy(to, from, LINE_SIZE);
    else memcpy(to, from, bytes);
}

/* Entries `first` up to `end`. Which is which is as good as random: no branch on it. */
static void sort(struct batch *own, struct batch *away, const struct pending *pending, uint32_t first, uint32_t end,
                 unsigned shard)
{
    const struct batch from = pending->batch; /* a copy, of which the compiler knows that the loop does not change it */
    const size_t bytes = pending->entry_bytes;
    const unsigned shards = pending->table->shard_count;
    struct batch sides[2] = {*own, *away};
    for (uint32_t i = first; i < end; i++) {
        struct batch *to = &sides[hash_shard(from.hashes[i], shards) != shard];
        const size_t count = to->count++;
        copy_entry(to->entries + count * bytes, from.entries + i * bytes, bytes);
        to->hashes[count] = from.hashes[i];
        to->lines[count] = from.lines[i];
        to->removes[count] = from.removes[i];
    }
    own->count = sides[0].count;
    away->count = sides[1].count;
}

/* A whole step; or a last one that is not, behind which nothing comes. */
static void send(struct batch *to, struct batch *from, const struct table *table)
{
    const size_t bytes = table->effect_layout.row_bytes;
    const uint32_t count = from->count < OUTBOX_STEP ? from->count : OUTBOX_STEP;
    reserve(to, table, OUTBOX_STEP);
    stream_copy(to->entries + to->count * bytes, from->entries, bytes);
    stream_copy(to->hashes + to->count, from->hashes, sizeof *to->hashes);
    stream_copy(to->lines + to->count, from->lines, sizeof *to->lines);
    stream_copy(to->removes + to->count, from->removes, 1);
    to->count += count;
    to->any_remove |= from->any_remove;
    batch_drop(from, count, bytes);
}

/* By steps, so that of an event with very many effects no more than two wait to be sent. */
void outbox_take(struct outbox *outbox, struct pending *pending)
{
    const struct table *table = pending->table;
    struct outbox_table *both = &outbox->tables[table->number];
    struct batch *own = &both->own, *away = &pending->away, *from = &pending->batch;
    for (uint32_t first = 0, end; first < pending->marked; first = end) {
        end = pending->marked - first < OUTBOX_STEP ? pending->marked : first + OUTBOX_STEP;
        reserve(own, table, end - first);
        reserve(away, table, end - first);
        sort(own, away, pending, first, end, outbox->shard);
        own->any_remove |= from->any_remove;
        away->any_remove |= from->any_remove;
        if (away->count >= OUTBOX_STEP) send(&both->away, away, table);
    }
    batch_drop(from, pending->marked, pending->entry_bytes);
    pending->marked = 0;
}

void outbox_open(struct outbox *outbox, unsigned shard)
{
    outbox->shard = shard;
    outbox->bytes = 0;
    scratch_reset(&outbox->texts);
    for (size_t i = 0; i < outbox->state->count; i++) {
        struct outbox_table *both = &outbox->tables[i];
        both->own.count = both->away.count = 0;
        both->own.any_remove = both->away.any_remove = false;
    }
}

void outbox_close(struct outbox *outbox, struct pending *pending, size_t count)
{
    for (struct pending *p = pending; p < pending + count; p++) {
        if (p->direct) continue;
        outbox_take(outbox, p);
        if (p->away.count) send(&outbox->tables[p->table->number].away, &p->away, p->table);
        p->texts = NULL;
    }
    stream_end();
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

/* Those of entries `first` up to `end` that are for the emitter's shard. */
static void search(const struct emitter *emitter, struct share *share, uint32_t first, uint32_t end)
{
    const unsigned shards = emitter->effects->shards, shard = emitter->shard;
    const uint32_t *hashes = share->batch->hashes;
    uint32_t count = 0;
    if (share->capacity < end - first) {
        share->capacity = end - first;
        share->room = reallocate(share->room, share->capacity * sizeof *share->room);
    }
    for (uint32_t i = first; i < end; i++) {
        share->room[count] = i;
        count += hash_shard(hashes[i], shards) == shard;
    }
    share->which = share->room;
    share->next = 0;
    share->end = count;
}

/* What the outbox has of a table for the emitter's shard, of lines from `from` up to `until`. False: nothing. */
static bool find_share(const struct emitter *emitter, struct share *share, const struct outbox *outbox, size_t table,
                       uint32_t from, uint32_t until)
{
    struct outbox_table *both = &outbox->tables[table];
    const bool is_own = outbox->shard == emitter->shard;
    share->batch = is_own ? &both->own : &both->away;
    share->which = NULL;
    share->next = first_of(share->batch, from);
    share->end = first_of(share->batch, until);
    if (!is_own) search(emitter, share, share->next, share->end);
    return share->next < share->end;
}

/* ---- applying */

/* The line of an entry of the share. */
static uint32_t share_line(const struct share *share, uint32_t at)
{
    return share->batch->lines[share->which ? share->which[at] : at];
}

/* The share whose next entry is of the earliest line before *until; NULL: none. *until: the line of the next entry of
 * any other. */
static struct share *earliest(struct share *shares, size_t count, uint32_t *until)
{
    struct share *best = NULL;
    uint32_t least = *until;
    for (size_t i = 0; i < count; i++) {
        struct share *share = &shares[i];
        if (share->next == share->end) continue;
        uint32_t line = share_line(share, share->next);
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
        uint32_t from = share->next, to = share_count == 1 ? share->end : from + 1;
        while (to < share->end && share_line(share, to) < until) to++;
        if (!shard_apply(table, &table->shards[emitter->shard], share->batch, share->which, from, to, &emitter->scene, failed,
                         error))
            return false;
        share->next = to;
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
            share_count += find_share(emitter, &emitter->shares[share_count], outboxes[k], i, from, until);
        if (apply_table(emitter, state->tables[i], share_count, &line, &why)) continue;
        if (!ok && !failed_before(line, &why, *failed, error)) continue;
        ok = false;
        *failed = line;
        *error = why;
    }
    return ok;
}
