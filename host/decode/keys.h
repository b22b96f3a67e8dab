/* SPDX-License-Identifier: MIT
 * keys: a hash table from (parent, key) to a number, for short keys inside a longer
 * buffer: the first 16 bytes are loaded and compared as two words, whatever the key's
 * length. */
#ifndef DECODE_KEYS_H
#define DECODE_KEYS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* readable bytes that a key passed to keys_find() needs from its start, or beyond its
 * end */
enum { KEY_PADDING = 16 };

struct key {
    uint64_t words[2]; /* the first 16 bytes, zero beyond the end */
    const char *text;  /* owned */
    uint32_t size, parent;
    uint32_t number; /* 0: this place is free */
};

/* Starts as {0}. */
struct keys {
    struct key *places;
    uint32_t mask, count; /* number of places - 1; places taken */
    size_t limit;         /* bytes of the longest key, plus 1; 0 without keys */
};

/* Adds a new key and copies its text. `number` counts from 1. */
void keys_add(struct keys *keys, uint32_t parent, const char *text, size_t size, uint32_t number);
void keys_finish(struct keys *keys);

extern const unsigned char key_masks[32]; /* 16 bytes 0xFF, then 16 bytes 0 */

static inline void key_words(const char *text, size_t size, uint64_t words[2])
{
    const unsigned char *mask = key_masks + (size < 16 ? 16 - size : 0);
    uint64_t masks[2];
    memcpy(words, text, 16);
    memcpy(masks, mask, 16);
    words[0] &= masks[0], words[1] &= masks[1];
}

static inline uint64_t key_hash(const uint64_t words[2], uint32_t parent, const char *text, size_t size)
{
    __extension__ typedef unsigned __int128 product;
    product mixed = (product)(words[0] ^ 0x9E3779B97F4A7C15u ^ parent) * (words[1] ^ 0xC2B2AE3D27D4EB4Fu ^ (uint64_t)size << 32);
    uint64_t hash = (uint64_t)mixed ^ (uint64_t)(mixed >> 64);
    for (size_t i = 16; i < size; i++) hash = (hash ^ hash >> 29 ^ (unsigned char)text[i]) * 0x165667B19E3779F9u;
    return hash ^ hash >> 32;
}

/* The number of this key under this parent; 0: not found. */
static inline uint32_t keys_find(const struct keys *keys, uint32_t parent, const char *text, size_t size)
{
    if (size >= keys->limit) return 0; /* also true for an empty table */
    uint64_t words[2];
    key_words(text, size, words);
    for (uint32_t at = (uint32_t)key_hash(words, parent, text, size) & keys->mask;; at = (at + 1) & keys->mask) {
        const struct key *key = &keys->places[at];
        if (!key->number) return 0;
        if (key->words[0] == words[0] && key->words[1] == words[1] && key->size == size && key->parent == parent &&
            (size <= 16 || !memcmp(key->text + 16, text + 16, size - 16)))
            return key->number;
    }
}

#endif
