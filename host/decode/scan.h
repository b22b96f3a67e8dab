/* SPDX-License-Identifier: MIT
 * scan: the tokens of RFC 8259, strictly. What is ordinary is inline; escapes, UTF-8 and mistakes are in scan.c.
 *
 * The text is followed by a line feed and by more readable bytes (SOURCE_PADDING). No token holds a raw line feed, so that
 * it stops every scan, and only white space, of which it is a kind, needs to look at `end`: a logline, which has none, can
 * be scanned before it is known where it ends. */
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

/* The text that is scanned, and its first mistake. */
struct scan {
    const char *end; /* NULL: it is a line, and its end is not known */
    const char *at, *what; /* where the mistake is, and what; NULL: none */
};

enum json_type { JSON_STRING, JSON_NUMBER, JSON_TRUE, JSON_FALSE, JSON_NULL, JSON_OBJECT, JSON_ARRAY };

/* Keeps the mistake; returns NULL, which is what every function here returns after one. */
const char *scan_fail(struct scan *scan, const char *at, const char *what);

/* The rest of a string from a byte that is not ordinary; sets *escaped where there is an escape. Returns its closing quote. */
const char *scan_string_rest(struct scan *scan, const char *at, bool *escaped);
/* A number that is not short. */
const char *scan_number_rest(struct scan *scan, const char *at, struct digits *digits);
/* One value of any kind, with at most `depth` levels of arrays and objects. Returns what follows it. */
const char *scan_value(struct scan *scan, const char *at, unsigned depth);
/* The rest of an object from behind one of its values on; in each of them at most `depth` levels. Returns what follows it. */
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
        __m128i others = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)); /* signed: controls, and from 0x80 up */
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

/* From behind the opening quote. */
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
