/* SPDX-License-Identifier: MIT
 * initial: rows to start from, as a jsonl sink of state wrote them. */
#ifndef RUN_INITIAL_H
#define RUN_INITIAL_H

#include "source/source.h"
#include "state/state.h"

/* Fills empty tables from rows as a jsonl state sink writes them. The error says file and line. */
bool initial_read(struct state *state, struct source *source, struct error *error);

#endif
