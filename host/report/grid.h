/* SPDX-License-Identifier: MIT
 * grid: prints rows of cells with aligned columns, two spaces apart. */
#ifndef BASE_GRID_H
#define BASE_GRID_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stdio.h>

enum { GRID_COLUMNS_MAX = 8 };

struct grid_column {
    bool to_the_right; /* for numbers */
    unsigned width_max; /* characters; a longer cell is cut and marked. 0: no limit */
};

struct grid {
    const struct grid_column *columns;
    unsigned column_count;
    size_t widths[GRID_COLUMNS_MAX]; /* of the widest cell */
    size_t cells;
    struct buffer text; /* all cells, each terminated */
};

/* `columns` is borrowed. */
void grid_init(struct grid *grid, const struct grid_column *columns, unsigned count);
/* Adds the next cell, row by row. Characters that could disturb a terminal become '?'. */
__attribute__((format(printf, 2, 3))) void grid_add(struct grid *grid, const char *format, ...);
/* Adds several cells; the list ends in NULL. */
void grid_add_row(struct grid *grid, const char *const *cells);
/* Prints complete rows, each after `indent` spaces. */
void grid_print(const struct grid *grid, unsigned indent, FILE *to);
void grid_finish(struct grid *grid);

#endif
