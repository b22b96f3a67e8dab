/* SPDX-License-Identifier: MIT
 * window: where values end, seen ahead. A value begins where the one before it ends, so to look for each end from its start is a
 * chain that nothing overlaps: a load, comparisons, a mask, a count of zeros, some 20 cycles a value. Here the bytes of a line
 * are compared 64 at a time, from places that are known early, and what may end a value is kept as bits: of the chain, a shift
 * and a count of zeros are left. Together with what else shortens the chain (take_type(), struct judged) that took 3 % off the
 * whole job. Without AVX2, where looking is dearer, each end is looked for when it is asked for. */
#ifndef DECODE_WINDOW_H
#define DECODE_WINDOW_H

#include "decode/scan.h"

#define WINDOW_INLINE static inline __attribute__((always_inline))

#ifdef __AVX2__
/* A bit for each of the 64 bytes from `base` on that may end a value: quotes, backslashes, control characters, what is not
 * ASCII; ',' and '}'. The last one always has it, so that there is one to be found: what seems to end there may go on. */
struct window {
    const char *base;
    uint64_t ends;
};
/* What begins before it and seems to end with the window has 17 bytes or more: more than a sign and what number_sized() takes. */
enum { WINDOW_REACH = 47 };

WINDOW_INLINE uint32_t window_see(const struct lanes *with, const char *at)
{
    __m256i bytes = lane32(at), escapes = equal32(bytes, with->backslashes);
    __m256i ends = _mm256_cmpeq_epi8(bytes, _mm256_shuffle_epi8(lane32(with->ends), bytes)); /* a quote, a ',', a '}', or 0 */
    __m256i others = _mm256_cmpgt_epi8(lane32(with->spaces), bytes);
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(ends, escapes), others));
}

/* The window begins here. Reads 64 bytes. What they are compared with stays in memory: were it kept in registers over the whole
 * walk, it would be put away and fetched again for each line. */
WINDOW_INLINE void window_open(struct window *window, const char *at)
{
    const struct lanes *with = &lanes;
    __asm__("" : "+r"(with));
    window->base = at;
    window->ends = window_see(with, at) | (uint64_t)(window_see(with, at + 32) | 1u << 31) << 32;
}

/* How many bytes there are from this one, which is not before the last that was asked for, to one that has a bit. */
WINDOW_INLINE size_t window_size(struct window *window, const char *at)
{
    size_t from = (size_t)(at - window->base);
    if (__builtin_expect(from >= WINDOW_REACH, 0)) window_open(window, at), from = 0;
    return (size_t)__builtin_ctzll(window->ends >> from);
}

/* As string_special(), but a ',' or '}' may end it, too, and so may the window. */
WINDOW_INLINE const char *window_next(struct window *window, const char *at)
{
    return at + window_size(window, at);
}

/* As number_short(); of an integer, or of any. A number that the window ends is too long for it. */
WINDOW_INLINE const char *window_number(struct window *window, const char *at, struct digits *digits, bool scaled)
{
    size_t size = window_size(window, at);
    if (!number_tiny(at, size, digits) && __builtin_expect(!number_sized(at, size, digits, scaled), 0))
        *digits = number_negative(at, size, scaled);
    return __builtin_expect(digits->exact, 1) ? at + size : NULL;
}

#else
struct window {
    char unused;
};

WINDOW_INLINE void window_open(struct window *window, const char *at)
{
    (void)window, (void)at;
}

WINDOW_INLINE const char *window_next(struct window *window, const char *at)
{
    (void)window;
    return string_special(at);
}

WINDOW_INLINE const char *window_number(struct window *window, const char *at, struct digits *digits, bool scaled)
{
    (void)window;
    const char *end = number_short(at, digits);
    return scaled || !end || !digits->scale ? end : NULL;
}
#endif

/* From behind the opening quote: the closing one. NULL: something in the text is not ordinary. */
WINDOW_INLINE const char *window_text_end(struct window *window, const char *at)
{
    const char *end = window_next(window, at);
    if (__builtin_expect(*end == '"', 1)) return end;
    end = string_special(end);
    return *end == '"' ? end : NULL;
}

#endif
