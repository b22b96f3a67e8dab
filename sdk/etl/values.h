/* SPDX-License-Identifier: MIT
 * values: the types that members of events, effects and rows hold besides int64_t,
 * double and bool. Frozen. */
#ifndef ETL_VALUES_H
#define ETL_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ETL_UNUSED_ __attribute__((unused))
#define ETL_FORMAT_(at, arguments) __attribute__((format(printf, at, arguments)))
#define ETL_APART_ static __attribute__((noinline, unused))
#define ETL_COLD_ static __attribute__((noinline, cold, unused))

/* Text: UTF-8, not terminated, may hold NUL. `data` may be NULL if `size` (in bytes)
 * is 0. Frozen. */
typedef struct {
    const char *data;
    size_t size;
} etl_string;

/* The raw text of one JSON value, as in the logline: valid JSON, without white space
 * around it. Frozen. */
typedef struct {
    const char *data;
    size_t size;
} etl_json;

/* An exact decimal number: (high·2⁶⁴ + low) · 10^-scale, the coefficient in two's
 * complement over both words. 0 ≤ scale ≤ 38 and |coefficient| ≤ 10³⁸−1. A negative
 * scale is the invalid decimal: the result of arithmetic that leaves that range. It
 * sticks, and emitting it rejects the event. 1.0 and 1.00 are equal. Frozen. */
typedef struct {
    uint64_t low;
    int64_t high;
    int32_t scale;
} etl_decimal;

/* A point in time: nanoseconds since 1970-01-01T00:00:00Z, without leap seconds; 1677
 * to 2262. Frozen. */
typedef struct {
    int64_t ns;
} etl_timestamp;

/* The C type of a member determines the field's kind. */
enum etl_kind {
    ETL_KIND_STRING = 1, /* etl_string: a JSON string */
    /* int64_t: a JSON number whose value is an integer in range (2, 2.0, 2e3) */
    ETL_KIND_INT64,
    ETL_KIND_DOUBLE,     /* double: a JSON number, rounded to nearest; finite */
    ETL_KIND_BOOL,       /* bool: true or false */
    ETL_KIND_DECIMAL, /* etl_decimal: a JSON number, or a string that holds one; exact */
    /* etl_timestamp: RFC 3339 text, or an integer epoch in the field's unit */
    ETL_KIND_TIMESTAMP,
    ETL_KIND_JSON,       /* etl_json: any JSON value but null, nested ones included */
};

/* The unit of an integer epoch, in nanoseconds; for ETL_TIMESTAMP. */
#define ETL_SECONDS 1000000000
#define ETL_MILLISECONDS 1000000
#define ETL_MICROSECONDS 1000
#define ETL_NANOSECONDS 1

#ifdef __cplusplus
static inline etl_string etl_string_of_(const char *data, size_t size) { etl_string s = {data, size}; return s; }
static inline etl_json etl_json_of_(const char *data, size_t size) { etl_json j = {data, size}; return j; }
#define ETL_STRING(literal) etl_string_of_("" literal, sizeof(literal) - 1)
#define ETL_JSON(literal) etl_json_of_("" literal, sizeof(literal) - 1)
#else
/* [any] A string literal as an etl_string; usable in an initialiser inside a function. */
#define ETL_STRING(literal) ((etl_string){"" literal, sizeof(literal) - 1})
/* [any] The same as an etl_json: ETL_JSON("[1,2]"). It must be JSON, without white
 * space around it. */
#define ETL_JSON(literal) ((etl_json){"" literal, sizeof(literal) - 1})
#endif

/* [any] Are the bytes the same? */
static inline bool etl_string_equal(etl_string a, etl_string b)
{
    return a.size == b.size && (!a.size || !memcmp(a.data, b.data, a.size));
}

/* [any] Are the bytes those of a terminated string? */
static inline bool etl_string_is(etl_string s, const char *text)
{
    size_t size = strlen(text);
    return s.size == size && (!size || !memcmp(s.data, text, size));
}

/* [any] Below 0, 0, or above 0: the order of bytes, which is the order in which rows
 * are sorted. */
static inline int etl_string_compare(etl_string a, etl_string b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size ? memcmp(a.data, b.data, size) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

#ifdef __cplusplus
}
#endif

#endif
