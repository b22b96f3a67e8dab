/* SPDX-License-Identifier: MIT
 * window: finds the ends of values ahead. Searching each end from its value's start is
 * a serial chain of a load, comparisons, a mask and a count of zeros. Here 64 bytes of
 * a line are compared at once, and bytes that may end a value are kept as bits: only a
 * shift and a count of zeros stay in the chain. The window moves with the cursor: its
 * first bit belongs to the byte at the cursor. Without AVX2, where comparing is
 * dearer, each end is searched when it is needed. AVX-512 does not pay (measured). */
#ifndef DECODE_WINDOW_H
#define DECODE_WINDOW_H

#include "base/compiler.h"
#include "decode/scan.h"

#define WINDOW_INLINE INLINE

/* A bit for each byte from the cursor on that may end a value: quotes, backslashes,
 * control characters, bytes beyond ASCII, ',' and '}'. The last byte of the window
 * always has its bit set, so that a search finds one; if only that bit is left, the
 * next end is not known. */
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

/* Opens a window here. Reads 64 bytes. The constants stay in memory, because each line
 * needs them only a few times. */
WINDOW_INLINE struct window window_open(const char *at)
{
    const struct lanes *with = &lanes;
    ONE_REGISTER(with);
    return (struct window){window_see(with, at) | (uint64_t)(window_see(with, at + 32) | 1u << 31) << 32};
}

/* Moves the window by `size` bytes, fewer than 64. */
WINDOW_INLINE void window_pass(struct window *window, size_t size)
{
    window->ends >>= size;
}

/* Number of bytes from the cursor to the next byte that has a bit. */
WINDOW_INLINE size_t window_size(struct window *window, const char *at)
{
    if (UNLIKELY(!(window->ends & (window->ends - 1)))) *window = window_open(at);
    return (size_t)__builtin_ctzll(window->ends);
}

/* From the cursor, behind the opening quote, to the closing quote, which becomes the
 * cursor. NULL: the text has bytes that are not ordinary. */
WINDOW_INLINE const char *window_text(struct window *window, const char *at)
{
    const size_t size = window_size(window, at);
    const char *end = at + size;
    if (LIKELY(*end == '"')) return window_pass(window, size), end;
    window->ends = 0; /* a ',' or '}' in the text, or a text longer than the window */
    end = string_special(end);
    return *end == '"' ? end : NULL;
}

/* Like number_short(), for an integer or, if `scaled`, any number at the cursor; the
 * cursor moves behind it. A number with a sign is left to window_negative(). */
WINDOW_INLINE const char *window_number(struct window *window, const char *at, struct digits *digits, bool scaled)
{
    const size_t size = window_size(window, at);
    bool taken = number_tiny(at, size, digits) || number_sized(at, size, digits, scaled);
    /* also a number cut by the end of the window, which is too long */
    if (UNLIKELY(!taken)) return NULL;
    window_pass(window, size);
    return at + size;
}

/* The same for a number with a sign. Separate, because few numbers have one. */
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
    return NULL; /* window_number() takes signs, too */
}
#endif

#endif
