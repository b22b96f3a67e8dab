/* SPDX-License-Identifier: MIT
 * word: a word of 64 bits that is stored by itself. Were it joined with its neighbour to one wide copy of a value that was just
 * put together in memory, or from registers, as the compiler likes to do, the copy would wait for the narrow stores to arrive,
 * or the registers for each other. It made a decimal cost 4 ns more. */
#ifndef BASE_WORD_H
#define BASE_WORD_H

#include <stdint.h>
#include <string.h>

static inline __attribute__((always_inline)) void put_word(void *to, uint64_t word)
{
    __asm__("" : "+r"(word));
    memcpy(to, &word, sizeof word);
}

#endif
