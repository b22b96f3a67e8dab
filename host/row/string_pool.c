/* SPDX-License-Identifier: MIT */
#include "row/string_pool.h"

#include <stdlib.h>
#include <string.h>

static size_t class_of(size_t size)
{
    return (size + 7) / 8 - 1;
}

static char *cut_new(struct texts *texts, size_t size)
{
    struct range *last = texts->range_count ? &texts->ranges[texts->range_count - 1] : NULL;
    if (!last || last->reserved - texts->used < size) {
        texts->ranges = reallocate(texts->ranges, (texts->range_count + 1) * sizeof *texts->ranges);
        last = &texts->ranges[texts->range_count++];
        *last = (struct range){0};
        texts->used = 0;
    }
    range_grow(last, texts->used + size);
    char *memory = last->data + texts->used;
    texts->used += size, texts->held += size;
    return memory;
}

char *texts_copy(struct texts *texts, const char *data, size_t size)
{
    if (size > TEXTS_SIZE_MAX) {
        texts->separate++;
        return memcpy(reallocate(NULL, size), data, size);
    }
    size_t class = class_of(size);
    char *memory = texts->unused[class];
    if (memory) memcpy(&texts->unused[class], memory, sizeof(void *)), texts->dead -= (class + 1) * 8;
    else memory = cut_new(texts, (class + 1) * 8);
    return memcpy(memory, data, size);
}

void texts_give_back(struct texts *texts, char *data, size_t size)
{
    if (size > TEXTS_SIZE_MAX) {
        texts->separate--;
        free(data);
        return;
    }
    void **first = &texts->unused[class_of(size)];
    memcpy(data, first, sizeof(void *));
    *first = data;
    texts->dead += (class_of(size) + 1) * 8;
}

void texts_finish(struct texts *texts)
{
    for (size_t i = 0; i < texts->range_count; i++) range_finish(&texts->ranges[i]);
    free(texts->ranges);
    *texts = (struct texts){0};
}
