/* SPDX-License-Identifier: MIT
 * printer: a column's way to text, found once and used for every row. */
#ifndef ROW_PRINTER_H
#define ROW_PRINTER_H

#include "row/layout.h"

enum cell_type {
    CELL_ABSENT, /* an optional value that no effect has given */
    CELL_NUMBER, /* as JSON and CSV have it: no exponent but in doubles, no needless zeros */
    CELL_BOOL,   /* true or false */
    CELL_TIME,   /* RFC 3339; in quotes in JSON */
    CELL_STRING, /* the bytes themselves, UTF-8 */
    CELL_JSON,   /* raw JSON */
};
enum { CELL_TEXT_MAX = 136 }; /* the longest number: 97 digits, sign and point of a wide sum */
struct cell {
    enum cell_type type;
    etl_string text; /* borrowed from the row or from `buffer` */
};

struct printer {
    enum cell_type type;
    uint32_t at;               /* of the value's words, from the row's start */
    uint32_t present_at;       /* of the word that says whether it is there, */
    uint64_t present;          /* by this bit; 0: it always is */
    /* Writes the value and returns the end, at most CELL_TEXT_MAX bytes on. NULL: the words are a text, see text.h. */
    char *(*print)(const uint64_t *words, char *to);
};

struct printer printer_of(const struct layout *layout, size_t column);
/* The value of a row as text, borrowed from the row or from `buffer`. */
struct cell printer_cell(const struct printer *printer, const void *row, char buffer[CELL_TEXT_MAX]);

static inline bool printer_present(const struct printer *printer, const void *row)
{
    return !printer->present || *(const uint64_t *)((const char *)row + printer->present_at) & printer->present;
}

static inline const uint64_t *printer_words(const struct printer *printer, const void *row)
{
    return (const uint64_t *)((const char *)row + printer->at);
}

#endif
