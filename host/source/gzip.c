/* SPDX-License-Identifier: MIT
 * gzip: decompression of .gz files by zlib. */
#include "source/source_impl.h"
#include "base/memory.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

enum { INPUT_SIZE = 64 * 1024, WINDOW_BITS_GZIP = 15 + 16, FIRST_BYTE = 0x1f };

/* A .gz file is one or more members in a row. Zeros after the last are padding, as
 * tapes leave them. */
enum gzip_place { IN_MEMBER, AFTER_MEMBER, IN_PADDING };

struct gzip {
    struct byte_stream stream, *below;
    z_stream z;
    enum gzip_place place;
    unsigned char input[INPUT_SIZE];
};

static ssize_t refill(struct gzip *gzip, struct error *error)
{
    ssize_t count = gzip->below->read(gzip->below, (char *)gzip->input, sizeof gzip->input, error);
    gzip->z.next_in = gzip->input;
    gzip->z.avail_in = count > 0 ? (uInt)count : 0;
    return count;
}

/* Between members. 1: another begins; 0: the end; -1: an error. */
static int begin_member(struct gzip *gzip, struct error *error)
{
    for (;;) {
        if (!gzip->z.avail_in) {
            ssize_t count = refill(gzip, error);
            if (count <= 0) return (int)count;
        }
        if (*gzip->z.next_in) break;
        gzip->place = IN_PADDING;
        gzip->z.next_in++, gzip->z.avail_in--;
    }
    if (gzip->place == IN_PADDING || *gzip->z.next_in != FIRST_BYTE) {
        error_set(error, "there is something else after the end of the gzip data; is the file whole, and one .gz file?");
        return -1;
    }
    inflateReset(&gzip->z);
    gzip->place = IN_MEMBER;
    return 1;
}

static int inflate_failed(const struct gzip *gzip, int status, struct error *error)
{
    if (status == Z_MEM_ERROR) die_without_memory();
    error_set(error, "the gzip data are corrupt: %s", gzip->z.msg ? gzip->z.msg : zError(status));
    return -1;
}

static ssize_t gzip_read(struct byte_stream *stream, char *data, size_t size, struct error *error)
{
    struct gzip *gzip = (struct gzip *)stream;
    uInt room = size < UINT_MAX ? (uInt)size : UINT_MAX;
    for (;;) {
        if (gzip->place != IN_MEMBER) {
            int more = begin_member(gzip, error);
            if (more <= 0) return more;
        }
        gzip->z.next_out = (unsigned char *)data;
        gzip->z.avail_out = room;
        int status = inflate(&gzip->z, Z_NO_FLUSH);
        if (status == Z_STREAM_END) gzip->place = AFTER_MEMBER;
        /* a fault recurs and is reported by the next call */
        if (gzip->z.avail_out < room) return (ssize_t)(room - gzip->z.avail_out);
        if (status == Z_STREAM_END) continue;
        if (status != Z_OK && status != Z_BUF_ERROR) return inflate_failed(gzip, status, error);
        if (gzip->z.avail_in) continue;
        ssize_t count = refill(gzip, error);
        if (count < 0) return -1;
        if (!count) {
            error_set(error, "the gzip data end too early: the file is truncated");
            return -1;
        }
    }
}

static void gzip_destroy(struct byte_stream *stream)
{
    struct gzip *gzip = (struct gzip *)stream;
    inflateEnd(&gzip->z);
    gzip->below->destroy(gzip->below);
    free(gzip);
}

struct byte_stream *gzip_create(struct byte_stream *below)
{
    struct gzip *gzip = allocate(sizeof *gzip);
    gzip->stream = (struct byte_stream){gzip_read, gzip_destroy};
    gzip->below = below;
    if (inflateInit2(&gzip->z, WINDOW_BITS_GZIP) != Z_OK) die_without_memory();
    return &gzip->stream;
}
