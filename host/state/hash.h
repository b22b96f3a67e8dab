/* SPDX-License-Identifier: MIT
 * hash: of the key words of a row. Seeded anew in every process, so that no log can be written that makes keys collide; the
 * order of rows in memory is of no consequence, since sinks sort. */
#ifndef STATE_HASH_H
#define STATE_HASH_H

#include <stdint.h>

extern uint64_t hash_seed[3];

/* Draws the seed, once a process. */
void hash_init(void);

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
    if (__builtin_expect(count == 3, 1)) /* the commonest key, a number and a string: two multiplications side by side */
        return hash_finish(hash_fold(words[0] ^ hash_seed[0], (words[1] ^ hash_seed[1]) + words[2] * hash_seed[2]));
    uint64_t hash = hash_seed[0];
    uint32_t i = 0;
    for (; i + 1 < count; i += 2) hash = hash_fold(hash ^ words[i], hash_seed[1] ^ words[i + 1]);
    if (i < count) hash = hash_fold(hash ^ words[i], hash_seed[1]);
    return hash_finish(hash);
}

#endif
