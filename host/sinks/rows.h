/* SPDX-License-Identifier: MIT
 * rows: the rows of a sink of state become text piece by piece, by several threads, each in a buffer of its own; the texts are
 * written in order. A text that grows too large for a buffer waits for the pieces before it and is then written as it goes:
 * memory depends on the number of threads and the longest row, never on the table. */
#ifndef SINKS_ROWS_H
#define SINKS_ROWS_H

#include "sinks/sinks_impl.h"
#include "state/sort.h"

/* `order` is that of the sink's table. */
bool rows_write(struct sink *sink, const struct order *order, unsigned threads, struct error *error);

#endif
