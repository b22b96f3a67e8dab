/* SPDX-License-Identifier: MIT
 * logline: one record of input, and the block of whole lines that it is in. */
#ifndef BASE_LOGLINE_H
#define BASE_LOGLINE_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that may be read past a block's end. Their content is unspecified, with one
 * exception: if the last byte of the block is not LF, LF follows it. */
enum { SOURCE_PADDING = 64 };

/* Whole lines of one file. Valid until its buffer is reused: by the caller if the
 * buffer is the caller's, otherwise by the next source_next(). */
struct block {
    /* name of the file, as rejects give it; lives as long as the source */
    const char *source;
    const char *data;
    /* bytes, never 0; the last line of a file may end without LF, every other line
     * ends with one */
    size_t size;
    uint64_t offset;   /* of data[0] in the (uncompressed) file, in bytes */
    uint64_t line;     /* number of the first line, from 1 */
    /* not 0: the block is one line longer than max_line; this is its size without its
     * line end, and `data` holds its first max_line bytes. 0: no line is longer than
     * max_line */
    uint64_t oversize;
};

/* One record of input. The bytes are borrowed from the block and followed by '\n' or
 * "\r\n". Its place in the log is computed on demand, which is rare. */
struct logline {
    const char *data;
    size_t size; /* without LF, and without the CR of a CRLF */
    const struct block *block;
    uint32_t number; /* in the block, from 0 */
};

/* The name of its file, its number there, from 1, and the offset of its first byte.
 * All async-signal-safe. */
static inline const char *logline_source(const struct logline *line)
{
    return line->block->source;
}
static inline uint64_t logline_line(const struct logline *line)
{
    return line->block->line + line->number;
}
static inline uint64_t logline_offset(const struct logline *line)
{
    return line->block->offset + (uint64_t)(line->data - line->block->data);
}
/* Its size in the file, which exceeds `size` if the line is over max_line. */
static inline uint64_t logline_full_size(const struct logline *line)
{
    return line->block->oversize ? line->block->oversize : line->size;
}

/* block_end(): the end of the block. block_next(): given the end of a line, at its LF
 * or CRLF or at the end of the block, the start of the next line, or the end of the
 * block. */
static inline const char *block_end(const struct block *block)
{
    return block->data + block->size;
}
COLD const char *block_next_rare(const struct block *block, const char *end);
static inline const char *block_next(const struct block *block, const char *end)
{
    return LIKELY(*end == '\n' && end < block_end(block)) ? end + 1 : block_next_rare(block, end);
}

/* The line that begins here; its end is not known yet. */
struct logline block_line(const struct block *block, const char *start, uint32_t number);

/* Iterates over all lines of a block, in order. */
struct block_lines {
    const struct block *block;
    const char *next;
    uint32_t number;
};
static inline struct block_lines block_lines(const struct block *block)
{
    return (struct block_lines){block, block->data, 0};
}
bool block_lines_next(struct block_lines *lines, struct logline *line);

#endif
