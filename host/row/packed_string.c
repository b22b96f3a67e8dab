/* SPDX-License-Identifier: MIT */
#include "row/packed_string.h"
#include "base/memory.h"
#include "row/hash.h"

enum { MANY = 128 }; /* bytes */

#ifdef TEXT_SSE2
#define SIZE(n) [n] = {[15] = (n)}
_Alignas(64) const struct text_lanes text_lanes = {
    .mask = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255},
    .sizes = {SIZE(1), SIZE(2), SIZE(3), SIZE(4), SIZE(5), SIZE(6), SIZE(7), SIZE(8), SIZE(9), SIZE(10), SIZE(11), SIZE(12),
              SIZE(13), SIZE(14), SIZE(15)},
};
#endif

/* One step; returns the hash. */
static inline uint64_t pack_step(uint64_t hash, const char *from, char *to, uint64_t *any)
{
    uint64_t a, b;
    memcpy(&a, from, 8), memcpy(&b, from + 8, 8);
    if (to) memcpy(to, &a, 8), memcpy(to + 8, &b, 8);
    *any |= a | b;
    return hash_fold(hash ^ a, hash_seed[1] ^ b);
}

static inline bool pack_long(etl_string text, char *to, uint64_t words[2])
{
    uint64_t hash = hash_seed[0] ^ text.size, any = 0;
    size_t last = text.size - 16;
    for (size_t at = 0; at < last; at += 16) hash = pack_step(hash, text.data + at, to ? to + at : NULL, &any);
    hash = pack_step(hash, text.data + last, to ? to + last : NULL, &any);
    words[0] = (uintptr_t)(to ? to : text.data);
    words[1] = (uint64_t)TEXT_LONG_MARK << 56 | hash >> 40 << 32 | (uint32_t)text.size;
    return !(any & 0x8080808080808080u);
}

void text_pack_long(etl_string text, uint64_t words[2])
{
    pack_long(text, NULL, words);
}

bool text_copy_long(etl_string text, char *to, uint64_t words[2])
{
    return pack_long(text, to, words);
}

etl_string text_in_one_line(etl_string json, struct scratch *scratch)
{
    if (!memchr(json.data, '\n', json.size) && !memchr(json.data, '\r', json.size)) return json;
    char *copy = memcpy(scratch_allocate(scratch, json.size), json.data, json.size);
    for (char *at = copy; at < copy + json.size; at++)
        if (*at == '\n' || *at == '\r') *at = ' ';
    return (etl_string){copy, json.size};
}

int text_compare(const uint64_t a[2], const uint64_t b[2])
{
    return etl_string_compare(text_view(a), text_view(b));
}

bool text_equal(const uint64_t a[2], const uint64_t b[2])
{
    if (a[1] != b[1]) return false;
    if (a[0] == b[0]) return true;
    if (!text_is_long(a)) return false;
    const char *x = (const char *)(uintptr_t)a[0], *y = (const char *)(uintptr_t)b[0];
    size_t last = (uint32_t)a[1] - 8;
    if (last >= MANY) return !memcmp(x, y, last + 8);
    uint64_t difference = text_load(x + last, 8) ^ text_load(y + last, 8); /* mostly they are equal, and no call is worth it */
    for (size_t at = 0; at < last; at += 8) difference |= text_load(x + at, 8) ^ text_load(y + at, 8);
    return !difference;
}

long text_own(uint64_t words[2])
{
    if (!text_is_long(words)) return 0;
    etl_string text = text_view(words);
    words[0] = (uintptr_t)memcpy(reallocate(NULL, text.size), text.data, text.size);
    return (long)text.size;
}

long text_replace(uint64_t owned[2], const uint64_t borrowed[2])
{
    long before = text_is_long(owned) ? (long)(uint32_t)owned[1] : 0;
    if (!text_is_long(borrowed)) {
        text_release(owned);
        owned[0] = borrowed[0], owned[1] = borrowed[1];
        return -before;
    }
    etl_string text = text_view(borrowed);
    void *memory = reallocate(text_is_long(owned) ? (void *)(uintptr_t)owned[0] : NULL, text.size);
    owned[0] = (uintptr_t)memcpy(memory, text.data, text.size);
    owned[1] = borrowed[1];
    return (long)text.size - before;
}

long text_release(uint64_t words[2])
{
    if (!text_is_long(words)) return 0;
    free((void *)(uintptr_t)words[0]);
    return -(long)(uint32_t)words[1];
}
