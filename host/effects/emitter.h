/* SPDX-License-Identifier: MIT
 * emitter: what a thread's hand is made of. It is for emitter.c; and for the services that handlers call, into which the
 * ordinary way of an effect is compiled, for each signature: encode it at the end of a batch, count it; and for the dispatcher,
 * into which that of an event's end is. */
#ifndef EFFECTS_EMITTER_H
#define EFFECTS_EMITTER_H

#include "base/compiler.h"
#include "effects/binding.h"
#include "effects/heat.h"
#include "row/encode_known.h"

/* Effects of one table that wait: to be applied by this thread; or, where the batch is that of the outbox of the block at hand,
 * which is lent to it, for whoever is to apply them. */
struct pending {
    uint32_t entry_bytes;
    uint32_t marked;       /* entries that are committed; the rest are the current event's */
    struct batch batch;
    struct scratch *texts; /* long texts of the batch; of an outbox they are together */
    uint32_t full;         /* so many committed entries go at once, */
    size_t texts_full;     /* or so many bytes of texts */
    bool direct;           /* the thread applies them itself, to its own rows */
    uint32_t latest;       /* the hash of the last one */
    struct table *table;
    struct shard *shard;
    struct wave *wave;     /* where it does: the batch before, of which the rows were looked up */
    struct scratch *wave_texts;
    bool ordered;          /* where it does not: the numbers of their lines are needed, for rows are not merged in the end */
};

struct outbox {
    const struct state *state;
    unsigned shard;        /* of the thread that fills it */
    struct outbox_table {
        struct batch all;     /* entries as they were emitted, in the order of lines: */
        uint32_t *own;        /* numbers of those that are for this shard, */
        uint32_t own_count, capacity;
        struct batch away;    /* and copies of those that are for others */
    } *tables;
    size_t bytes;          /* of entries since outbox_open() */
    struct scratch texts;
};

/* Bytes of the effects that were put into it since emitter_use(). */
static inline size_t outbox_bytes(const struct outbox *outbox)
{
    return outbox->bytes + outbox->texts.total;
}
/* Empties the outbox, of which all has been applied, for the thread of this shard, and lends it to the thread's `pending`. */
void outbox_open(struct outbox *outbox, unsigned shard, struct pending *pending);
/* Takes it back: now it can be applied. */
void outbox_close(struct outbox *outbox, struct pending *pending, const struct heat *heat, bool keeps);

/* Entries of one producer that are for the shard of an emitter. */
struct share {
    struct batch *batch;
    const uint32_t *which; /* numbers of entries, ascending; NULL: they are their own numbers */
    uint32_t next, end;    /* those that are not applied yet: places in `which`, or numbers */
    uint32_t *room;        /* for `which` */
    uint32_t capacity;
};

struct emitted;

struct emitter {
    struct effects *effects;
    unsigned shard;
    struct pending *own; /* by table */
    size_t own_count;
    struct outbox *outbox; /* in use; NULL: none */
    struct share *shares;  /* for outbox_apply() */
    size_t share_count;
    uint32_t emitted_count;   /* effects of the current event */
    uint32_t touched_count;
    struct pending **touched; /* by them; room for all there are */
    effects_listener *listener;
    void *listener_data;
    struct emitted *emitted; /* in order, kept only for a listener */
    size_t emitted_capacity;
    uint64_t time;            /* so many parts of chunks have been applied */
    struct heat *heat;        /* NULL: there is one shard */
    bool keeps;               /* effects that are hot, of tables that are merged */
    struct reduce_scene scene;
};

/* A declaration's way into a thread's batch. */
struct lane {
    struct emitter *emitter;
    struct pending *pending;
    const struct encoder *encoder;
};
struct lane emitter_lane(struct emitter *emitter, const struct binding *binding);

/* The last effect is going to be looked up. It is said when the next one is there: a prefetch that has to wait for its address
 * holds up all that comes behind it, and when an effect is emitted, much has to be computed before its hash. This took
 * 2.5 % off the job on one thread. */
static inline void pending_expect(const struct pending *pending)
{
    shard_expect(pending->shard, pending->latest);
}

/* The entry at the end of `pending` becomes one of the event's. */
static inline void pending_add(struct emitter *emitter, struct pending *pending, uint32_t hash, bool remove)
{
    struct batch *batch = &pending->batch;
    const uint32_t number = batch->count++;
    pending_expect(pending);
    pending->latest = hash;
    if (number == pending->marked) emitter->touched[emitter->touched_count++] = pending;
    emitter->emitted_count++;
    batch->hashes[number] = hash;
    batch->removes[number] = remove;
    if (remove) batch->any_remove = true;
}

/* What effects_emit() does, where the encoder's signature is `known`, there is room, the values are ordinary (with `long_texts` a
 * text may be a long one), and nobody listens. False: nothing was done, but that a long text may have been copied, and it is to do
 * it. */
INLINE bool effects_emit_known(struct lane lane, const void *record,
                                                                     const struct signature *known, bool long_texts)
{
    struct emitter *emitter = lane.emitter;
    struct batch *batch = &lane.pending->batch;
    const size_t count = batch->count;
    uint32_t hash;
    if (count >= batch->capacity || emitter->emitted_count >= EFFECTS_PER_EVENT_MAX) return false;
    char *entry = batch->entries + count * lane.pending->entry_bytes; /* of rows that are encoded alike, not all have times */
    ONE_REGISTER(entry); /* one register, not two */
    if (!encode_known(known, long_texts, lane.encoder, record, entry, &hash, lane.pending->texts)) return false;
    pending_add(emitter, lane.pending, hash, false);
    return true;
}

/* Is it to be applied now? A reducer is the plugin's code: it runs while its logline can still be named. */
static inline bool pending_is_full(const struct pending *pending)
{
    return pending->marked >= pending->full || pending->texts->total > pending->texts_full;
}

/* The event's entries count; of which line they are, an outbox needs to know. Is it to be applied now? */
static inline bool pending_commit(struct emitter *emitter, struct pending *pending, uint32_t number)
{
    struct batch *batch = &pending->batch;
    if (!pending->direct) {
        for (uint32_t i = pending->marked; i < batch->count && pending->ordered; i++) batch->lines[i] = number;
        emitter->outbox->bytes += (size_t)(batch->count - pending->marked) * pending->entry_bytes;
    }
    pending->marked = batch->count;
    return pending_is_full(pending);
}

/* Of any event; and what is to be applied, of the first `touched`. */
bool effects_commit_any(struct emitter *emitter, const struct logline *line, uint32_t number, struct error *error);
bool effects_flush_full(struct emitter *emitter, uint32_t touched, const struct logline *line, struct error *error);

/* The event's effects count; `number` is that of `line` in its block. False: a reducer left a row that cannot stand, or the
 * listener failed; the run stops. Of several reducers that fail on one logline, the error that sorts first counts, for there is
 * no order between threads. Mostly all effects of an event are of one table, and nobody listens. */
static inline bool effects_commit(struct emitter *emitter, const struct logline *line, uint32_t number, struct error *error)
{
    bool ordinary = emitter->touched_count == 1 && !emitter->listener;
    if (UNLIKELY(!ordinary)) return effects_commit_any(emitter, line, number, error);
    emitter->emitted_count = emitter->touched_count = 0;
    bool full = pending_commit(emitter, emitter->touched[0], number);
    return LIKELY(!full) || effects_flush_full(emitter, 1, line, error);
}

#endif
