/* SPDX-License-Identifier: MIT
 * source: where loglines come from. Files, folders, globs and standard input, plain or compressed, become blocks of whole lines
 * in buffers that are used again and again, so that memory depends neither on the length of the log nor on that of a line. */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include "base/diagnostic.h"
#include "base/error.h"
#include "config/config.h"

#include <stdint.h>
#include <string.h>

/* Bytes that may be read past a block's end. Their content is not said, but for one case: where the last byte of the block
 * is not LF, LF follows it. */
enum { SOURCE_PADDING = 64 };

/* Whole lines of one file. Valid until its buffer is used again: the caller's, or by the next source_next() the source's own. */
struct block {
    const char *source; /* name of the file, as rejects give it; lives as long as the source */
    const char *data;
    size_t size;       /* bytes, never 0; the last line of a file may end without LF, every other line ends with one */
    uint64_t offset;   /* of data[0] in the (uncompressed) file, in bytes */
    uint64_t line;     /* number of the first line, from 1 */
    uint64_t oversize; /* not 0: the block is one line longer than max_line, of so many bytes without its line end; data are its
                          first max_line bytes. 0: no line is longer than max_line */
};

/* One record of input. The bytes are borrowed from the block, and followed by '\n' or "\r\n". Where it stands in the log is
 * worked out when somebody asks, which is seldom. */
struct logline {
    const char *data;
    size_t size; /* without LF, and without the CR of a CRLF */
    const struct block *block;
    uint32_t number; /* in the block, from 0 */
};

/* The name of its file, its number there, from 1, and the offset of its first byte; async-signal-safe. */
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
/* Its size in the file: more than `size` where it is over max_line. */
static inline uint64_t logline_full_size(const struct logline *line)
{
    return line->block->oversize ? line->block->oversize : line->size;
}

struct source;

/* Finds and checks all the files (missing, matched by nothing, reached twice: diagnostics at their place); reads nothing.
 * Never NULL. */
struct source *source_create(const struct config *config, struct diagnostics *diagnostics);
/* The next block: 1; 0: the end; -1: a read error, a truncated or corrupt compressed file. The lines that were complete before
 * the fault have been given by then. Waits for no more than one line, so that a pipe plays as it is written. */
int source_next(struct source *source, struct block *block, struct error *error);
/* The same into a buffer of the caller's, where the block stays until the caller uses that buffer again: so several blocks can be
 * at hand at a time. Of all buffers used, the last is looked at once more by the next call. One call at a time. */
struct source_buffer {
    char *data; /* starts as {0} */
    size_t capacity;
};
int source_next_into(struct source *source, struct source_buffer *buffer, struct block *block, struct error *error);
/* How many lines the block had that was given last, by whoever has counted them anyway, before the next call; */
void source_tell_lines(struct source *source, uint64_t lines);
/* or counts them; otherwise the next call does so. Where that is another thread's, the block would move to its cache, and back
 * while it is handled. */
void source_count_lines(struct source *source);
/* No more is wanted. A call that waits for bytes fails at the next signal that its thread gets. Any thread. */
void source_cancel(struct source *source);
void source_buffer_finish(struct source_buffer *buffer);
/* Files of the source, for checks against outputs and for `check`: the resolved path, NULL for standard input. */
size_t source_file_count(const struct source *source);
const char *source_file_path(const struct source *source, size_t index);
/* How far it has come, for those who wait: bytes of the files as they are stored (0: not known, one is a pipe), and how many of
 * them were read. Any thread. */
uint64_t source_bytes(const struct source *source);
uint64_t source_bytes_read(const struct source *source);
void source_destroy(struct source *source);

/* Where a block ends, and where the next line begins, or the block ends, behind a line that ends here: at its LF or CRLF, or
 * with the block. */
static inline const char *block_end(const struct block *block)
{
    return block->data + block->size;
}
__attribute__((cold)) const char *block_next_rare(const struct block *block, const char *end);
static inline const char *block_next(const struct block *block, const char *end)
{
    return __builtin_expect(*end == '\n' && end < block_end(block), 1) ? end + 1 : block_next_rare(block, end);
}

/* The line that begins here, of which the end is not known yet. */
struct logline block_line(const struct block *block, const char *start, uint32_t number);

/* All lines of a block, one after the other. */
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
