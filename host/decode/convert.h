/* SPDX-License-Identifier: MIT
 * convert: converts the text of a value to the member of a struct. Short and ordinary
 * values are converted here, inline; the others by the SDK's own functions, which
 * define the rules. */
#ifndef DECODE_CONVERT_H
#define DECODE_CONVERT_H

#include "base/compiler.h"
#include "base/memory.h"
#include "decode/scan.h"
#include "decode/schema.h"

/* The value of a node in a line. */
struct slot {
    union {
        struct {
            const char *start, *end; /* the value's text */
        };
        /* only used by shapes, for a text that is deferred until the event type is
         * known: the content of its quotes; no other member is set then */
        etl_string text;
    };
    int64_t number;          /* for a `plain` number: the value is number · 10^-scale */
    uint32_t line;           /* the line that the value is from */
    uint8_t type;            /* enum json_type */
    uint8_t scale;
    bool plain;    /* a number that struct digits calls exact; a string without escapes */
    bool repeated; /* the line has the value more than once */
};

/* Convert the values that the inline functions below do not. */
bool convert_int64_rest(const struct slot *slot, int64_t *value);
bool convert_double_rest(const struct slot *slot, double *value);
bool convert_decimal_rest(const struct slot *slot, etl_decimal *value);
bool convert_timestamp_rest(const struct slot *slot, uint32_t unit, etl_timestamp *value);
etl_string convert_escaped(const struct slot *slot, struct scratch *scratch);
/* Explains why a value is not of the wanted kind: "field 'id' is a string, not an
 * integer". */
void convert_explain(const struct want *want, const struct slot *slot, struct error *error);
/* "a string", "a number", ... */
const char *json_type_name(unsigned type);

/* A string's content, borrowed from the line or, if it has escapes, from `scratch`;
 * followed by KEY_PADDING readable bytes. */
static inline etl_string convert_string(const struct slot *slot, struct scratch *scratch)
{
    if (UNLIKELY(!slot->plain)) return convert_escaped(slot, scratch);
    return (etl_string){slot->start + 1, (size_t)(slot->end - slot->start) - 2};
}

static inline bool convert_int64(const struct slot *slot, int64_t *value)
{
    if (slot->type != JSON_NUMBER) return false;
    if (UNLIKELY(!slot->plain || slot->scale)) return convert_int64_rest(slot, value);
    *value = slot->number;
    return true;
}

static inline bool convert_decimal(const struct slot *slot, etl_decimal *value)
{
    struct digits digits = {slot->number, slot->scale, slot->plain};
    if (slot->type == JSON_STRING) {
        struct scan scan = {.end = slot->end};
        if (scan_number(&scan, slot->start + 1, &digits) != slot->end - 1) return convert_decimal_rest(slot, value);
    } else if (slot->type != JSON_NUMBER)
        return false;
    if (UNLIKELY(!digits.exact)) return convert_decimal_rest(slot, value);
    *value = (etl_decimal){.low = (uint64_t)digits.value, .high = digits.value < 0 ? -1 : 0, .scale = digits.scale};
    return true;
}

/* If the digits and the power of ten are both exact as doubles, one division rounds
 * correctly. */
static inline bool convert_double(const struct slot *slot, double *value)
{
    static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
                                    1e17, 1e18};
    const int64_t most = (int64_t)1 << 53;
    if (slot->type != JSON_NUMBER) return false;
    if (!slot->plain || slot->number < -most || slot->number > most || !slot->number) return convert_double_rest(slot, value);
    *value = (double)slot->number / powers[slot->scale];
    return true;
}

static inline bool convert_timestamp(const struct slot *slot, uint32_t unit, etl_timestamp *value)
{
    if (slot->type != JSON_NUMBER || !slot->plain || slot->scale) return convert_timestamp_rest(slot, unit, value);
    return !__builtin_mul_overflow(slot->number, (int64_t)unit, &value->ns);
}

#endif
