/* SPDX-License-Identifier: MIT
 * plain: the bytes of a file or of standard input, as stored. */
#define _GNU_SOURCE
#include "source/source_impl.h"
#include "base/descriptor.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct plain {
    struct byte_stream stream;
    int fd;
    struct identity identity;
    const atomic_bool *cancelled;
    atomic_uint_fast64_t *taken;
    unsigned char head[MAGIC_SIZE_MAX]; /* peeked at, not yet taken */
    size_t head_size;
};

static ssize_t read_fd(const struct plain *plain, void *data, size_t size, struct error *error)
{
    ssize_t count;
    if (!identity_holds(&plain->identity, plain->fd))
        return error_set(error, "something else in this process closed it, or put another file in its place"), -1;
    do count = descriptor_read(plain->fd, data, size);
    while (count < 0 && errno == EINTR && !atomic_load(plain->cancelled));
    if (count < 0) error_set(error, "%s", strerror(errno));
    else atomic_fetch_add_explicit(plain->taken, (uint_fast64_t)count, memory_order_relaxed);
    return count;
}

static ssize_t plain_read(struct byte_stream *stream, char *data, size_t size, struct error *error)
{
    struct plain *plain = (struct plain *)stream;
    if (!plain->head_size) return read_fd(plain, data, size, error);
    size_t count = size < plain->head_size ? size : plain->head_size;
    memcpy(data, plain->head, count);
    memmove(plain->head, plain->head + count, plain->head_size - count);
    plain->head_size -= count;
    return (ssize_t)count;
}

static void plain_destroy(struct byte_stream *stream)
{
    struct plain *plain = (struct plain *)stream;
    if (plain->fd != STDIN_FILENO) close(plain->fd);
    free(plain);
}

struct byte_stream *plain_open(const char *path, const atomic_bool *cancelled, atomic_uint_fast64_t *taken, struct error *error)
{
    int fd = STDIN_FILENO;
    struct stat status;
    if (path) {
        do fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        /* opening a FIFO waits for its writer */
        while (fd < 0 && errno == EINTR && !atomic_load(cancelled));
        if (fd < 0) return error_set(error, "%s", strerror(errno)), NULL;
    }
    if (fstat(fd, &status)) return error_set(error, "%s", strerror(errno)), NULL;
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    struct plain *plain = allocate(sizeof *plain);
    plain->stream = (struct byte_stream){plain_read, plain_destroy};
    plain->fd = fd;
    plain->identity = identity_of(&status);
    plain->cancelled = cancelled;
    plain->taken = taken;
    return &plain->stream;
}

ssize_t plain_peek(struct byte_stream *stream, size_t size, const unsigned char **bytes, struct error *error)
{
    struct plain *plain = (struct plain *)stream;
    while (plain->head_size < size) {
        ssize_t count = read_fd(plain, plain->head + plain->head_size, sizeof plain->head - plain->head_size, error);
        if (count < 0) return -1;
        if (!count) break;
        plain->head_size += (size_t)count;
    }
    *bytes = plain->head;
    return (ssize_t)plain->head_size;
}
