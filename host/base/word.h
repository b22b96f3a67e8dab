/* SPDX-License-Identifier: MIT
 * word: a word of 64 bits that is stored by itself. Were it joined with its neighbour to one wide copy of a value that was just
 * put together in memory, or from registers, as the compiler likes to do, the copy would wait for the narrow stores to arrive,
 * or the registers for each other. It made a decimal cost 4 ns more. Stores that are volatile are not joined.
 * `to` is aligned as a word is. */
#ifndef BASE_WORD_H
#define BASE_WORD_H

#include "base/compiler.h"

#include <stdint.h>

typedef uint64_t aliasing_word __attribute__((may_alias));

INLINE void put_word(void *to, uint64_t word)
{
    *(volatile aliasing_word *)to = word;
}

#endif
