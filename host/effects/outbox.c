/* SPDX-License-Identifier: MIT
 * Effects on their way from the thread that handled a block's loglines to the threads whose shards they are for. They are
 * emitted side by side, in the thread's own cache, where it finds its own by their numbers when the block has been played. What
 * is for others is copied past the cache (base/stream.h), and each of them finds its own there by the hashes: the shard of an
 * effect is as good as random, and nothing is to be predicted from it. Written through the cache, and all together, a job on two
 * threads took 0.34 s where the two cores share a cache, and 0.9 s where they do not; with the copies 0.36 s and 0.40 s.
 *
 * Where rows are merged in the end (state/merge.h), any shard may have a part of a row, so a removal is for all of them. All
 * effects of a block that have the same key go the same way, so that each shard sees removals at their places. */
#include "base/compiler.h"
#include "base/memory.h"
#include "base/stream.h"
#include "effects/declared.h"
#include "effects/effects.h"
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
        struct outbox_table *table = &outbox->tables[i];
        batch_finish(&table->all);
        batch_finish(&table->away);
        free(table->own);
        *table = (struct outbox_table){0};
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

void outbox_trim(struct outbox *outbox, size_t most)
{
    size_t bytes = 0;
    for (size_t i = 0; i < outbox->state->count; i++)
        bytes += ((size_t)outbox->tables[i].all.capacity + outbox->tables[i].away.capacity)
                 * outbox->state->tables[i]->effect_layout.row_bytes;
    if (bytes > most) give_back(outbox);
}

/* ---- putting in */

/* The outbox's batch and the pending one change places: what is emitted is then where it is to be. */
static void exchange(struct outbox *outbox, struct pending *pending)
{
    struct batch *all = &outbox->tables[pending->table->number].all, batch = *all;
    *all = pending->batch;
    pending->batch = batch;
    pending->marked = 0;
}

void outbox_open(struct outbox *outbox, unsigned shard, struct pending *pending)
{
    outbox->shard = shard;
    outbox->bytes = 0;
    scratch_reset(&outbox->texts);
    for (size_t i = 0; i < outbox->state->count; i++) {
        struct outbox_table *table = &outbox->tables[i];
        table->all.count = table->away.count = table->own_count = 0;
        table->all.any_remove = table->away.any_remove = false;
        if (!pending[i].direct) exchange(outbox, &pending[i]);
    }
}

/* Entries that go to other threads together, so that whatever there is of each of them fills lines of the cache. */
enum { STEP = LINE_SIZE };
struct step {
    uint32_t hashes[STEP], lines[STEP];
    unsigned char removes[STEP];
    char entries[STEP * ROW_BYTES_MAX] __attribute__((aligned(LINE_SIZE))); /* which are copied by whole lines, if by one */
};

/* Copies `count` entries, at most a step; behind a step that is not whole comes nothing. */
static void send(struct batch *to, const struct batch *from, const uint32_t *which, uint32_t count, const struct pending *pending,
                 struct step *step)
{
    const size_t bytes = pending->entry_bytes;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t number = which[i];
        if (LIKELY(bytes <= LINE_SIZE)) memcpy(step->entries + i * bytes, from->entries + number * bytes, LINE_SIZE);
        else memcpy(step->entries + i * bytes, from->entries + number * bytes, bytes);
        step->hashes[i] = from->hashes[number];
        step->removes[i] = from->removes[number];
        if (pending->ordered) step->lines[i] = from->lines[number];
    }
    if (to->capacity - to->count < STEP) batch_grow(to, pending->table);
    stream_copy(to->entries + to->count * bytes, step->entries, bytes);
    stream_copy(to->hashes + to->count, step->hashes, sizeof *to->hashes);
    stream_copy(to->removes + to->count, step->removes, 1);
    if (pending->ordered) stream_copy(to->lines + to->count, step->lines, sizeof *to->lines);
    to->count += count;
}

