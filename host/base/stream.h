/* SPDX-License-Identifier: MIT
 * stream: copies for another core. A store to a cache line that another core has read
 * waits until that core gives it up, and later stores wait with it. Non-temporal
 * stores of whole lines do not wait (measured). */
#ifndef BASE_STREAM_H
#define BASE_STREAM_H

#include "base/memory.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>

/* Copies whole lines to an address that is a multiple of LINE_SIZE. */
static inline void stream_copy(void *to, const void *from, size_t lines)
{
    __m128i *out = to;
    const __m128i *in = from;
    for (; lines--; out += 4, in += 4) {
        __m128i a = _mm_loadu_si128(in), b = _mm_loadu_si128(in + 1), c = _mm_loadu_si128(in + 2), d = _mm_loadu_si128(in + 3);
        _mm_stream_si128(out, a);
        _mm_stream_si128(out + 1, b);
        _mm_stream_si128(out + 2, c);
        _mm_stream_si128(out + 3, d);
    }
}

/* Makes the copies ready to be handed to another thread, by a mutex or the like. */
static inline void stream_end(void)
{
    _mm_sfence();
}
#else
static inline void stream_copy(void *to, const void *from, size_t lines)
{
    memcpy(to, from, lines * LINE_SIZE);
}

static inline void stream_end(void)
{
}
#endif

#endif
