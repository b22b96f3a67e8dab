/* SPDX-License-Identifier: MIT
 * layout: how a row lies in memory. Rows are words of 8 bytes: the keys first, so that hashing, comparing and inserting
 * work on words without knowing kinds; then, where some value is optional, a word of which values are there; then the
 * values.
 *
 *   int64, timestamp, double, bool   1 word
 *   string, json                     2 words, see text.h
 *   decimal                          3 words: low, high, scale
 *   sum of int64                     2 words: 128 bits
 *   sum of decimals                  3 words: low, high, scale; beyond 128 bits a pointer to a wide sum, see wide.h
 *
 * Behind them, where rows may have to be merged (merge.h), stands when the row was made, if a value is the first one, and when
 * it was changed last, if a value is the last one: a word each.
 *
 * An entry is an effect in this form: exactly the row that it would make if it were the first of its key. Its long texts are
 * borrowed; those of a row are owned. */
#ifndef STATE_LAYOUT_H
#define STATE_LAYOUT_H

#include "base/error.h"
#include "base/memory.h"
#include "row/column.h"

#include <etl.h>

enum { COLUMNS_MAX = 64, ROW_BYTES_MAX = COLUMNS_MAX * 24 + 3 * 8 /* which values are there, and when */ };

/* What folding does for a column: kind and role in one number, so that the hot loop takes one branch a column. */
enum fold_op {
    FOLD_KEEP, FOLD_ADD_DECIMAL, FOLD_ADD_INT64, FOLD_ADD_DOUBLE, FOLD_ADD_COUNT, FOLD_TAKE_WORD, FOLD_TAKE_DECIMAL,
    FOLD_TAKE_TEXT, FOLD_LESS, FOLD_GREATER, FOLD_OPTIONAL /* of whatever the column is */
};
enum fold_op fold_op(const struct column *column);

struct layout_column {
    struct column column;
    uint32_t at; /* bytes from the row's start */
    uint8_t fold; /* enum fold_op */
};

/* What rows of so many bytes take: one word more where that keeps them from lying across lines of the cache, of 64 bytes. A
 * position, of 56 bytes before it said when, was found 3 % of the whole job faster so. */
static inline uint32_t row_bytes_of(uint32_t bytes)
{
    return bytes % 64 == 56 ? bytes + 8 : bytes;
}

struct layout {
    struct layout_column *columns; /* keys first */
    uint32_t column_count, key_count;
    uint32_t key_words;  /* words of all keys */
    uint32_t row_bytes;  /* a multiple of 8 */
    uint32_t present_at; /* of the word of optional values; bit n: column n is there. 0: no column is optional */
    uint32_t made_at, changed_at; /* of the words that say when; 0: there is none */
    uint16_t text_keys[COLUMNS_MAX]; /* words of the keys that are strings */
    uint32_t text_key_count;
    bool has_text;       /* some column is a string or json, so a row may own memory */
    bool merges;         /* two rows of one key, each folded from some of the effects, can be merged to the row of them all */
};

/* Where the members of an author's struct stand, column by column. */
struct members {
    uint32_t offset, has_offset;
};

uint32_t column_words(const struct column *column);

/* Starts as {0}. Adds a column and lays it out; keys come before values. */
void layout_add(struct layout *layout, const struct column *column);
void layout_finish(struct layout *layout);

/* Decodes columns `from` to the last of a row into a zeroed struct; texts are borrowed from the row. False: a sum does not
 * fit its member. */
bool layout_decode(const struct layout *layout, uint32_t from, const struct members *members, const void *row, void *record,
                   struct error *error);

static inline bool layout_present(const struct layout *layout, const void *row, uint32_t column)
{
    return !layout->columns[column].column.optional
           || (*(const uint64_t *)((const char *)row + layout->present_at) >> column & 1);
}

#endif
