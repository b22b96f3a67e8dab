/* SPDX-License-Identifier: MIT
 * grid: rows of cells that are printed with their columns aligned, two spaces apart. */
#ifndef BASE_GRID_H
#define BASE_GRID_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stdio.h>

enum { GRID_COLUMNS_MAX = 8 };

struct grid_column {
    bool to_the_right; /* numbers */
    unsigned width_max; /* characters; of a longer cell the start is shown, and that it goes on. 0: any */
};

struct grid {
    const struct grid_column *columns;
    unsigned column_count;
    size_t widths[GRID_COLUMNS_MAX]; /* of the widest cell */
    size_t cells;
    struct buffer text; /* of all cells, each terminated */
};

/* `columns` are borrowed. */
void grid_init(struct grid *grid, const struct grid_column *columns, unsigned count);
/* The next cell, row by row. What could disturb a terminal is shown as '?'. */
__attribute__((format(printf, 2, 3))) void grid_add(struct grid *grid, const char *format, ...);
/* More cells, up to a NULL. */
void grid_add_row(struct grid *grid, const char *const *cells);
/* Complete rows, each after `indent` spaces. */
void grid_print(const struct grid *grid, unsigned indent, FILE *to);
void grid_finish(struct grid *grid);

#endif
