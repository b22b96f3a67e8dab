/* SPDX-License-Identifier: MIT
 * word: a volatile store of 64 bits, so that the compiler does not merge two words
 * into one 16-byte copy, which would fail store forwarding (measured). `to` is aligned
 * like a word. */
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