/* Which is which is as good as random: no branch on it. */
static void sort(struct outbox_table *table, const struct pending *pending, const uint8_t *sides, struct step *step)
{
    const struct batch *all = &table->all;
    uint32_t away[2 * STEP], own_count = 0, away_count = 0;
    if (table->capacity < all->count) {
        table->capacity = all->capacity;
        table->own = reallocate(table->own, table->capacity * sizeof *table->own);
    }
    for (uint32_t i = 0; i < all->count;) {
        const uint32_t end = all->count - i < STEP ? all->count : i + STEP;
        for (; i < end; i++) {
            const uint8_t side = sides[hash_bucket(all->hashes[i])];
            table->own[own_count] = away[away_count] = i;
            own_count += side == SIDE_OWN;
            away_count += side == SIDE_AWAY;
        }
        if (away_count < STEP) continue;
        send(&table->away, all, away, STEP, pending, step);
        memmove(away, away + STEP, (away_count -= STEP) * sizeof *away);
    }
    if (away_count) send(&table->away, all, away, away_count, pending, step);
    table->own_count = own_count;
    table->away.any_remove = all->any_remove;
}

void outbox_close(struct outbox *outbox, struct pending *pending, const struct heat *heat, bool keeps)
{
    struct step step;
    for (struct pending *p = pending; p < pending + outbox->state->count; p++) {
        if (p->direct) continue;
        bool kept = keeps && heat->any && !p->ordered;
        if (kept) atomic_store_explicit(&p->table->parted, true, memory_order_relaxed);
        exchange(outbox, p);
        p->texts = NULL;
        sort(&outbox->tables[p->table->number], p, kept ? heat->cold : heat->foreign, &step);
    }
    stream_end();
}

/* ---- finding */

/* The line of an entry of the share. */
static uint32_t share_line(const struct share *share, uint32_t at)
{
    return share->batch->lines[share->which ? share->which[at] : at];
}

/* The first one of a line that is not before this one. */
static uint32_t first_of(const struct share *share, uint32_t line)
{
    uint32_t from = share->next, to = share->end;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (share_line(share, middle) < line) from = middle + 1;
        else to = middle;
    }
    return from;
}

/* May other shards than the one that owns it have a part of a row? If so as of this block, it was said before. */
static bool is_parted(const struct table *table)
{
    return atomic_load_explicit(&table->parted, memory_order_relaxed);
}

/* Of the share's entries, those for the emitter's shard, if `by_hash`; and removals that are for all. */
static void search(const struct emitter *emitter, struct share *share, const struct table *table, bool by_hash)
{
    const unsigned shards = emitter->effects->shards, shard = emitter->shard;
    const struct batch *batch = share->batch;
    const bool removals = batch->any_remove && is_parted(table);
    uint32_t count = 0;
    if (share->capacity < share->end - share->next) {
        share->capacity = share->end - share->next;
        share->room = reallocate(share->room, share->capacity * sizeof *share->room);
    }
    for (uint32_t i = share->next; i < share->end; i++) {
        const uint32_t number = share->which ? share->which[i] : i;
        share->room[count] = number;
        count += (by_hash & (hash_shard(batch->hashes[number], shards) == shard)) | (removals && batch->removes[number]);
    }
    share->which = share->room;
    share->next = 0;
    share->end = count;
}

/* Of entries in an outbox, what is for the emitter's shard: all of them, those that their hashes say, or, where rows are merged,
 * removals of rows of which the shard may have a part. */
enum extent { ALL, BY_HASH, REMOVALS };

/* Of the share that is all of them: what is, of the part's lines. False: nothing. */
static bool cut_share(const struct emitter *emitter, struct share *share, const struct table *table, enum extent extent,
                      const struct outbox_part *part)
{
    if (extent == REMOVALS && !(share->batch->any_remove && is_parted(table))) return false;
    if (!table->merges) { /* otherwise lines are not told, and they are all of this part of the block */
        const uint32_t end = first_of(share, part->until);
        share->next = first_of(share, part->from);
        share->end = end;
    }
    if (extent != ALL) search(emitter, share, table, extent == BY_HASH);
    return share->next < share->end;
}

