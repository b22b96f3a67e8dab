/* SPDX-License-Identifier: MIT
 * fold: how the values of an entry change a row. Functions return by how many bytes the memory that the row owns has grown. */
#ifndef STATE_FOLD_H
#define STATE_FOLD_H

#include "state/layout.h"

/* Folds an entry into a row of the same layout and keys, column by column. */
long row_fold(const struct layout *layout, char *row, const char *entry);
/* The values of `from`, a row of the same layout with borrowed texts, take the place of the row's. For rows without sums. */
long row_replace(const struct layout *layout, char *row, const char *from);
/* The row is a copy of an entry: make its first `columns` columns own their texts. */
long row_own(const struct layout *layout, char *row, uint32_t columns);
/* Gives back all that a row owns; the wide sums alone. */
long row_release(const struct layout *layout, char *row);
long row_release_sums(const struct layout *layout, char *row);

#endif
