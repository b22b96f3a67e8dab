/* SPDX-License-Identifier: MIT
 * Starts and ends of the lines of a block. */
#include "base/logline.h"

#include <string.h>

const char *block_next_rare(const struct block *block, const char *end)
{
    const char *limit = block_end(block), *next = end < limit && *end == '\r' ? end + 2 : end + 1;
    return next < limit ? next : limit;
}

struct logline block_line(const struct block *block, const char *start, uint32_t number)
{
    const char *limit = block_end(block);
    const char *feed = block->oversize ? NULL : memchr(start, '\n', (size_t)(limit - start));
    const char *end = feed ? feed : limit;
    if (feed && feed > start && feed[-1] == '\r') end--;
    return (struct logline){start, (size_t)(end - start), block, number};
}

bool block_lines_next(struct block_lines *lines, struct logline *line)
{
    if (lines->next == block_end(lines->block)) return false;
    *line = block_line(lines->block, lines->next, lines->number++);
    lines->next = block_next(lines->block, line->data + line->size);
    return true;
}
