/* SPDX-License-Identifier: MIT
 * What the tests of source share: a folder of files, a configuration by hand, and all the loglines of a source. */
#ifndef SOURCE_TESTING_H
#define SOURCE_TESTING_H

#include "base/buffer.h"
#include "base/memory.h"
#include "source/source_impl.h"

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

/* ---- a folder, current while the test runs */

__attribute__((unused)) static char test_folder[32];

__attribute__((unused)) static void enter_folder(void)
{
    strcpy(test_folder, "/tmp/source.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(test_folder));
    ck_assert_int_eq(chdir(test_folder), 0);
}

static inline int remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    return remove(path);
}

__attribute__((unused)) static void leave_folder(void)
{
    ck_assert_int_eq(chdir("/"), 0);
    nftw(test_folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void write_file(const char *name, const void *data, size_t size)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, data, size), (ssize_t)size);
    close(fd);
}

static inline void write_text(const char *name, const char *text)
{
    write_file(name, text, strlen(text));
}

/* ---- compressed bytes, one member or frame */

static inline void add_gzip(struct buffer *to, const void *data, size_t size)
{
    z_stream z = {0};
    ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t bound = deflateBound(&z, size);
    z.next_in = (unsigned char *)(uintptr_t)data, z.avail_in = (uInt)size;
    z.next_out = (unsigned char *)buffer_reserve(to, bound), z.avail_out = (uInt)bound;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    to->size += z.total_out;
    deflateEnd(&z);
}

static inline void add_zstd(struct buffer *to, const void *data, size_t size)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    size_t bound = ZSTD_compressBound(size);
    size_t count = ZSTD_compress2(context, buffer_reserve(to, bound), bound, data, size);
    ck_assert(!ZSTD_isError(count));
    to->size += count;
    ZSTD_freeCCtx(context);
}

/* ---- a source */

enum { TEST_PATHS_MAX = 8 };

struct test_source {
    struct config config;
    struct config_text paths[TEST_PATHS_MAX];
    struct diagnostics diagnostics;
    struct source *source;
};

/* Paths up to NULL, at lines 1, 2, ... of the pipeline file. */
static inline void open_source(struct test_source *test, const char *const *paths, uint64_t max_line, const char *folder)
{
    *test = (struct test_source){0};
    size_t count = 0;
    for (; paths[count]; count++) {
        ck_assert_uint_lt(count, TEST_PATHS_MAX);
        test->paths[count] = (struct config_text){(char *)(uintptr_t)paths[count], {"p.yaml", (unsigned)count + 1, 3}};
    }
    test->config.folder = (char *)(uintptr_t)folder;
    test->config.source.paths = test->paths;
    test->config.source.path_count = count;
    test->config.source.max_line = max_line;
    test->source = source_create(&test->config, &test->diagnostics);
    ck_assert_ptr_nonnull(test->source);
}

static inline void close_source(struct test_source *test)
{
    source_destroy(test->source);
    diagnostics_finish(&test->diagnostics);
}

/* Tells all that a logline is, as one line of text. */
static inline void tell_line(struct buffer *to, const char *source, uint64_t line, uint64_t offset, const char *data, size_t size,
                             uint64_t full_size)
{
    buffer_format(to, "%s:%" PRIu64 "@%" PRIu64 "/%" PRIu64 " ", source, line, offset, full_size);
    buffer_add_json_string(to, data, size);
    buffer_add_text(to, "\n");
}

/* Plays all the source, or up to its fault; checks what every block promises. The status is that of the last source_next(). */
static inline int play(struct source *source, uint64_t max_line, struct buffer *told, struct error *error)
{
    struct block block;
    int status;
    while ((status = source_next(source, &block, error)) > 0) {
        struct block_lines lines = block_lines(&block);
        struct logline line;
        ck_assert_uint_gt(block.size, 0);
        ck_assert(block.data[block.size - 1] == '\n' || block.data[block.size] == '\n');
        volatile char sum = 0; /* the padding can be read */
        for (size_t i = 0; i < SOURCE_PADDING; i++) sum = (char)(sum + block.data[block.size + i]);
        while (block_lines_next(&lines, &line)) {
            ck_assert_uint_le(line.size, max_line);
            ck_assert(line.data[line.size] == '\n' || line.data[line.size] == '\r');
            ck_assert(block.oversize ? logline_full_size(&line) > max_line && line.size == max_line
                                     : logline_full_size(&line) == line.size);
            tell_line(told, logline_source(&line), logline_line(&line), logline_offset(&line), line.data, line.size,
                      logline_full_size(&line));
        }
    }
    buffer_add(told, "", 1);
    return status;
}

#endif
