/* SPDX-License-Identifier: MIT
 * rows: formats the rows of a state sink in pieces, by several threads, each into a
 * buffer of its own, and writes the texts in order. A text that grows too large for
 * its buffer waits for the earlier pieces and is then written as it grows: memory
 * depends on the number of threads and the longest row, never on the table. */
#ifndef SINKS_ROWS_H
#define SINKS_ROWS_H

#include "sinks/sinks_impl.h"
#include "state/sort.h"

/* `order` is the order of the sink's table. */
bool rows_write(struct sink *sink, const struct order *order, unsigned threads, struct error *error);

#endif