/* What the outbox has of a table, likewise: how many shares. */
static size_t find_shares(const struct emitter *emitter, struct share *shares, struct outbox *outbox, const struct table *table,
                          const struct outbox_part *part)
{
    struct outbox_table *entries = &outbox->tables[table->number];
    const bool is_own = outbox->shard == emitter->shard;
    shares->batch = &entries->all, shares->which = entries->own, shares->next = 0, shares->end = entries->own_count;
    size_t count = cut_share(emitter, shares, table, is_own ? ALL : REMOVALS, part);
    shares += count;
    shares->batch = &entries->away, shares->which = NULL, shares->next = 0, shares->end = entries->away.count;
    const enum extent others = emitter->effects->shards > 2 ? BY_HASH : ALL; /* of two, what is not for one is for the other */
    return count + cut_share(emitter, shares, table, is_own ? REMOVALS : others, part);
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

/* Entries up to place `to`. */
static bool apply_share(struct emitter *emitter, struct table *table, struct share *share, uint32_t to, uint32_t *failed,
                        struct error *error)
{
    const struct entries entries = {share->batch, share->which, share->next, to};
    share->next = to;
    return shard_apply(table, &table->shards[emitter->shard], &entries, &emitter->scene, failed, error);
}

static bool apply_table(struct emitter *emitter, struct table *table, size_t share_count, uint32_t *failed, struct error *error)
{
    struct share *share = emitter->shares;
    if (share_count == 1 || table->merges) { /* no two shares have the same keys then */
        for (; share < emitter->shares + share_count; share++)
            if (!apply_share(emitter, table, share, share->end, failed, error)) return false;
        return true;
    }
    for (uint32_t until = UINT32_MAX; (share = earliest(emitter->shares, share_count, &until)); until = UINT32_MAX) {
        uint32_t to = share->next + 1;
        while (to < share->end && share_line(share, to) < until) to++;
        if (!apply_share(emitter, table, share, to, failed, error)) return false;
    }
    return true;
}

bool failed_before(uint32_t line, const struct error *error, uint32_t other_line, const struct error *other)
{
    return line < other_line || (line == other_line && strcmp(error->text, other->text) < 0);
}

static void reserve_shares(struct emitter *emitter, size_t count)
{
    if (count <= emitter->share_count) return;
    const size_t before = emitter->share_count;
    emitter->shares = reallocate(emitter->shares, count * sizeof *emitter->shares);
    memset(emitter->shares + before, 0, (count - before) * sizeof *emitter->shares);
    emitter->share_count = count;
}

bool outbox_apply(struct emitter *emitter, const struct outbox_part *part, uint32_t *failed,
                  struct error *error)
{
    const struct state *state = emitter->effects->state;
    bool ok = true;
    assert(part->count && part->count <= OUTBOXES_MAX);
    emitter->scene.locate = part->locate;
    emitter->scene.locate_data = part->locate_data;
    reserve_shares(emitter, 2 * part->count);
    emitter->time++;
    for (size_t i = 0; i < state->count; i++) {
        uint32_t line;
        struct error why;
        size_t share_count = 0;
        state->tables[i]->shards[emitter->shard].time = emitter->time;
        for (size_t k = 0; k < part->count; k++)
            share_count += find_shares(emitter, &emitter->shares[share_count], part->outboxes[k],
                                       state->tables[i], part);
        if (apply_table(emitter, state->tables[i], share_count, &line, &why)) continue;
        if (!ok && !failed_before(line, &why, *failed, error)) continue;
        ok = false;
        *failed = line;
        *error = why;
    }
    return ok;
}
