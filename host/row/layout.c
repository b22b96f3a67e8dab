/* SPDX-License-Identifier: MIT */
#include "row/layout.h"
#include "base/fields.h"
#include "row/decimal_sum.h"
#include "row/packed_string.h"

#include <assert.h>
#include <math.h>

uint32_t column_words(const struct column *column)
{
    if (column->role == ETL_ROLE_SUM && column->kind == ETL_KIND_INT64) return 2;
    return kinds[column->kind].words;
}

enum fold_op fold_op(const struct column *column)
{
    bool is_text = kinds[column->kind].is_text;
    bool is_decimal = column->kind == ETL_KIND_DECIMAL;
    switch (column->role) {
    case ETL_ROLE_SUM: return is_decimal ? FOLD_ADD_DECIMAL : column->kind == ETL_KIND_DOUBLE ? FOLD_ADD_DOUBLE : FOLD_ADD_INT64;
    case ETL_ROLE_LAST: return is_text ? FOLD_TAKE_TEXT : is_decimal ? FOLD_TAKE_DECIMAL : FOLD_TAKE_WORD;
    case ETL_ROLE_MIN: return FOLD_LESS;
    case ETL_ROLE_MAX: return FOLD_GREATER;
    case ETL_ROLE_COUNT: return FOLD_ADD_COUNT;
    default: return FOLD_KEEP;
    }
}

/* Can values be merged that were folded from some of the effects each? Not sums of doubles, which depend on the order, nor the
 * least of doubles, which of 0 and -0 is the one that came first; nor the last value of those that are there, for rows know only
 * when they were changed, not each value. */
static bool column_merges(const struct column *column)
{
    switch (column->role) {
    case ETL_ROLE_KEY:
    case ETL_ROLE_COUNT: return true;
    case ETL_ROLE_SUM:
    case ETL_ROLE_MIN:
    case ETL_ROLE_MAX: return column->kind != ETL_KIND_DOUBLE;
    case ETL_ROLE_FIRST:
    case ETL_ROLE_LAST: return !column->optional;
    default: return false;
    }
}

/* Lays out the words that say when, from this byte on; returns the end. */
static uint32_t add_times(struct layout *layout, uint32_t at)
{
    bool first = false, last = false;
    layout->merges = true;
    for (uint32_t i = 0; i < layout->column_count; i++) {
        const struct column *column = &layout->columns[i].column;
        layout->merges &= column_merges(column);
        first |= column->role == ETL_ROLE_FIRST;
        last |= column->role == ETL_ROLE_LAST;
    }
    layout->made_at = layout->merges && first ? at : 0;
    at += layout->made_at ? 8 : 0;
    layout->changed_at = layout->merges && last ? at : 0;
    return at + (layout->changed_at ? 8 : 0);
}

void layout_add(struct layout *layout, const struct column *column)
{
    assert(layout->column_count < COLUMNS_MAX);
    layout->columns = reallocate(layout->columns, (layout->column_count + 1) * sizeof *layout->columns);
    enum fold_op fold = column->optional ? FOLD_OPTIONAL : fold_op(column);
    layout->columns[layout->column_count++] = (struct layout_column){.column = *column, .fold = (uint8_t)fold};
    layout->has_text |= kinds[column->kind].is_text;

    /* laid out anew: the word of optional values stands between keys and values */
    uint32_t at = 0;
    bool any_optional = false;
    layout->text_key_count = 0;
    for (uint32_t i = 0; i < layout->column_count; i++) any_optional |= layout->columns[i].column.optional;
    for (uint32_t i = 0, in_keys = true; i < layout->column_count; i++) {
        struct layout_column *c = &layout->columns[i];
        if (c->column.role == ETL_ROLE_KEY) layout->key_count = i + 1;
        else if (in_keys) {
            in_keys = false;
            layout->present_at = any_optional ? at : 0;
            at += any_optional ? 8 : 0;
        }
        c->at = at;
        at += 8 * column_words(&c->column);
        if (!in_keys) continue;
        if (c->column.kind == ETL_KIND_STRING) layout->text_keys[layout->text_key_count++] = (uint16_t)(c->at / 8);
        layout->key_words = at / 8;
    }
    layout->row_bytes = row_bytes_of(add_times(layout, at));
}

void layout_finish(struct layout *layout)
{
    free(layout->columns);
    *layout = (struct layout){0};
}

static bool decode_member(const struct layout_column *c, const uint64_t *from, char *member, struct error *error)
{
    const struct column *column = &c->column;
    if (column->role == ETL_ROLE_SUM && column->kind == ETL_KIND_INT64 && (int64_t)from[1] != (int64_t)from[0] >> 63)
        return error_set(error, "field '%s' does not fit: the sum is beyond the range of an int64_t", column->name);
    if (column->role == ETL_ROLE_SUM && column->kind == ETL_KIND_DECIMAL) {
        if (decimal_sum_value((const struct decimal_sum *)from, (etl_decimal *)member)) return true;
        return error_set(error, "field '%s' does not fit: the sum needs more than 38 digits", column->name);
    }
    switch (column->kind) {
    case ETL_KIND_BOOL: *(bool *)member = from[0] != 0; return true;
    case ETL_KIND_STRING: *(etl_string *)member = text_view(from); return true;
    case ETL_KIND_JSON: *(etl_json *)member = (etl_json){text_view(from).data, text_view(from).size}; return true;
    case ETL_KIND_DECIMAL: *(etl_decimal *)member = (etl_decimal){from[0], (int64_t)from[1], (int32_t)from[2]}; return true;
    case ETL_KIND_DOUBLE:
        memcpy(member, from, 8);
        return isfinite(*(const double *)member)
               || error_set(error, "field '%s' does not fit: the sum is beyond the range of a double", column->name);
    default: memcpy(member, from, 8); return true;
    }
}

bool layout_decode(const struct layout *layout, uint32_t from, const struct members *members, const void *row, void *record,
                   struct error *error)
{
    for (uint32_t i = from; i < layout->column_count; i++) {
        const struct layout_column *c = &layout->columns[i];
        if (c->column.optional) {
            bool present = layout_present(layout, row, i);
            *(bool *)((char *)record + members[i].has_offset) = present;
            if (!present) continue;
        }
        const uint64_t *words = (const uint64_t *)((const char *)row + c->at);
        if (!decode_member(c, words, (char *)record + members[i].offset, error)) return false;
    }
    return true;
}
