/* SPDX-License-Identifier: MIT
 * texts: memory for the long texts of a shard's keys. Keys never change, so a text is only ever added with its row, and given
 * back if the row is removed: texts stand side by side in huge pages, those given back are used again for texts of about their
 * size, and without removals the end of a table is no walk over its rows. With a malloc() a row, a log of keys of 40 characters
 * took an eighth more instructions, and 8 bytes more a row. Texts of more than TEXTS_SIZE_MAX bytes have memory of their own. */
#ifndef STATE_TEXTS_H
#define STATE_TEXTS_H

#include "base/memory.h"

#include <stdbool.h>

enum { TEXTS_SIZE_MAX = 1024, TEXTS_CLASSES = TEXTS_SIZE_MAX / 8 };

/* Starts as {0}. */
struct texts {
    struct range *ranges;           /* the last one has room; none ever moves */
    size_t range_count, used;       /* bytes of the last one */
    void *unused[TEXTS_CLASSES];    /* that were given back, by size; each points to the next */
    size_t held, dead;              /* bytes cut from ranges; of them, those that were given back and are not used again */
    size_t separate;                /* how many have memory of their own */
};

char *texts_copy(struct texts *texts, const char *data, size_t size);
/* Is more dead than alive, and than `slack` bytes? Then the owner copies what is alive to new texts. */
static inline bool texts_are_stale(const struct texts *texts, size_t slack)
{
    return texts->dead > texts->held - texts->dead + slack;
}
void texts_give_back(struct texts *texts, char *data, size_t size);
/* Those that have memory of their own must have been given back. */
void texts_finish(struct texts *texts);

#endif
