/* SPDX-License-Identifier: MIT
 * fold: how the values of an entry change a row. Functions return by how many bytes the memory that the row owns has grown. */
#ifndef STATE_FOLD_H
#define STATE_FOLD_H

#include "row/decimal_sum.h"
#include "row/layout.h"

/* Folds one column, whatever it is. */
long column_fold(const struct layout *layout, uint32_t column, char *row, const char *entry);

/* Folds an entry into a row of the same layout and keys, column by column; the commonest folds without a call. */
static inline long row_fold(const struct layout *layout, char *row, const char *entry)
{
    long grown = 0;
    for (uint32_t i = layout->key_count; i < layout->column_count; i++) {
        const struct layout_column *c = &layout->columns[i];
        uint64_t *to = (uint64_t *)(row + c->at);
        const uint64_t *from = (const uint64_t *)(entry + c->at);
        if (c->fold == FOLD_ADD_DECIMAL) grown += decimal_sum_add((struct decimal_sum *)to, (const struct decimal_sum *)from);
        else if (c->fold == FOLD_TAKE_WORD) to[0] = from[0];
        else grown += column_fold(layout, i, row, entry);
    }
    return grown;
}
/* Of two rows of the same keys and layout, each folded from effects that the other was not, the one becomes the row of them all;
 * layout->merges. It owns nothing of the other's. */
long row_merge(const struct layout *layout, char *row, const char *other);
/* The values of `from`, a row of the same layout with borrowed texts, take the place of the row's. For rows without sums. */
long row_replace(const struct layout *layout, char *row, const char *from);
/* The row is a copy of an entry: make its values own their texts. */
long row_own(const struct layout *layout, char *row);
/* Gives back all that a row's values own; the wide sums alone. */
long row_release(const struct layout *layout, char *row);
long row_release_sums(const struct layout *layout, char *row);

#endif
