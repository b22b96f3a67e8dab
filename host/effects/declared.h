/* SPDX-License-Identifier: MIT
 * What effects.c and emitter.c share. */
#ifndef EFFECTS_DECLARED_H
#define EFFECTS_DECLARED_H

#include "effects/binding.h"

#include <pthread.h>

struct effects {
    struct state *state;
    unsigned shards;
    struct binding **bindings;
    size_t binding_count;
    pthread_mutex_t mutex; /* of what a plugin may still declare while events are handled: bindings, and matches of rows */
};

/* The members of a row declaration that binding_row_matches() found to match. */
const struct members *binding_row_members(struct binding *binding, const struct etl_row *row);

#endif
