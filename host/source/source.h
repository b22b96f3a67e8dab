/* SPDX-License-Identifier: MIT
 * source: where loglines come from. Files, folders, globs and standard input, plain or compressed, become blocks of whole lines
 * in buffers that are used again and again, so that memory depends neither on the length of the log nor on that of a line. */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include "base/diagnostic.h"
#include "base/error.h"
#include "base/logline.h"
#include "config/config.h"

#include <stdint.h>

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

#endif
