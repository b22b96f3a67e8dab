/* SPDX-License-Identifier: MIT
 * Values of every kind as text. */
#include "row/printer.h"
#include "row/decimal_sum.h"
#include "row/digits.h"
#include "row/doubles.h"
#include "row/layout.h"
#include "row/packed_string.h"

_Static_assert(CELL_TEXT_MAX >= WIDE_DIGITS_MAX + 2 && CELL_TEXT_MAX >= sizeof(struct etl_decimal_text),
               "the longest number fits");

/* ---- values */

static char *print_int64(const uint64_t *words, char *to)
{
    int64_t value = (int64_t)words[0];
    if (value < 0) *to++ = '-';
    return digits_put(to, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

static char *print_int64_sum(const uint64_t *words, char *to)
{
    return to + int128_text(decimal_coefficient(words[0], (int64_t)words[1]), to);
}

static char *print_decimal(const uint64_t *words, char *to)
{
    return to + decimal_sum_text((const struct decimal_sum *)words, to);
}

static char *print_double(const uint64_t *words, char *to)
{
    double value;
    memcpy(&value, words, 8);
    return double_put(to, value);
}

static char *print_bool(const uint64_t *words, char *to)
{
    etl_string text = words[0] ? ETL_STRING("true") : ETL_STRING("false");
    memcpy(to, text.data, text.size);
    return to + text.size;
}

static char *print_timestamp(const uint64_t *words, char *to)
{
    struct etl_timestamp_text text = etl_timestamp_text((etl_timestamp){(int64_t)words[0]});
    size_t size = strlen(text.text);
    memcpy(to, text.text, size);
    return to + size;
}

/* ---- columns */

struct printer printer_of(const struct layout *layout, size_t column)
{
    const struct layout_column *c = &layout->columns[column];
    struct printer p = {.type = CELL_NUMBER, .at = c->at};
    if (c->column.optional) p.present_at = layout->present_at, p.present = (uint64_t)1 << column;
    switch (c->column.kind) {
    case ETL_KIND_STRING: p.type = CELL_STRING; break;
    case ETL_KIND_JSON: p.type = CELL_JSON; break;
    case ETL_KIND_BOOL: p.type = CELL_BOOL, p.print = print_bool; break;
    case ETL_KIND_TIMESTAMP: p.type = CELL_TIME, p.print = print_timestamp; break;
    case ETL_KIND_DECIMAL: p.print = print_decimal; break;
    case ETL_KIND_DOUBLE: p.print = print_double; break;
    case ETL_KIND_INT64: p.print = c->column.role == ETL_ROLE_SUM ? print_int64_sum : print_int64; break;
    }
    return p;
}

struct cell printer_cell(const struct printer *printer, const void *row, char buffer[CELL_TEXT_MAX])
{
    const uint64_t *words = printer_words(printer, row);
    if (!printer_present(printer, row)) return (struct cell){.type = CELL_ABSENT};
    if (!printer->print) return (struct cell){printer->type, text_view(words)};
    return (struct cell){printer->type, {buffer, (size_t)(printer->print(words, buffer) - buffer)}};
}
