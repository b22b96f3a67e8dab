/* SPDX-License-Identifier: MIT
 * literal: up to 32 bytes that are compared with text at once: one load, one
 * comparison and a mask, whatever the length, instead of a loop whose end must be
 * predicted. */
#ifndef DECODE_LITERAL_H
#define DECODE_LITERAL_H

#include <stdbool.h>
#include <stdint.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

enum { LITERAL_SIZE = 32 };

/* Does the text match the literal in all bytes whose bit is in `mask`? Reads
 * LITERAL_SIZE bytes of both. */
static inline bool literal_matches_plain(const char *text, const char *literal, uint32_t mask)
{
    for (; mask; mask >>= 1, text++, literal++)
        if ((mask & 1) && *text != *literal) return false;
    return true;
}

#ifdef __SSE2__
static inline bool literal_matches_sse2(const char *text, const char *literal, uint32_t mask)
{
    const __m128i *a = (const void *)text, *b = (const void *)literal;
    __m128i low = _mm_cmpeq_epi8(_mm_loadu_si128(a), _mm_loadu_si128(b));
    __m128i high = _mm_cmpeq_epi8(_mm_loadu_si128(a + 1), _mm_loadu_si128(b + 1));
    uint32_t same = (uint32_t)_mm_movemask_epi8(low) | (uint32_t)_mm_movemask_epi8(high) << 16;
    return !(~same & mask);
}
#endif

#ifdef __AVX2__
static inline bool literal_matches_avx2(const char *text, const char *literal, uint32_t mask)
{
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)text);
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)literal);
    return !(~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b)) & mask);
}
#define literal_matches literal_matches_avx2
#elif defined __SSE2__
#define literal_matches literal_matches_sse2
#else
#define literal_matches literal_matches_plain
#endif

#endif
