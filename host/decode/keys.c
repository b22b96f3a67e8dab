/* SPDX-License-Identifier: MIT
 * Insertion into the table of keys, and its growth. */
#include "decode/keys.h"
#include "base/memory.h"

#include <stdlib.h>

const unsigned char key_masks[32] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                     0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

static void place(struct keys *keys, const struct key *key)
{
    uint32_t at = (uint32_t)key_hash(key->words, key->parent, key->text, key->size) & keys->mask;
    while (keys->places[at].number) at = (at + 1) & keys->mask;
    keys->places[at] = *key;
}

/* At most a quarter of the places is taken: most keys of a log are unknown, and the
 * first free place ends their look-up. */
static void grow(struct keys *keys)
{
    struct keys old = *keys;
    uint32_t places = old.places ? (old.mask + 1) * 2 : 16;
    keys->places = allocate(places * sizeof *keys->places);
    keys->mask = places - 1;
    for (uint32_t i = 0; old.places && i <= old.mask; i++)
        if (old.places[i].number) place(keys, &old.places[i]);
    free(old.places);
}

void keys_add(struct keys *keys, uint32_t parent, const char *text, size_t size, uint32_t number)
{
    if (!keys->places || (keys->count + 1) * 4 > keys->mask + 1) grow(keys);
    char *copy = allocate(size + KEY_PADDING);
    memcpy(copy, text, size);
    struct key key = {.text = copy, .size = (uint32_t)size, .parent = parent, .number = number};
    key_words(copy, size, key.words);
    place(keys, &key);
    keys->count++;
    if (size >= keys->limit) keys->limit = size + 1;
}

void keys_finish(struct keys *keys)
{
    for (uint32_t i = 0; keys->places && i <= keys->mask; i++) free((char *)keys->places[i].text);
    free(keys->places);
    *keys = (struct keys){0};
}
