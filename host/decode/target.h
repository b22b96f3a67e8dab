/* SPDX-License-Identifier: MIT
 * target: code that meets every byte of a line is compiled twice, plainly and for
 * AVX2, each with names of its own. */
#ifndef DECODE_TARGET_H
#define DECODE_TARGET_H

#ifdef __AVX2__
#include <immintrin.h>
#endif

#ifndef DECODE_TARGET
#define DECODE_TARGET(name) name##_plain
#endif

/* Ends the use of wide registers in code compiled with -mno-vzeroupper; the code that
 * follows would run slowly otherwise. */
static inline void target_leave(void)
{
#ifdef __AVX2__
    _mm256_zeroupper();
#endif
}

#endif
