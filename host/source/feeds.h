/* SPDX-License-Identifier: MIT
 * feeds: counts line feeds, 64 bytes at a time, with a one-byte counter for each
 * place, which the compiler keeps in vector registers. With several threads a block is
 * counted before it is played, because the next block needs its line number. Compiled
 * plainly and for AVX2 (measured). */
#ifndef SOURCE_FEEDS_H
#define SOURCE_FEEDS_H

#include <stddef.h>
#include <stdint.h>

typedef uint64_t feeds_counter(const char *data, size_t size);
feeds_counter feeds_count_plain;
#ifdef __x86_64__
feeds_counter feeds_count_avx2;
#endif
/* The variant for this processor. */
feeds_counter *feeds_choose(void);

#endif
