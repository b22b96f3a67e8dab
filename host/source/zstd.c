/* SPDX-License-Identifier: MIT
 * zstd: decompression of .zst files by libzstd. */
#include "source/source_impl.h"
#include "base/memory.h"

#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

/* Bounds memory, whatever a frame asks for: 128 MiB, the default of the zstd tool. */
enum { WINDOW_LOG_MAX = 27 };
enum { INPUT_SIZE = 128 * 1024, FRAME_START_SIZE = 5, BLOCK_HEADER_SIZE = 3 };

struct zstd {
    struct byte_stream stream, *below;
    ZSTD_DCtx *context;
    size_t wanted; /* bytes that the decoder asks for next; 0: a frame is complete */
    bool begun;    /* a frame was completed before */
    bool pending;  /* the decoder may still hold decoded bytes */
    ZSTD_inBuffer in;
    char input[INPUT_SIZE];
};

/* How much input the decoder may see at once: never enough to decode more than one
 * block, because after a fault the decoder does not say how much it wrote. It asks for
 * a block and the header of the next. */
static size_t portion(const struct zstd *zstd)
{
    if (zstd->pending) return 0;
    size_t size = zstd->wanted ? zstd->wanted : FRAME_START_SIZE;
    if (size > BLOCK_HEADER_SIZE) size -= BLOCK_HEADER_SIZE;
    size_t there = zstd->in.size - zstd->in.pos;
    return size < there ? size : there;
}

static int decode_failed(const struct zstd *zstd, size_t status, struct error *error)
{
    switch (ZSTD_getErrorCode(status)) {
    case ZSTD_error_memory_allocation:
        die_without_memory();
    case ZSTD_error_frameParameter_windowTooLarge:
        error_set(error, "the zstd data need a window of more than %d MiB; compress them without --ultra or --long above %d",
                  1 << (WINDOW_LOG_MAX - 20), WINDOW_LOG_MAX);
        break;
    case ZSTD_error_prefix_unknown:
        if (zstd->begun) {
            error_set(error, "there is something else after the end of the zstd data; is the file whole, and one .zst file?");
            break;
        } /* fall through */
    default:
        error_set(error, "the zstd data are corrupt: %s", ZSTD_getErrorName(status));
    }
    return -1;
}

/* Reads more input: 1; 0: the end; -1: an error. */
static int refill(struct zstd *zstd, struct error *error)
{
    ssize_t count = zstd->below->read(zstd->below, zstd->input, sizeof zstd->input, error);
    if (count < 0) return -1;
    if (!count && zstd->wanted) {
        error_set(error, "the zstd data end too early: the file is truncated");
        return -1;
    }
    zstd->in = (ZSTD_inBuffer){zstd->input, (size_t)count, 0};
    return count > 0;
}

static ssize_t zstd_read(struct byte_stream *stream, char *data, size_t size, struct error *error)
{
    struct zstd *zstd = (struct zstd *)stream;
    for (;;) {
        if (!zstd->pending && zstd->in.pos == zstd->in.size) {
            int more = refill(zstd, error);
            if (more <= 0) return more;
        }
        ZSTD_inBuffer in = {zstd->input, zstd->in.pos + portion(zstd), zstd->in.pos};
        ZSTD_outBuffer out = {data, size, 0};
        size_t status = ZSTD_decompressStream(zstd->context, &out, &in);
        if (ZSTD_isError(status)) return decode_failed(zstd, status, error);
        zstd->in.pos = in.pos;
        zstd->wanted = status;
        zstd->pending = out.pos == out.size;
        if (!status) zstd->begun = true;
        if (out.pos) return (ssize_t)out.pos;
    }
}

static void zstd_destroy(struct byte_stream *stream)
{
    struct zstd *zstd = (struct zstd *)stream;
    ZSTD_freeDCtx(zstd->context);
    zstd->below->destroy(zstd->below);
    free(zstd);
}

struct byte_stream *zstd_create(struct byte_stream *below)
{
    struct zstd *zstd = allocate(sizeof *zstd);
    zstd->stream = (struct byte_stream){zstd_read, zstd_destroy};
    zstd->below = below;
    zstd->context = ZSTD_createDCtx();
    if (!zstd->context) die_without_memory();
    ZSTD_DCtx_setParameter(zstd->context, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    zstd->wanted = FRAME_START_SIZE;
    return &zstd->stream;
}
