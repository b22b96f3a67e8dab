/* SPDX-License-Identifier: MIT
 * window: where values end, seen ahead. A value begins where the one before it ends, so to look for each end from its start is a
 * chain that nothing overlaps: a load, comparisons, a mask, a count of zeros, some 20 cycles a value. Here the bytes of a line
 * are compared 64 at a time, and what may end a value is kept as bits: of the chain, a shift and a count of zeros are left. The
 * window goes along with the place in the line: its first bit is that of the byte at hand. Without AVX2, where looking is
 * dearer, each end is looked for when it is asked for. With AVX-512, which sees 64 bytes in 11 instructions less, the job took
 * 6 % longer (Xeon of 2023). */
#ifndef DECODE_WINDOW_H
#define DECODE_WINDOW_H

#include "base/compiler.h"
#include "decode/scan.h"

#define WINDOW_INLINE INLINE

/* A bit for each byte from the one at hand on that may end a value: quotes, backslashes, control characters, what is not ASCII;
 * ',' and '}'. The last one that was seen always has it, so that there is one to be found: where no other is left, the next end
 * is not known. */
struct window {
    uint64_t ends;
};

#ifdef __AVX2__
WINDOW_INLINE uint32_t window_see(const struct lanes *with, const char *at)
{
    __m256i bytes = lane32(at);
    __m256i below = _mm256_cmpgt_epi8(_mm256_shuffle_epi8(lane32(with->least), bytes), bytes);
    __m256i equal = _mm256_cmpeq_epi8(_mm256_shuffle_epi8(lane32(with->others), bytes), bytes);
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(below, equal));
}

/* What is seen from here on. Reads 64 bytes. What they are compared with stays in memory, for each line asks but a few times. */
WINDOW_INLINE struct window window_open(const char *at)
{
    const struct lanes *with = &lanes;
    ONE_REGISTER(with);
    return (struct window){window_see(with, at) | (uint64_t)(window_see(with, at + 32) | 1u << 31) << 32};
}

/* The place at hand is so many bytes further on, fewer than 64. */
WINDOW_INLINE void window_pass(struct window *window, size_t size)
{
    window->ends >>= size;
}

/* How many bytes there are from this one, the one at hand, to one that has a bit. */
WINDOW_INLINE size_t window_size(struct window *window, const char *at)
{
    if (UNLIKELY(!(window->ends & (window->ends - 1)))) *window = window_open(at);
    return (size_t)__builtin_ctzll(window->ends);
}

/* From behind the opening quote, the place at hand: the closing one, which is at hand then. NULL: something in the text is not
 * ordinary. */
WINDOW_INLINE const char *window_text(struct window *window, const char *at)
{
    const size_t size = window_size(window, at);
    const char *end = at + size;
    if (LIKELY(*end == '"')) return window_pass(window, size), end;
    window->ends = 0; /* a ',' or '}' in the text, or it goes on beyond the window */
    end = string_special(end);
    return *end == '"' ? end : NULL;
}

/* As number_short(), of an integer, or of any, at the place at hand; what follows it is at hand then. One with a sign is left to
 * window_negative(). */
WINDOW_INLINE const char *window_number(struct window *window, const char *at, struct digits *digits, bool scaled)
{
    const size_t size = window_size(window, at);
    bool taken = number_tiny(at, size, digits) || number_sized(at, size, digits, scaled);
    if (UNLIKELY(!taken)) return NULL; /* one that the window ends is too long, too */
    window_pass(window, size);
    return at + size;
}

/* The same of a number with a sign. Apart from the rest, for few numbers have one. */
WINDOW_INLINE const char *window_negative(struct window *window, const char *at, struct digits *digits, bool scaled)
{
    if (*at != '-') return NULL;
    window_pass(window, 1);
    const char *end = window_number(window, at + 1, digits, scaled);
    if (end) digits->value = -digits->value;
    return end;
}

#else
WINDOW_INLINE struct window window_open(const char *at)
{
    (void)at;
    return (struct window){0};
}

WINDOW_INLINE void window_pass(struct window *window, size_t size)
{
    (void)window, (void)size;
}

WINDOW_INLINE const char *window_text(struct window *window, const char *at)
{
    (void)window;
    const char *end = string_special(at);
    return *end == '"' ? end : NULL;
}

WINDOW_INLINE const char *window_number(struct window *window, const char *at, struct digits *digits, bool scaled)
{
    (void)window;
    const char *end = number_short(at, digits);
    return scaled || !end || !digits->scale ? end : NULL;
}

WINDOW_INLINE const char *window_negative(struct window *window, const char *at, struct digits *digits, bool scaled)
{
    (void)window, (void)at, (void)digits, (void)scaled;
    return NULL; /* window_number() took it */
}
#endif

#endif
