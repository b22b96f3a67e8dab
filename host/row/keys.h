/* SPDX-License-Identifier: MIT
 * keys: the words at the front of a row or an entry, which name it. */
#ifndef STATE_KEYS_H
#define STATE_KEYS_H

#include "base/compiler.h"
#include "row/hash.h"
#include "row/layout.h"
#include "row/packed_string.h"

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
    if (UNLIKELY(has_long_key(layout, row))) return hash_long_keys(layout, row);
    return hash_words((const uint64_t *)row, layout->key_words);
}

/* Have two rows, or a row and an entry, the same keys? `any_long`: some row has a long text in its key. */
bool long_keys_equal(const struct layout *layout, const uint64_t *a, const uint64_t *b);
static inline bool keys_equal(const struct layout *layout, bool any_long, const uint64_t *a, const uint64_t *b)
{
    uint64_t difference = 0;
    for (uint32_t i = 0; i < layout->key_words; i++) difference |= a[i] ^ b[i];
    return !difference || (any_long && long_keys_equal(layout, a, b));
}

#endif
