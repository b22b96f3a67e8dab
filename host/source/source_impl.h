/* SPDX-License-Identifier: MIT
 * source_impl: the interface of a kind of byte stream. A kind is one file and one row
 * of the table in source.c. It is recognised by the magic bytes at the start of a
 * file, never by a name, and reads the stored bytes from the stream below it. */
#ifndef SOURCE_SOURCE_IMPL_H
#define SOURCE_SOURCE_IMPL_H

#include "base/error.h"
#include "source/source.h"

#include <stdatomic.h>
#include <sys/types.h>

/* Uncompressed bytes in order. A kind begins its own struct with this one. */
struct byte_stream {
    /* Waits for bytes, then gives those that are there: returns their number (1 to
     * `size`); 0: the end; -1: no more bytes can be read, and `error` says why,
     * without the file's name. Bytes before a fault are given first, and their number
     * does not depend on `size`. Not called again after 0 or -1. */
    ssize_t (*read)(struct byte_stream *stream, char *data, size_t size, struct error *error);
    void (*destroy)(struct byte_stream *stream);
};

enum { MAGIC_SIZE_MAX = 4 };

struct byte_stream_kind {
    const char *name;
    /* the first bytes; the mask selects the bits that count */
    unsigned char magic[MAGIC_SIZE_MAX], mask[MAGIC_SIZE_MAX];
    size_t magic_size;
    /* Owns `below`, whose first bytes are the magic. */
    struct byte_stream *(*create)(struct byte_stream *below);
};

/* Opens the bytes as stored; *taken counts them as they are read. A NULL path is
 * standard input, which is not closed. A signal ends the wait for bytes with an error
 * if *cancelled is set by then. */
struct byte_stream *plain_open(const char *path, const atomic_bool *cancelled, atomic_uint_fast64_t *taken, struct error *error);
/* Looks at the first bytes without taking them: waits until there are `size` of them,
 * at most MAGIC_SIZE_MAX, or the stream ends. Returns how many there are, which may be
 * more than `size`; -1: an error. */
ssize_t plain_peek(struct byte_stream *plain, size_t size, const unsigned char **bytes, struct error *error);
struct byte_stream *gzip_create(struct byte_stream *below);
struct byte_stream *zstd_create(struct byte_stream *below);

/* Sets how much is read at once. For tests, before the first source_next(). */
void source_set_block_size(struct source *source, size_t bytes);

#endif
