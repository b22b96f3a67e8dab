/* SPDX-License-Identifier: MIT
 * signatures: the kinds and roles of all columns of the commonest effects. For these the loops over an effect's columns are
 * compiled with the columns known, which leaves straight code: in encode.c, and in apply.c. Any other effect has its columns read
 * from the layout, at some two times the instructions. */
#ifndef STATE_SIGNATURES_H
#define STATE_SIGNATURES_H

#include "base/compiler.h"
#include "row/layout.h"

enum signature_column {
    COLUMN_NUMBER, /* a key of one word */
    COLUMN_TEXT,   /* a key */
    COLUMN_SUM,    /* of decimals */
    COLUMN_LAST,   /* of one word */
};

enum { SIGNATURE_MAX = 6 };
struct signature {
    uint8_t keys, count; /* columns that are keys; all */
    uint8_t columns[SIGNATURE_MAX];
};

/* A row: its name, how many columns are keys, and what each of them is. At most one of them is a text. */
#define SIGNATURES(X) \
    X(number_text_sum_last, 2, COLUMN_NUMBER, COLUMN_TEXT, COLUMN_SUM, COLUMN_LAST) \
    X(text_number_sum_last, 2, COLUMN_TEXT, COLUMN_NUMBER, COLUMN_SUM, COLUMN_LAST) \
    X(number_text_sum, 2, COLUMN_NUMBER, COLUMN_TEXT, COLUMN_SUM) \
    X(text_sum_last, 1, COLUMN_TEXT, COLUMN_SUM, COLUMN_LAST) \
    X(text_sum, 1, COLUMN_TEXT, COLUMN_SUM) \
    X(number_sum_last, 1, COLUMN_NUMBER, COLUMN_SUM, COLUMN_LAST) \
    X(number_sum, 1, COLUMN_NUMBER, COLUMN_SUM)

#define SIGNATURE_ID(name, ...) SIGNATURE_##name,
enum signature_id { SIGNATURE_NONE /* none of them */, SIGNATURES(SIGNATURE_ID) SIGNATURE_COUNT };

#define SIGNATURE(keys, ...) {keys, sizeof (uint8_t[]){__VA_ARGS__}, {__VA_ARGS__}}

INLINE uint32_t signature_words(enum signature_column column)
{
    return column == COLUMN_TEXT ? 2 : column == COLUMN_SUM ? 3 : 1;
}

/* Words of the first `columns` columns. */
INLINE uint32_t signature_words_of(const struct signature *signature, uint32_t columns)
{
    uint32_t words = 0;
#pragma GCC unroll 8
    for (uint32_t i = 0; i < columns; i++) words += signature_words(signature->columns[i]);
    return words;
}

/* Where the row says when it was changed, in bytes; 0: it does not. */
INLINE uint32_t signature_changed_at(const struct signature *signature)
{
    bool last = false;
#pragma GCC unroll 8
    for (uint32_t i = 0; i < signature->count; i++) last |= signature->columns[i] == COLUMN_LAST;
    return last ? 8 * signature_words_of(signature, signature->count) : 0;
}

INLINE uint32_t signature_row_bytes(const struct signature *signature)
{
    return row_bytes_of(8 * signature_words_of(signature, signature->count) + (signature_changed_at(signature) ? 8 : 0));
}

#endif
