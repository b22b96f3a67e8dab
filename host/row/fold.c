/* SPDX-License-Identifier: MIT */
#include "row/fold.h"
#include "base/fields.h"
#include "row/decimal_sum.h"
#include "row/packed_string.h"

static int order(const struct column *column, const uint64_t *a, const uint64_t *b)
{
    switch (column->kind) {
    case ETL_KIND_STRING: return text_compare(a, b);
    case ETL_KIND_DECIMAL:
        return etl_decimal_compare((etl_decimal){a[0], (int64_t)a[1], (int32_t)a[2]},
                                   (etl_decimal){b[0], (int64_t)b[1], (int32_t)b[2]});
    case ETL_KIND_DOUBLE: {
        double x, y;
        memcpy(&x, a, 8), memcpy(&y, b, 8);
        return (x > y) - (x < y);
    }
    default: return ((int64_t)a[0] > (int64_t)b[0]) - ((int64_t)a[0] < (int64_t)b[0]);
    }
}

/* The entry's value takes the place of the row's. */
static long replace(const struct column *column, uint64_t *to, const uint64_t *from)
{
    switch (column->kind) {
    case ETL_KIND_STRING:
    case ETL_KIND_JSON: return text_replace(to, from);
    case ETL_KIND_DECIMAL: to[2] = from[2], to[1] = from[1], to[0] = from[0]; return 0;
    default: to[0] = from[0]; return 0;
    }
}

static long fold(enum fold_op op, const struct column *column, uint64_t *to, const uint64_t *from)
{
    switch (op) {
    case FOLD_ADD_DECIMAL: return decimal_sum_add((struct decimal_sum *)to, (const struct decimal_sum *)from);
    case FOLD_TAKE_WORD: to[0] = from[0]; return 0;
    case FOLD_ADD_COUNT: to[0] += from[0]; return 0;
    case FOLD_ADD_INT64: { /* 128 bits hold 2⁶⁴ summands */
        uint128 total = ((uint128)to[1] << 64 | to[0]) + ((uint128)from[1] << 64 | from[0]);
        to[0] = (uint64_t)total, to[1] = (uint64_t)(total >> 64);
        return 0;
    }
    case FOLD_ADD_DOUBLE: {
        double a, b;
        memcpy(&a, to, 8), memcpy(&b, from, 8);
        a += b;
        memcpy(to, &a, 8);
        return 0;
    }
    case FOLD_TAKE_DECIMAL: to[0] = from[0], to[1] = from[1], to[2] = from[2]; return 0;
    case FOLD_TAKE_TEXT: return text_replace(to, from);
    case FOLD_LESS: return order(column, from, to) < 0 ? replace(column, to, from) : 0;
    case FOLD_GREATER: return order(column, from, to) > 0 ? replace(column, to, from) : 0;
    case FOLD_KEEP:     /* first: the row has it */
    case FOLD_OPTIONAL: return 0;
    }
    return 0;
}

/* The first value of an optional column. */
static long take(const struct column *column, uint64_t *to, const uint64_t *from)
{
    if (column->role != ETL_ROLE_SUM) return replace(column, to, from);
    if (column->kind == ETL_KIND_DECIMAL) { /* a row's may be wide, and stays the row's */
        to[0] = to[1] = to[2] = 0;
        return decimal_sum_add((struct decimal_sum *)to, (const struct decimal_sum *)from);
    }
    to[0] = from[0];
    if (column->kind != ETL_KIND_DOUBLE) to[1] = from[1];
    return 0;
}

long column_fold(const struct layout *layout, uint32_t column, char *row, const char *entry)
{
    const struct layout_column *c = &layout->columns[column];
    uint64_t *to = (uint64_t *)(row + c->at);
    const uint64_t *from = (const uint64_t *)(entry + c->at);
    if (!c->column.optional) return fold(c->fold, &c->column, to, from);
    if (!layout_present(layout, entry, column)) return 0;
    if (layout_present(layout, row, column)) return fold(fold_op(&c->column), &c->column, to, from);
    *(uint64_t *)(row + layout->present_at) |= (uint64_t)1 << column;
    return take(&c->column, to, from);
}

static uint64_t time_at(const char *row, uint32_t at)
{
    uint64_t time = 0;
    if (at) memcpy(&time, row + at, sizeof time);
    return time;
}

long row_merge(const struct layout *layout, char *row, const char *other)
{
    const uint64_t made = time_at(other, layout->made_at), changed = time_at(other, layout->changed_at);
    const bool is_first = made < time_at(row, layout->made_at), is_last = changed > time_at(row, layout->changed_at);
    long grown = 0;
    for (uint32_t i = layout->key_count; i < layout->column_count; i++) {
        const struct layout_column *c = &layout->columns[i];
        const enum etl_role role = c->column.role;
        if (role != ETL_ROLE_FIRST && role != ETL_ROLE_LAST) grown += column_fold(layout, i, row, other);
        else if (role == ETL_ROLE_FIRST ? is_first : is_last)
            grown += replace(&c->column, (uint64_t *)(row + c->at), (const uint64_t *)(other + c->at));
    }
    if (is_first) memcpy(row + layout->made_at, &made, sizeof made);
    if (is_last) memcpy(row + layout->changed_at, &changed, sizeof changed);
    return grown;
}

long row_replace(const struct layout *layout, char *row, const char *from)
{
    long grown = 0;
    if (layout->present_at) memcpy(row + layout->present_at, from + layout->present_at, 8);
    for (uint32_t i = layout->key_count; i < layout->column_count; i++) {
        const struct layout_column *c = &layout->columns[i];
        grown += replace(&c->column, (uint64_t *)(row + c->at), (const uint64_t *)(from + c->at));
    }
    return grown;
}

long row_own(const struct layout *layout, char *row)
{
    long grown = 0;
    for (uint32_t i = layout->key_count; i < layout->column_count; i++) {
        const struct layout_column *c = &layout->columns[i];
        if (kinds[c->column.kind].is_text) grown += text_own((uint64_t *)(row + c->at));
    }
    return grown;
}

long row_release_sums(const struct layout *layout, char *row)
{
    long grown = 0;
    for (uint32_t i = layout->key_count; i < layout->column_count; i++) {
        const struct layout_column *c = &layout->columns[i];
        struct decimal_sum *s = (struct decimal_sum *)(row + c->at);
        if (c->column.role != ETL_ROLE_SUM || c->column.kind != ETL_KIND_DECIMAL || s->mark != SUM_WIDE) continue;
        grown -= (long)sizeof *s->wide;
        decimal_sum_release(s);
    }
    return grown;
}

long row_release(const struct layout *layout, char *row)
{
    long grown = row_release_sums(layout, row);
    for (uint32_t i = layout->key_count; i < layout->column_count; i++) {
        const struct layout_column *c = &layout->columns[i];
        if (kinds[c->column.kind].is_text)
            grown += text_release((uint64_t *)(row + c->at));
    }
    return grown;
}
