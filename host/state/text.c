/* SPDX-License-Identifier: MIT */
#include "text.h"
#include "base/memory.h"
#include "state/hash.h"

#ifdef TEXT_SSE2
_Alignas(32) const unsigned char text_masks[32] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
#endif

void text_pack_long(etl_string text, uint64_t words[2])
{
    uint64_t hash = text.size;
    size_t at = 0;
    for (; at + 8 <= text.size; at += 8) hash = hash_mix(hash ^ text_load(text.data + at, 8));
    hash = hash_mix(hash ^ text_load(text.data + at, text.size - at));
    words[0] = (uintptr_t)text.data;
    words[1] = (uint64_t)TEXT_LONG_MARK << 56 | (hash & 0xFFFFFF) << 32 | (uint32_t)text.size;
}

int text_compare(const uint64_t a[2], const uint64_t b[2])
{
    return etl_string_compare(text_view(a), text_view(b));
}

bool text_equal(const uint64_t a[2], const uint64_t b[2])
{
    if (a[1] != b[1]) return false;
    if (a[0] == b[0]) return true;
    return text_is_long(a) && !memcmp((const void *)(uintptr_t)a[0], (const void *)(uintptr_t)b[0], (uint32_t)a[1]);
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
