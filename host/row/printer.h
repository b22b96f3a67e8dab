/* SPDX-License-Identifier: MIT
 * printer: a column's way to text, found once and used for every row. */
#ifndef STATE_PRINTER_H
#define STATE_PRINTER_H

#include "state/state.h"

struct printer {
    enum cell_type type;
    uint32_t at;               /* of the value's words, from the row's start */
    uint32_t present_at;       /* of the word that says whether it is there, */
    uint64_t present;          /* by this bit; 0: it always is */
    /* Writes the value and returns the end, at most CELL_TEXT_MAX bytes on. NULL: the words are a text, see text.h. */
    char *(*print)(const uint64_t *words, char *to);
};

struct printer table_row_printer(const struct table *table, size_t column);
struct printer table_effect_printer(const struct table *table, size_t column);

static inline bool printer_present(const struct printer *printer, const void *row)
{
    return !printer->present || *(const uint64_t *)((const char *)row + printer->present_at) & printer->present;
}

static inline const uint64_t *printer_words(const struct printer *printer, const void *row)
{
    return (const uint64_t *)((const char *)row + printer->at);
}

#endif
