/* SPDX-License-Identifier: MIT
 * keys: the words at the front of a row or an entry, which name it. */
#ifndef STATE_KEYS_H
#define STATE_KEYS_H

#include "state/hash.h"
#include "state/layout.h"
#include "state/text.h"

static inline bool has_long_key(const struct layout *layout, const void *row)
{
    bool is_long = false;
    for (uint32_t i = 0; i < layout->text_key_count; i++) is_long |= text_is_long((const uint64_t *)row + layout->text_keys[i]);
    return is_long;
}

/* Hash of the keys of an entry or row. A long text counts by its hash and size, not by where it lies. */
uint32_t hash_long_keys(const struct layout *layout, const void *row);
static inline uint32_t hash_keys(const struct layout *layout, const void *row)
{
    if (__builtin_expect(has_long_key(layout, row), 0)) return hash_long_keys(layout, row);
    return hash_words((const uint64_t *)row, layout->key_words);
}

#endif
