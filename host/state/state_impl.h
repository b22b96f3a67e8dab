/* SPDX-License-Identifier: MIT
 * What effects/ may do with state, beyond looking at it. */
#ifndef STATE_STATE_IMPL_H
#define STATE_STATE_IMPL_H

#include "state/state.h"
#include "state/table.h"

struct state {
    struct table **tables;
    size_t count;
};

struct state *state_create(void);
void state_destroy(struct state *state);
/* A table without columns yet, for layout_add() and table_open(). */
struct table *state_add(struct state *state, const char *name, const char *declared_by);

#endif
