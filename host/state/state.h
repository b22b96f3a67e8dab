/* SPDX-License-Identifier: MIT
 * state: tables of rows, one table per effect type, a row per distinct key. It knows effects only as entries: rows that are
 * not yet folded in. How a row lies in memory is said in row/layout.h. */
#ifndef STATE_STATE_H
#define STATE_STATE_H

#include "base/error.h"
#include "row/printer.h"

#include <etl.h>

struct state;
struct table;

/* ---- tables, in the order in which they were declared */
size_t state_table_count(const struct state *state);
struct table *state_table(const struct state *state, size_t index);
struct table *state_find(const struct state *state, const char *effect); /* NULL: no such effect */
const char *table_name(const struct table *table);
size_t table_row_count(const struct table *table);
/* Bytes of memory that the table holds, all in; of a sealed one, what it held, with all parts of rows that were merged. */
size_t table_bytes(const struct table *table);

/* No effect and no look-up comes after this: gives back the memory that only they need, before sorting takes some. */
void state_seal(struct state *state);

/* Of a sealed state: rows that several threads have parts of become one. Before it is looked at. */
void state_merge(struct state *state, unsigned threads);

/* Of so many shards, the one for rows whose partition key has this value: a member of the kind of that key. */
unsigned partition_shard(enum etl_kind kind, const void *member, unsigned shards);
/* Does a plugin's reducer keep its rows? */
bool table_has_reducer(const struct table *table);

/* ---- columns of rows (keys first), and of effects, which differ where a reducer keeps the row */
size_t table_column_count(const struct table *table);
const struct column *table_column(const struct table *table, size_t index);
size_t table_effect_column_count(const struct table *table);
const struct column *table_effect_column(const struct table *table, size_t index);
size_t table_key_count(const struct table *table);

/* ---- cells: what sinks print */
/* Of a row; column index as above. */
struct cell table_row_cell(const struct table *table, const void *row, size_t column, char buffer[CELL_TEXT_MAX]);
/* Where there are many rows; and for effects (entries, before they are folded). For the order of rows see sort.h. */
struct printer table_row_printer(const struct table *table, size_t column);
struct printer table_effect_printer(const struct table *table, size_t column);

/* Is every sum of doubles finite? Otherwise it could not be printed; the error names the table and the column. */
bool table_check_finite(const struct table *table, struct error *error);

#endif
