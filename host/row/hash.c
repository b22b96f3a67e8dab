/* SPDX-License-Identifier: MIT */
#include "row/hash.h"

#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

uint64_t hash_seed[2];

static void draw_seed(void)
{
    if (getrandom(hash_seed, sizeof hash_seed, GRND_NONBLOCK) != (long)sizeof hash_seed) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        hash_seed[0] = (uint64_t)now.tv_nsec * 0x9E3779B97F4A7C15u;
        hash_seed[1] = (uint64_t)now.tv_sec * 0xBF58476D1CE4E5B9u;
    }
    hash_seed[1] |= 1; /* a factor */
}

void hash_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, draw_seed);
}

uint64_t hash_bytes(const void *data, size_t size)
{
    uint64_t hash = hash_seed[0] ^ size;
    for (const char *at = data; size; ) {
        uint64_t words[2] = {0};
        const size_t step = size < sizeof words ? size : sizeof words;
        memcpy(words, at, step);
        hash = hash_fold(hash ^ words[0], hash_seed[1] ^ words[1]);
        at += step, size -= step;
    }
    return hash;
}
