/* SPDX-License-Identifier: MIT
 * binding: a plugin's declaration of an effect, checked and tied to its table. */
#ifndef EFFECTS_BINDING_H
#define EFFECTS_BINDING_H

#include "effects/effects.h"
#include "state/state_impl.h"

struct reducer;

/* A table and what waits for it. */
struct pending {
    struct table *table;
    struct batch batch;
    uint32_t marked;       /* entries that are committed; the rest are the current event's */
    struct scratch texts;  /* long texts of the batch */
    struct reducer *reducer; /* NULL: declared folds */
};

struct binding {
    const struct etl_effect *effect;
    const char *plugin;
    struct pending *pending;
    struct members *members;     /* of the effect's struct, by column of the effect layout */
    const struct etl_row *row;   /* the row declaration that was last found to match the reducer's */
    struct members *row_members; /* of its struct, by column of the row layout; the keys have none */
};

/* A plugin's reducer: its function, and the structs that the plugin declared for it. */
struct reducer {
    const char *plugin;
    char *what; /* "reducer 'x'", for messages */
    etl_reduce_function *reduce;
    const struct etl_effect *effect;
    const struct etl_row *row;
    struct members *effect_members, *row_members; /* as in a binding */
    struct scratch scratch;
    const struct logline *const *line; /* the effects' current one, for whom to blame */
};

/* `line`: where the current logline is found while it is committed. NULL: the row's declaration is wrong. */
struct reducer *reducer_create(const struct etl_reducer *declaration, const char *plugin, struct pending *pending,
                               const struct logline *const *line, struct error *error);
void reducer_destroy(struct reducer *reducer);

/* Copies element `index` of a record's fields, whatever the size of the plugin's element. */
struct etl_field record_field(const struct etl_record *record, size_t index);
/* Checks an effect's declaration and appends its columns and members. */
bool effect_columns(const struct etl_effect *effect, struct layout *layout, struct members **members, struct error *error);
/* The same for the row of a reducer: behind the keys of `effect`, which have no members in it. */
bool row_columns(const struct etl_row *row, const struct layout *effect, struct layout *layout, struct members **members,
                 struct error *error);
/* Do the two layouts say the same? Otherwise the error says in which field they differ. */
bool layouts_agree(const struct layout *a, const struct layout *b, struct error *error);

#endif
