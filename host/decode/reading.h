/* SPDX-License-Identifier: MIT
 * reading: shared by the fast path and the general parser: the scan state, and the
 * conversion of a value's text into a handler's struct. */
#ifndef DECODE_READING_H
#define DECODE_READING_H

#include "base/compiler.h"
#include "base/fields.h"
#include "base/word.h"
#include "decode/convert.h"

struct reading {
    struct scan scan;
    char *frame;
    struct slot *slots; /* one per node of the schema */
    struct scratch scratch;
    /* of the current line */
    etl_string event_type;
    uint32_t type_number; /* from 1; 0: no handler */
    size_t member_count;
};

static inline const char *read_literal(struct scan *scan, const char *at, struct slot *slot)
{
    slot->type = *at == 't' ? JSON_TRUE : *at == 'f' ? JSON_FALSE : JSON_NULL;
    return scan_value(scan, at, 0);
}

/* Reads from behind the opening quote. Returns the closing one. */
static inline const char *read_string(struct scan *scan, const char *at, struct slot *slot)
{
    bool escaped = false;
    slot->start = at - 1;
    if (!(at = scan_string(scan, at, &escaped))) return NULL;
    slot->type = JSON_STRING;
    slot->plain = !escaped;
    slot->end = at + 1;
    return at;
}

static inline const char *set_number(struct slot *slot, const char *start, const char *end, const struct digits *digits)
{
    slot->start = start;
    slot->type = JSON_NUMBER;
    slot->plain = digits->exact;
    slot->number = digits->value;
    slot->scale = digits->scale;
    return slot->end = end;
}

static inline const char *read_number(struct scan *scan, const char *at, struct slot *slot)
{
    struct digits digits = {0};
    const char *end = scan_number(scan, at, &digits);
    return end ? set_number(slot, at, end, &digits) : NULL;
}

/* Reads one value of any kind, with at most `depth` levels of arrays and objects. */
static inline const char *read_any(struct scan *scan, const char *at, unsigned depth, struct slot *slot)
{
    if (*at == '"') return (at = read_string(scan, at + 1, slot)) ? at + 1 : NULL;
    if (*at == '-' || is_digit(*at)) return read_number(scan, at, slot);
    slot->start = at;
    if (*at != '{' && *at != '[') return slot->end = read_literal(scan, at, slot);
    slot->type = *at == '{' ? JSON_OBJECT : JSON_ARRAY;
    return slot->end = scan_value(scan, at, depth);
}

/* Stores a text in one piece: handlers copy texts, and a copy of 16 bytes would wait
 * for two stores of 8. */
static inline void put_text(void *to, const char *data, size_t size)
{
#ifdef __AVX2__
    __m128i text = _mm_insert_epi64(_mm_cvtsi64_si128((int64_t)(uintptr_t)data), (int64_t)size, 1);
    _mm_storeu_si128((__m128i *)to, text);
#else
    put_word((char *)to + offsetof(etl_string, data), (uintptr_t)data);
    put_word((char *)to + offsetof(etl_string, size), size);
#endif
}

static inline void put_decimal(char *to, int64_t number, int32_t scale)
{
    put_word(to + offsetof(etl_decimal, low), (uint64_t)number);
    put_word(to + offsetof(etl_decimal, high), (uint64_t)(number >> 63));
    memcpy(to + offsetof(etl_decimal, scale), &scale, sizeof scale);
}

/* Stores a value in the frame's member of this kind. False: the value is not of that
 * kind. */
INLINE bool read_as(struct reading *reading, uint32_t kind, uint32_t unit,
                                                          const struct slot *slot, char *to)
{
    union {
        etl_string string;
        int64_t int64;
        double number;
        etl_decimal decimal;
        etl_timestamp timestamp;
    } value;
    switch (kind) {
    case WANT_EVENT_TYPE:
        put_text(to, reading->event_type.data, reading->event_type.size);
        return true;
    case ETL_KIND_STRING:
        if (slot->type != JSON_STRING) return false;
        value.string = convert_string(slot, &reading->scratch);
        put_text(to, value.string.data, value.string.size);
        return true;
    case ETL_KIND_INT64:
        if (!convert_int64(slot, &value.int64)) return false;
        memcpy(to, &value.int64, sizeof value.int64);
        return true;
    case ETL_KIND_DOUBLE:
        if (!convert_double(slot, &value.number)) return false;
        memcpy(to, &value.number, sizeof value.number);
        return true;
    case ETL_KIND_BOOL:
        *(bool *)to = slot->type == JSON_TRUE;
        return slot->type == JSON_TRUE || slot->type == JSON_FALSE;
    case ETL_KIND_DECIMAL:
        if (LIKELY(slot->type == JSON_NUMBER && slot->plain)) {
            put_decimal(to, slot->number, slot->scale);
            return true;
        }
        if (!convert_decimal(slot, &value.decimal)) return false;
        memcpy(to, &value.decimal, sizeof value.decimal);
        return true;
    case ETL_KIND_TIMESTAMP:
        if (!convert_timestamp(slot, unit, &value.timestamp)) return false;
        memcpy(to, &value.timestamp, sizeof value.timestamp);
        return true;
    default:
        put_text(to, slot->start, (size_t)(slot->end - slot->start));
        return true;
    }
}

static inline bool read_into(struct reading *reading, const struct want *want, const struct slot *slot)
{
    return read_as(reading, want->kind, want->unit, slot, reading->frame + want->offset);
}

/* Sets an optional field that the line does not have. */
static inline void read_nothing(struct reading *reading, const struct want *want)
{
    memset(reading->frame + want->offset, 0, kinds[want->kind].size);
    *(bool *)(reading->frame + want->has_offset) = false;
}

#endif
