/* SPDX-License-Identifier: MIT
 * target: what meets every byte of a line is compiled twice, plainly and for AVX2, each with names of its own. */
#ifndef DECODE_TARGET_H
#define DECODE_TARGET_H

#ifdef __AVX2__
#include <immintrin.h>
#endif

#ifndef DECODE_TARGET
#define DECODE_TARGET(name) name##_plain
#endif

/* Here ends what uses wide registers, in code that is compiled with -mno-vzeroupper; for what comes next they would be slow. */
static inline void target_leave(void)
{
#ifdef __AVX2__
    _mm256_zeroupper();
#endif
}

#endif
