/* SPDX-License-Identifier: MIT
 * hash: of the key words of a row, and of bytes. The seed is drawn anew in every process, and every word is masked by
 * something secret and then goes through a product of its own, or of two words: so no log can be written that makes keys
 * collide. The order of rows in memory is of no consequence, since sinks sort. */
#ifndef STATE_HASH_H
#define STATE_HASH_H

#include "base/compiler.h"

#include <stddef.h>
#include <stdint.h>

extern uint64_t hash_seed[2];

/* Draws the seed, once a process. */
void hash_init(void);

/* Both halves of the product, for the lower one depends on the lower bits of the factors alone. */
static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 u128;
    u128 product = (u128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Numbers that go up by steps, as people give them, leave products that go up by steps, and with some seeds these are in step
 * with the index: one more product breaks that. Without it, with one seed in fifty a look-up in a full index looks at three slots
 * and more, of such keys, where 1.75 are to be expected (test_hash.c). */
static inline uint32_t hash_finish(uint64_t hash)
{
    return (uint32_t)(hash * 0x9E3779B97F4A7C15u >> 32);
}

static inline uint32_t hash_words(const uint64_t *words, uint32_t count)
{
    uint64_t hash = hash_seed[0];
    uint32_t i = 0;
    if (LIKELY(count == 3)) /* the commonest key, a number and a string: the same without a loop */
        return hash_finish(hash_fold(hash_fold(hash ^ words[0], hash_seed[1] ^ words[1]) ^ words[2], hash_seed[1]));
    for (; i + 1 < count; i += 2) hash = hash_fold(hash ^ words[i], hash_seed[1] ^ words[i + 1]);
    if (i < count) hash = hash_fold(hash ^ words[i], hash_seed[1]);
    return hash_finish(hash);
}

/* Of bytes, up to 16 a step. */
uint64_t hash_bytes(const void *data, size_t size);

#endif
