/* SPDX-License-Identifier: MIT
 * source: the origin of loglines. Files, folders, globs and standard input, plain or
 * compressed, become blocks of whole lines in buffers that are reused, so that memory
 * depends neither on the length of the log nor on that of a line. */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include "base/diagnostic.h"
#include "base/error.h"
#include "base/logline.h"
#include "config/config.h"

#include <stdint.h>

struct source;

/* Finds and checks all files (missing, matched by nothing, reached twice: diagnostics
 * at their place). Reads nothing. Never NULL. */
struct source *source_create(const struct config *config, struct diagnostics *diagnostics);
/* Gives the next block: 1; the end: 0; a read error, or a truncated or corrupt
 * compressed file: -1. Lines that were complete before the fault are given first.
 * Waits for no more than one line, so that a pipe plays as it is written. */
int source_next(struct source *source, struct block *block, struct error *error);
/* The same into a buffer of the caller's. The block stays valid until the caller
 * reuses that buffer, so several blocks can be in flight. The next call still reads
 * from the previous buffer, so it must not have been freed. One call at a time. */
struct source_buffer {
    char *data; /* starts as {0} */
    size_t capacity;
};
int source_next_into(struct source *source, struct source_buffer *buffer, struct block *block, struct error *error);
/* Reports the number of lines of the last block, if the caller has counted them.
 * Before the next call of source_next(). */
void source_tell_lines(struct source *source, uint64_t lines);
/* Counts the lines of the last block now, while they are in this thread's cache.
 * Otherwise the next call counts them; on another thread that would move the block to
 * its cache and back. */
void source_count_lines(struct source *source);
/* Cancels reading. A call that waits for bytes fails at the next signal that its
 * thread gets. Any thread. */
void source_cancel(struct source *source);
void source_buffer_finish(struct source_buffer *buffer);
/* The files of the source, for checks against outputs and for `check`: the resolved
 * path; NULL: standard input. */
size_t source_file_count(const struct source *source);
const char *source_file_path(const struct source *source, size_t index);
/* Progress: bytes of the files as stored (0: not known, because one is a pipe), and
 * how many of them were read. Any thread. */
uint64_t source_bytes(const struct source *source);
uint64_t source_bytes_read(const struct source *source);
void source_destroy(struct source *source);

#endif
