/* SPDX-License-Identifier: MIT
 * scan: the tokens of RFC 8259, strictly. Ordinary bytes are scanned inline; escapes,
 * UTF-8 and faults in scan.c.
 *
 * The text is followed by a line feed and by more readable bytes (SOURCE_PADDING). No
 * token contains a raw line feed, so it stops every scan. Only white space includes
 * it, so only scanning white space checks `end`. A logline contains no line feed, so
 * it can be scanned before its end is known. */
#ifndef DECODE_SCAN_H
#define DECODE_SCAN_H

#include "base/compiler.h"
#include "decode/number.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

/* The scanned text, and its first fault. */
struct scan {
    const char *end; /* NULL: the text is a line whose end is not known */
    const char *at, *what; /* where the fault is, and which; NULL: none */
};

enum json_type { JSON_STRING, JSON_NUMBER, JSON_TRUE, JSON_FALSE, JSON_NULL, JSON_OBJECT, JSON_ARRAY };

/* Records the fault; returns NULL. Every function here returns NULL after a fault. */
const char *scan_fail(struct scan *scan, const char *at, const char *what);

/* Scans the rest of a string from a byte that is not ordinary. Sets *escaped if there
 * is an escape. Returns its closing quote. */
const char *scan_string_rest(struct scan *scan, const char *at, bool *escaped);
/* Scans a number that is not short. */
const char *scan_number_rest(struct scan *scan, const char *at, struct digits *digits);
/* Scans one value of any kind, with at most `depth` levels of arrays and objects.
 * Returns what follows it. */
const char *scan_value(struct scan *scan, const char *at, unsigned depth);
/* Scans the rest of an object from the end of one of its values, each with at most
 * `depth` levels. Returns what follows the object. */
const char *scan_object_rest(struct scan *scan, const char *at, unsigned depth);

static inline const char *scan_space(const struct scan *scan, const char *at)
{
    if (LIKELY((unsigned char)*at > ' ')) return at;
    while (*at == ' ' || *at == '\t' || *at == '\r' || (*at == '\n' && at < scan->end)) at++;
    return at;
}

/* The first byte that is a quote, a backslash, a control character, or not ASCII. */
static inline const char *string_special_plain(const char *at)
{
    while ((signed char)*at >= 0x20 && *at != '"' && *at != '\\') at++;
    return at;
}

#ifdef __SSE2__
static inline const char *string_special_sse2(const char *at)
{
    for (;; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), escapes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
        /* signed: control characters, and bytes from 0x80 up */
        __m128i others = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
        int mask = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, escapes), others));
        if (mask) return at + __builtin_ctz((unsigned)mask);
    }
}
#endif

#ifdef __AVX2__
static inline __m256i lane32(const void *bytes)
{
    return _mm256_loadu_si256((const __m256i *)bytes);
}

static inline __m256i equal32(__m256i bytes, const void *others)
{
    return _mm256_cmpeq_epi8(bytes, lane32(others));
}

static inline const char *string_special_avx2(const char *at)
{
    for (;; at += 32) {
        __m256i bytes = lane32(at);
        __m256i quotes = equal32(bytes, lanes.quotes), escapes = equal32(bytes, lanes.backslashes);
        __m256i others = _mm256_cmpgt_epi8(lane32(lanes.spaces), bytes);
        uint32_t mask = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(quotes, escapes), others));
        if (mask) return at + __builtin_ctz(mask);
    }
}
#define string_special string_special_avx2
#elif defined __SSE2__
#define string_special string_special_sse2
#else
#define string_special string_special_plain
#endif

/* Scans from behind the opening quote. Returns the closing one. */
static inline const char *scan_string(struct scan *scan, const char *at, bool *escaped)
{
    at = string_special(at);
    return LIKELY(*at == '"') ? at : scan_string_rest(scan, at, escaped);
}

static inline const char *scan_number(struct scan *scan, const char *at, struct digits *digits)
{
    const char *end = number_short(at, digits);
    return LIKELY(end != NULL) ? end : scan_number_rest(scan, at, digits);
}

#endif
