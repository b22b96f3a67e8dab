/* SPDX-License-Identifier: MIT
 * The counter of line feeds, and the choice of its variant. */
#include "source/feeds.h"
#include "base/compiler.h"
#include "base/cpu.h"

INLINE uint64_t count(const char *data, size_t size)
{
    enum { LANES = 64, ROUNDS_MAX = UINT8_MAX };
    uint64_t feeds = 0;
    while (size >= LANES) {
        uint8_t counts[LANES] = {0};
        size_t rounds = size / LANES < ROUNDS_MAX ? size / LANES : ROUNDS_MAX;
        for (size_t round = 0; round < rounds; round++, data += LANES)
            for (size_t i = 0; i < LANES; i++) counts[i] += data[i] == '\n';
        for (size_t i = 0; i < LANES; i++) feeds += counts[i];
        size -= rounds * LANES;
    }
    for (size_t i = 0; i < size; i++) feeds += data[i] == '\n';
    return feeds;
}

uint64_t feeds_count_plain(const char *data, size_t size)
{
    return count(data, size);
}

#ifdef __x86_64__
__attribute__((target("avx2"))) uint64_t feeds_count_avx2(const char *data, size_t size)
{
    return count(data, size);
}
#endif

feeds_counter *feeds_choose(void)
{
#ifdef __x86_64__
    if (cpu_has_avx2()) return feeds_count_avx2;
#endif
    return feeds_count_plain;
}
