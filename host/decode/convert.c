/* SPDX-License-Identifier: MIT
 * Conversions of unusual values, and the words for values that are refused. */
#include "decode/convert.h"
#include "base/fields.h"

static etl_json slot_json(const struct slot *slot)
{
    return (etl_json){slot->start, (size_t)(slot->end - slot->start)};
}

bool convert_int64_rest(const struct slot *slot, int64_t *value)
{
    return etl_json_int64(slot_json(slot), value);
}

bool convert_double_rest(const struct slot *slot, double *value)
{
    return etl_json_double(slot_json(slot), value);
}

bool convert_decimal_rest(const struct slot *slot, etl_decimal *value)
{
    return etl_json_decimal(slot_json(slot), value);
}

bool convert_timestamp_rest(const struct slot *slot, uint32_t unit, etl_timestamp *value)
{
    return etl_json_timestamp(slot_json(slot), unit, value);
}

etl_string convert_escaped(const struct slot *slot, struct scratch *scratch)
{
    char *text = scratch_allocate(scratch, (size_t)(slot->end - slot->start) + KEY_PADDING);
    return (etl_string){text, etl_json_unescape(slot_json(slot), text)};
}

const char *json_type_name(unsigned type)
{
    static const char *const names[] = {
        [JSON_STRING] = "a string",  [JSON_NUMBER] = "a number", [JSON_TRUE] = "a boolean", [JSON_FALSE] = "a boolean",
        [JSON_NULL] = "null",        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array",
    };
    return names[type];
}

/* For a number that is not a decimal: which digits are too many, if it has no
 * exponent. */
static const char *decimal_fault(const struct slot *slot)
{
    struct etl_number_ n;
    etl_json text = slot_json(slot);
    if (!etl_number_scan_(text.data, text.size, &n)) return "is no decimal";
    int64_t first = 0, last = (int64_t)(n.whole_count + n.fraction_count) - 1;
    while (etl_number_digit_(&n, (size_t)first) == '0') first++;
    while (etl_number_digit_(&n, (size_t)last) == '0') last--;
    int64_t point = (int64_t)n.whole_count + n.exponent;
    if (point - first > 38) return "is 10^38 or more, beyond the 38 digits of a decimal";
    return last + 1 - point > 38 ? "has more than 38 digits after the point" : "has more than 38 digits";
}

/* The value's type fits the kind: what is wrong with its content? */
static const char *value_fault(const struct want *want, const struct slot *slot)
{
    bool number = slot->type == JSON_NUMBER;
    int64_t integer;
    switch (want->kind) {
    case ETL_KIND_INT64:
        return "is not an integer of 64 bits";
    case ETL_KIND_DOUBLE:
        return "is out of the range of a double";
    case ETL_KIND_DECIMAL:
        return number ? decimal_fault(slot) : "is neither a number nor text that is one, of at most 38 digits";
    case ETL_KIND_TIMESTAMP:
        if (!number) return "is not a time of RFC 3339, from 1677 to 2262, of at most nine fraction digits";
        return etl_json_int64(slot_json(slot), &integer) ? "is not a time from 1677 to 2262" : "is not an integer of 64 bits";
    default:
        return "is not what is wanted";
    }
}

static bool kind_takes(uint32_t kind, unsigned type)
{
    bool number = type == JSON_NUMBER, string = type == JSON_STRING;
    return (number && (kind == ETL_KIND_INT64 || kind == ETL_KIND_DOUBLE)) ||
           ((number || string) && (kind == ETL_KIND_DECIMAL || kind == ETL_KIND_TIMESTAMP));
}

void convert_explain(const struct want *want, const struct slot *slot, struct error *error)
{
    if (kind_takes(want->kind, slot->type)) error_set(error, "field '%s' %s", want->path, value_fault(want, slot));
    else error_set(error, "field '%s' is %s, not %s", want->path, json_type_name(slot->type), kinds[want->kind].phrase);
}
