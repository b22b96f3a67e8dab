/* SPDX-License-Identifier: MIT
 * effects: between handlers and state. What a handler emits is encoded into a batch; when all handlers of the event have
 * returned OK it is committed, otherwise rolled back, which is resetting counters. Batches are folded into the tables when they
 * are full, when a handler looks a row up, and at the end. Sinks of effects see committed effects in log order. */
#ifndef EFFECTS_EFFECTS_H
#define EFFECTS_EFFECTS_H

#include "base/error.h"
#include "base/memory.h"
#include "source/source.h"
#include "state/state.h"

#include <etl.h>

enum { EFFECTS_PER_EVENT_MAX = 65536 };

struct effects;
struct binding; /* a plugin's own declaration of an effect, tied to the table of that name */

struct effects *effects_create(void);
struct state *effects_state(struct effects *effects);
void effects_destroy(struct effects *effects);

/* ---- while plugins load. `plugin` (a name, borrowed for good) is who to blame in messages. */
/* Ties a declaration to the table of its name, which is made if it is new; the same declaration gives the same binding. */
struct binding *effects_bind(struct effects *effects, const struct etl_effect *effect, const char *plugin, struct error *error);
bool effects_set_reducer(struct effects *effects, const struct etl_reducer *reducer, const char *plugin, struct error *error);
/* After the last plugin: can every table fold? */
bool effects_complete(struct effects *effects, struct error *error);
struct table *binding_table(const struct binding *binding);
const struct etl_effect *binding_effect(const struct binding *binding);

/* ---- while events are handled */
enum emit_status {
    EMIT_OK,
    EMIT_REFUSED, /* the values cannot stand in state: the event is rejected, error says why */
};
enum emit_status effects_emit(struct effects *effects, struct binding *binding, const void *record, struct error *error);
enum emit_status effects_remove(struct effects *effects, struct binding *binding, const void *keys, struct error *error);
/* The row of these keys as of the last commit, decoded as the struct of the effect, or of `row` where the table has a reducer; NULL in
 * *found: none. Memory comes from `scratch`. REFUSED: a key or a sum does not fit. */
enum emit_status effects_lookup(struct effects *effects, struct binding *binding, const struct etl_row *row, const void *keys,
                                struct scratch *scratch, const void **found, struct error *error);
/* Does this row declaration match the table's reducer (NULL: does the table have none)? Otherwise it is a breach. */
bool binding_row_matches(struct binding *binding, const struct etl_row *row, struct error *error);

/* The event's effects count; `line` is who to blame. False: a reducer left a row that cannot stand, or a sink of effects failed;
 * the run stops. */
bool effects_commit(struct effects *effects, const struct logline *line, struct error *error);
void effects_rollback(struct effects *effects);
/* Folds what is still in the batches. */
bool effects_flush(struct effects *effects, struct error *error);

/* Who wants committed effects, in log order (the effects sinks). `entry` is for table_effect_cell(). */
typedef bool effects_listener(void *data, const struct table *table, const void *entry, bool remove, struct error *error);
void effects_listen(struct effects *effects, effects_listener *listener, void *data);

#endif
