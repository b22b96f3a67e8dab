/* SPDX-License-Identifier: MIT
 * binding: a plugin's declaration of an effect, checked and tied to its table. */
#ifndef EFFECTS_BINDING_H
#define EFFECTS_BINDING_H

#include "base/guard.h"
#include "effects/effects.h"
#include "row/encode.h"
#include "state/state_impl.h"

#include <stdatomic.h>

/* A plugin's declaration of a row that was found to match the reducer's. */
struct row_match {
    struct row_match *next;
    const struct etl_row *row;
    struct members *members; /* by column of the row layout; the keys have none */
};

struct binding {
    const struct etl_effect *effect;
    const char *plugin;
    struct table *table;
    size_t number;           /* the table's */
    struct members *members; /* of the effect's struct, by column of the effect layout */
    struct encoder encoder;  /* from that struct */
    _Atomic(struct row_match *) rows;
};

/* A plugin's reducer: its function, and the structs that the plugin declared for it. */
struct reducer {
    struct guard_call call;
    char *what; /* "reducer 'x'", of the call */
    etl_reduce_function *reduce;
    const struct etl_effect *effect;
    const struct etl_row *row;
    struct members *effect_members, *row_members; /* as in a binding */
    struct encoder row_encoder;
};

/* Where a reducer is called: its memory, and how to find the logline that an effect came from. One thread's. */
struct reduce_scene {
    struct scratch scratch;
    const struct logline *line; /* the one at hand */
    outbox_locate *locate;      /* of effects that waited; NULL: it is the line at hand */
    void *locate_data;
};

/* NULL: the row's declaration is wrong. Its layout becomes the table's row layout, and its function the table's. */
struct reducer *reducer_create(const struct etl_reducer *declaration, const char *plugin, struct table *table,
                               struct error *error);
void reducer_destroy(struct reducer *reducer);

/* Checks what a declaration, which was found to be good, needs as an effect, and appends its columns and members. */
bool effect_columns(const struct etl_effect *effect, struct layout *layout, struct members **members, struct error *error);
/* The same for the row of a reducer: behind the keys of `effect`, which have no members in it. */
bool row_columns(const struct etl_row *row, const struct layout *effect, struct layout *layout, struct members **members,
                 struct error *error);
/* Do the two layouts say the same? Otherwise the error says in which field they differ. */
bool layouts_agree(const struct layout *a, const struct layout *b, struct error *error);

#endif
