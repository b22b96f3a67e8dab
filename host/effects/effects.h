/* SPDX-License-Identifier: MIT
 * effects: between handlers and state. What a handler emits is encoded at once; when all handlers of the event have returned OK
 * it is committed, otherwise rolled back, which is resetting counters.
 *
 * Where committed effects wait depends on who may apply them. A thread that owns a table's rows applies them itself, some
 * thirty at a time, before a look-up, and at the end. Otherwise they are collected in the outbox of their block, by table, from
 * where they are applied later, block after block in the order of the log: by the owner of their row's shard; so that rows
 * see effects in log order at any number of threads, whatever the fold. Where the folds of a table do not ask for that,
 * effects of keys that come often (heat.h) are applied by the thread that emitted them, to a row in its own shard, and such
 * rows are merged in the end (state/merge.h). */
#ifndef EFFECTS_EFFECTS_H
#define EFFECTS_EFFECTS_H

#include "base/error.h"
#include "base/logline.h"
#include "base/memory.h"
#include "state/state.h"

#include <etl.h>

enum { EFFECTS_PER_EVENT_MAX = 65536 };

struct effects; /* what is declared: constant while events are handled, shared by all threads */
struct binding; /* a plugin's own declaration of an effect, tied to the table of that name */
struct emitter; /* one thread's hand */
struct outbox;  /* one block's effects, by table */

struct effects *effects_create(void);
struct state *effects_state(const struct effects *effects);
void effects_destroy(struct effects *effects);

/* ---- while plugins load. `plugin` (a name, borrowed for good) is who to blame in messages. */
/* Ties a declaration to the table of its name, which is made if it is new; the same declaration gives the same binding. Also any
 * thread, later, for a declaration whose table is there. */
struct binding *effects_bind(struct effects *effects, const struct etl_effect *effect, const char *plugin, struct error *error);
bool effects_set_reducer(struct effects *effects, const struct etl_reducer *reducer, const char *plugin, struct error *error);
/* After the last plugin: can every table fold? */
bool effects_complete(const struct effects *effects, struct error *error);
/* The rows of this table go to the shard that this key's value decides, and the thread of that shard alone touches them. */
void effects_partition(struct effects *effects, const struct table *table, const char *key);
/* Before the first row. `merges`: rows may be merged in the end (state/merge.h), where the table's folds allow it; then each
 * block has one outbox, all of which is applied at a time. */
void effects_open(struct effects *effects, unsigned shards, bool merges);
struct table *binding_table(const struct binding *binding);

/* ---- a thread's hand */
/* `shard` is the thread's own. It applies by itself what goes to `partitioned` tables, or where there is one shard, to all. */
struct emitter *emitter_create(struct effects *effects, unsigned shard);
void emitter_destroy(struct emitter *emitter);
/* Where the rest goes: an outbox, of which all has been applied. It is to be given back, by using another one or NULL,
 * before its effects can be applied. `keeps`: effects of tables that are merged in the end (state/merge.h) are to be applied by
 * this thread, to its own shard. */
void emitter_use(struct emitter *emitter, struct outbox *outbox, bool keeps);
/* Bytes of the rows of such tables, and of what they own, in the thread's own shard. */
size_t emitter_kept_bytes(const struct emitter *emitter);

enum emit_status {
    EMIT_OK,
    EMIT_REFUSED, /* the values cannot stand in state: the event is rejected, error says why */
};
enum emit_status effects_emit(struct emitter *emitter, struct binding *binding, const void *record, struct error *error);
enum emit_status effects_remove(struct emitter *emitter, struct binding *binding, const void *keys, struct error *error);
/* A question for the row of these keys. */
struct lookup {
    struct binding *binding;
    const struct etl_row *row; /* what to decode; NULL: the effect's struct, where there is no reducer */
    const void *keys;
};
/* Finds the row as of the last commit; NULL in *found: none. Memory comes from `scratch`. REFUSED: a
 * key or a sum does not fit. The table must be one that this thread applies itself. */
enum emit_status effects_lookup(struct emitter *emitter, const struct lookup *lookup, struct scratch *scratch,
                                const void **found, struct error *error);
/* Does this row declaration match the table's reducer (NULL: does the table have none)? Otherwise it is a breach. Any thread. */
bool binding_row_matches(struct binding *binding, const struct etl_row *row, struct error *error);

/* The end of an event whose effects do not count; of one whose do it is effects_commit() (emitter.h). */
void effects_rollback(struct emitter *emitter);
/* Applies what waits in the thread's own hand. */
bool effects_flush(struct emitter *emitter, struct error *error);

/* Who wants committed effects, in the order of the thread's events (the effects sinks); to be said before dispatch_fork().
 * `number` is that of the logline, as for effects_commit(); `entry` is for table_effect_printer(). */
typedef bool effects_listener(void *data, uint32_t number, const struct table *table, const void *entry, bool remove,
                              struct error *error);
void effects_listen(struct emitter *emitter, effects_listener *listener, void *data);

/* ---- outboxes */
enum { OUTBOXES_MAX = 257 }; /* of one block: one a thread, and one */
struct outbox *outbox_create(const struct effects *effects);
void outbox_destroy(struct outbox *outbox);
/* Where it has memory for more than `most` bytes of effects, it gives it back. All that is in it has been applied. */
void outbox_trim(struct outbox *outbox, size_t most);
/* Finds the logline of a number, so that a message can name it. */
typedef const struct logline *outbox_locate(void *data, uint32_t line);
/* The effects of a block's loglines from `from` up to `until`, in all the outboxes of the block. */
struct outbox_part {
    struct outbox *const *outboxes;
    size_t count;
    uint32_t from, until;
    outbox_locate *locate;
    void *locate_data;
};
/* Applies the effects for the emitter's shard, in the order of loglines. Each emitter must be
 * called for the same parts, in the order of the log. False: as effects_commit(), at line
 * *failed. */
bool outbox_apply(struct emitter *emitter, const struct outbox_part *part, uint32_t *failed,
                  struct error *error);
/* Of two failures, on which lines and why: is it the first one that counts? */
bool failed_before(uint32_t line, const struct error *error, uint32_t other_line, const struct error *other);

#endif
