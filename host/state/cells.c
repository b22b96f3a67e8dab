/* SPDX-License-Identifier: MIT
 * The values of a table's rows as sinks print them. */
#include "state/state.h"
#include "state/table.h"

#include <math.h>

struct printer table_row_printer(const struct table *table, size_t column)
{
    return printer_of(&table->row_layout, column);
}

struct printer table_effect_printer(const struct table *table, size_t column)
{
    return printer_of(&table->effect_layout, column);
}

struct cell table_row_cell(const struct table *table, const void *row, size_t column, char buffer[CELL_TEXT_MAX])
{
    struct printer printer = printer_of(&table->row_layout, column);
    return printer_cell(&printer, row, buffer);
}

/* ---- what cannot be printed */

static bool shard_finite(const struct layout *layout, const struct shard *shard, const struct layout_column *c)
{
    for (size_t i = 0; i < shard->count; i++) {
        double value;
        memcpy(&value, shard->rows.data + i * layout->row_bytes + c->at, 8);
        if (!isfinite(value)) return false;
    }
    return true;
}

bool table_check_finite(const struct table *table, struct error *error)
{
    const struct layout *layout = &table->row_layout;
    for (uint32_t i = 0; i < layout->column_count; i++) {
        const struct layout_column *c = &layout->columns[i];
        if (c->column.kind != ETL_KIND_DOUBLE || c->column.role != ETL_ROLE_SUM) continue;
        for (unsigned k = 0; k < table->shard_count; k++)
            if (!shard_finite(layout, &table->shards[k], c))
                return error_set(error, "a sum of '%s' in table '%s' is beyond the range of a double: "
                                 "declare the field as etl_decimal", c->column.name, table->name);
    }
    return true;
}
