/* SPDX-License-Identifier: MIT
 * What a kind of source bytes fills in. A kind is one file and one row of the table in source.c: it is chosen by the magic
 * bytes at the start of a file, never by a name, and reads through the stream of the bytes as they are stored. */
#ifndef SOURCE_SOURCE_IMPL_H
#define SOURCE_SOURCE_IMPL_H

#include "base/error.h"
#include "source/source.h"

#include <stdatomic.h>
#include <sys/types.h>

/* Bytes in a row, as loglines stand in them: uncompressed. A kind begins its own struct with this one. */
struct byte_stream {
    /* Waits for bytes, then gives what is there: how many (1 to `size`); 0: the end; -1: no more bytes can be had, and `error`
     * says why, without the file's name. What comes before a fault is given first, and how much that is does not depend on
     * `size`. Not called again after 0 or -1. */
    ssize_t (*read)(struct byte_stream *stream, char *data, size_t size, struct error *error);
    void (*destroy)(struct byte_stream *stream);
};

enum { MAGIC_SIZE_MAX = 4 };

struct byte_stream_kind {
    const char *name;
    unsigned char magic[MAGIC_SIZE_MAX], mask[MAGIC_SIZE_MAX]; /* of the first bytes; the mask says which bits count */
    size_t magic_size;
    /* Owns `below`, whose first bytes are the magic. */
    struct byte_stream *(*create)(struct byte_stream *below);
};

/* The bytes as they are; *taken grows with them. A path of NULL is standard input, which is not closed in the end. A signal ends
 * the wait for bytes, with an error, if *cancelled is set by then. */
struct byte_stream *plain_open(const char *path, const atomic_bool *cancelled, atomic_uint_fast64_t *taken, struct error *error);
/* Looks at the first bytes without taking them: waits until there are `size` of them, at most MAGIC_SIZE_MAX, or the stream
 * ends. How many there are, which may be more than asked for; -1: an error. */
ssize_t plain_peek(struct byte_stream *plain, size_t size, const unsigned char **bytes, struct error *error);
struct byte_stream *gzip_create(struct byte_stream *below);
struct byte_stream *zstd_create(struct byte_stream *below);

/* For tests: how much is read at once. Before the first source_next(). */
void source_set_block_size(struct source *source, size_t bytes);

#endif
