/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "base/memory.h"
#include "state/table.h"
#include "state/text.h"

/* What is sorted: the row, and the first 8 bytes of its key's order, which decide most comparisons without touching the row. */
struct item {
    uint64_t prefix;
    uint32_t number;
};

static int compare_column(const struct layout_column *c, const char *a, const char *b)
{
    const uint64_t *x = (const uint64_t *)(a + c->at), *y = (const uint64_t *)(b + c->at);
    switch (c->column.kind) {
    case ETL_KIND_STRING: return text_compare(x, y);
    case ETL_KIND_DECIMAL:
        return etl_decimal_compare((etl_decimal){x[0], (int64_t)x[1], (int32_t)x[2]}, (etl_decimal){y[0], (int64_t)y[1], (int32_t)y[2]});
    default: return ((int64_t)x[0] > (int64_t)y[0]) - ((int64_t)x[0] < (int64_t)y[0]);
    }
}

static int compare_items(const void *a, const void *b, void *data)
{
    const struct item *x = a, *y = b;
    const struct table *table = data;
    if (x->prefix != y->prefix) return x->prefix < y->prefix ? -1 : 1;
    const char *row_x = table_row(table, x->number), *row_y = table_row(table, y->number);
    for (uint32_t i = 0; i < table->row_layout.key_count; i++) {
        int order = compare_column(&table->row_layout.columns[i], row_x, row_y);
        if (order) return order;
    }
    return 0;
}

/* 64 bits whose unsigned order is the order of the first key, as far as they go. */
static uint64_t key_prefix(const struct layout_column *c, const char *row)
{
    const uint64_t *words = (const uint64_t *)(row + c->at);
    switch (c->column.kind) {
    case ETL_KIND_STRING: return __builtin_bswap64(text_is_long(words) ? text_load(text_view(words).data, 8) : words[0]);
    case ETL_KIND_DECIMAL: return 0;
    default: return words[0] ^ (uint64_t)1 << 63;
    }
}

uint32_t *table_sort(const struct table *table)
{
    size_t count = table_row_count(table);
    struct item *items = reallocate(NULL, (count + 1) * sizeof *items);
    uint32_t *numbers = reallocate(NULL, (count + 1) * sizeof *numbers);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct item){key_prefix(&table->row_layout.columns[0], table_row(table, (uint32_t)i)), (uint32_t)i};
    qsort_r(items, count, sizeof *items, compare_items, (void *)(uintptr_t)table);
    for (size_t i = 0; i < count; i++) numbers[i] = items[i].number;
    free(items);
    return numbers;
}
