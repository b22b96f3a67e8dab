/* SPDX-License-Identifier: MIT */
#include "state/layout.h"
#include "state/table.h"
#include "state/text.h"
#include "state/wide.h"

#include <math.h>

_Static_assert(CELL_TEXT_MAX >= WIDE_DIGITS_MAX + 2 && CELL_TEXT_MAX >= sizeof(struct etl_decimal_text), "the longest number fits");

/* The shortest digits that read back as the same double. */
static size_t double_text(double value, char *to)
{
    int size = 0;
    for (int digits = 15; digits <= 17; digits++) {
        size = snprintf(to, CELL_TEXT_MAX, "%.*g", digits, value);
        if (strtod(to, NULL) == value) break;
    }
    return (size_t)size;
}

static struct cell number_cell(enum cell_type type, const char *buffer, size_t size)
{
    return (struct cell){type, {buffer, size}};
}

static struct cell column_cell(const struct layout *layout, const void *row, size_t column, char *buffer)
{
    const struct layout_column *c = &layout->columns[column];
    const uint64_t *words = (const uint64_t *)((const char *)row + c->at);
    if (!layout_present(layout, row, (uint32_t)column)) return (struct cell){.type = CELL_ABSENT};
    switch (c->column.kind) {
    case ETL_KIND_STRING: return (struct cell){CELL_STRING, text_view(words)};
    case ETL_KIND_JSON: return (struct cell){CELL_JSON, text_view(words)};
    case ETL_KIND_BOOL: return (struct cell){CELL_BOOL, words[0] ? ETL_STRING("true") : ETL_STRING("false")};
    case ETL_KIND_DECIMAL: return number_cell(CELL_NUMBER, buffer, decimal_sum_text((const struct decimal_sum *)words, buffer));
    case ETL_KIND_DOUBLE: {
        double value;
        memcpy(&value, words, 8);
        return number_cell(CELL_NUMBER, buffer, double_text(value, buffer));
    }
    case ETL_KIND_TIMESTAMP: {
        struct etl_timestamp_text text = etl_timestamp_text((etl_timestamp){(int64_t)words[0]});
        size_t size = strlen(text.text);
        memcpy(buffer, text.text, size);
        return number_cell(CELL_TIME, buffer, size);
    }
    case ETL_KIND_INT64: break;
    }
    bool is_sum = c->column.role == ETL_ROLE_SUM;
    int128 value = is_sum ? decimal_coefficient(words[0], (int64_t)words[1]) : (int64_t)words[0];
    return number_cell(CELL_NUMBER, buffer, int128_text(value, buffer));
}

struct cell table_row_cell(const struct table *table, const void *row, size_t column, char buffer[CELL_TEXT_MAX])
{
    return column_cell(&table->row_layout, row, column, buffer);
}

struct cell table_effect_cell(const struct table *table, const void *entry, size_t column, char buffer[CELL_TEXT_MAX])
{
    return column_cell(&table->effect_layout, entry, column, buffer);
}

bool table_check_finite(const struct table *table, struct error *error)
{
    for (uint32_t i = 0; i < table->row_layout.column_count; i++) {
        const struct layout_column *c = &table->row_layout.columns[i];
        if (c->column.kind != ETL_KIND_DOUBLE || c->column.role != ETL_ROLE_SUM) continue;
        for (size_t n = 0; n < table_row_count(table); n++) {
            double value;
            memcpy(&value, (const char *)table_row(table, (uint32_t)n) + c->at, 8);
            if (!isfinite(value))
                return error_set(error, "a sum of '%s' in table '%s' is beyond the range of a double: declare the field as etl_decimal",
                                 c->column.name, table->name);
        }
    }
    return true;
}
