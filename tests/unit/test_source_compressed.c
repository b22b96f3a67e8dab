/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "source_testing.h"
#include "suite.h"

#include <sys/resource.h>

enum { MAX_LINE = 1000 };

/* Loglines of many lengths, hard enough to compress that there are several blocks. */
static void fill(struct buffer *file, size_t size)
{
    uint32_t random = 1;
    for (unsigned line = 0; file->size < size; line++) {
        random = random * 1664525 + 1013904223;
        buffer_format(file, "{\"line\":%u,\"value\":\"%08x%08x\"}%.*s\n", line, random, random * 2654435761u, (int)(random >> 27),
                      "                                ");
    }
}

static int play_file(const char *name, size_t block_size, struct buffer *told, struct error *error)
{
    struct test_source test;
    open_source(&test, (const char *const[]){name, NULL}, MAX_LINE, NULL);
    source_set_block_size(test.source, block_size);
    int status = play(test.source, MAX_LINE, told, error);
    if (status < 0) {
        struct block block;
        struct error again;
        ck_assert_int_eq(source_next(test.source, &block, &again), -1);
        ck_assert_str_eq(error->text, again.text);
    }
    close_source(&test);
    return status;
}

/* A fault is the same fault, after the same lines, however the file is read. The lines are those of `whole`, up to one. */
static int expect_same_fault(const struct buffer *whole, size_t *told_size)
{
    static const size_t block_sizes[] = {1, 61, 4096, 300000};
    struct buffer first = {0};
    struct error first_error = {""};
    int status = play_file("x", block_sizes[0], &first, &first_error);
    if (status < 0) ck_assert(!strncmp(first.data, whole->data, first.size - 1));
    for (size_t i = 1; i < sizeof block_sizes / sizeof *block_sizes; i++) {
        struct buffer told = {0};
        struct error error = {""};
        ck_assert_int_eq(play_file("x", block_sizes[i], &told, &error), status);
        ck_assert_str_eq(error.text, first_error.text);
        ck_assert_str_eq(told.data, first.data);
        buffer_finish(&told);
    }
    *told_size = first.size;
    buffer_finish(&first);
    return status;
}

static void add_both(struct buffer *stored, bool zstd, const char *data, size_t size)
{
    (zstd ? add_zstd : add_gzip)(stored, data, size / 3);
    (zstd ? add_zstd : add_gzip)(stored, data + size / 3, size - size / 3);
}

FIXTURE(enter_folder, leave_folder);

TEST_RANGE(source_compressed__gives_the_same_lines, 0, 2)
{
    struct buffer file = {0}, stored = {0}, expected = {0}, told = {0};
    struct error error;
    fill(&file, 700000);
    write_file("x", file.data, file.size);
    ck_assert_int_eq(play_file("x", 4096, &expected, &error), 0);
    add_both(&stored, _i, file.data, file.size);
    write_file("x", stored.data, stored.size);
    ck_assert_int_eq(play_file("x", 5000, &told, &error), 0);
    ck_assert_str_eq(told.data, expected.data);
    buffer_finish(&file), buffer_finish(&stored), buffer_finish(&expected), buffer_finish(&told);
}

/* Cut anywhere but between two members, the file is known to be truncated; the lines before are given. */
TEST_RANGE(source_compressed__knows_a_truncated_file_wherever_it_is_cut, 0, 2)
{
    struct buffer file = {0}, stored = {0}, whole = {0};
    struct error error;
    size_t told_size, told_before = 0;
    fill(&file, 1200);
    add_both(&stored, _i, file.data, file.size);
    write_file("x", stored.data, stored.size);
    ck_assert_int_eq(play_file("x", 4096, &whole, &error), 0);
    struct buffer first = {0};
    (_i ? add_zstd : add_gzip)(&first, file.data, file.size / 3);
    const size_t member = first.size;
    for (size_t cut = _i ? 4 : 2; cut < stored.size; cut++) {
        write_file("x", stored.data, cut);
        ck_assert_int_eq(expect_same_fault(&whole, &told_size), cut == member ? 0 : -1);
        if (cut == member) continue; /* its last line without LF is whole */
        ck_assert_uint_ge(told_size, told_before);
        told_before = told_size;
    }
    ck_assert_uint_gt(told_before, whole.size / 3);
    buffer_finish(&file), buffer_finish(&stored), buffer_finish(&whole), buffer_finish(&first);
}

/* Whatever byte is wrong: the checksums see it, or it is one that does not matter; nothing depends on how it is read. */
TEST_RANGE(source_compressed__knows_a_corrupt_file, 0, 2)
{
    struct buffer file = {0}, stored = {0};
    size_t faults = 0;
    fill(&file, 800);
    add_both(&stored, _i, file.data, file.size);
    for (size_t at = _i ? 4 : 2; at < stored.size; at++) {
        struct buffer plain = {0}, small = {0};
        struct error plain_error = {""}, small_error = {""};
        stored.data[at] ^= 0x55;
        write_file("x", stored.data, stored.size);
        int status = play_file("x", 100000, &plain, &plain_error);
        ck_assert_int_eq(play_file("x", 13, &small, &small_error), status);
        ck_assert_str_eq(small_error.text, plain_error.text);
        ck_assert_str_eq(small.data, plain.data);
        faults += status < 0;
        stored.data[at] ^= 0x55;
        buffer_finish(&plain), buffer_finish(&small);
    }
    ck_assert_uint_gt(faults, stored.size - 40); /* a gzip header has bytes that do not matter */
    buffer_finish(&file), buffer_finish(&stored);
}

/* A zstd decoder that finds a bad block must not take the good one before it along. */
TEST(source_compressed__gives_all_lines_before_a_bad_block)
{
    struct buffer file = {0}, stored = {0}, whole = {0};
    struct error error;
    size_t told_size;
    fill(&file, 1000000);
    add_zstd(&stored, file.data, file.size);
    write_file("x", stored.data, stored.size);
    ck_assert_int_eq(play_file("x", 4096, &whole, &error), 0);
    /* the header of the block in the middle: found by walking along the blocks, three bytes of size each */
    size_t at = 4 + 1 + (((unsigned char)stored.data[4] & 0x20) ? 0 : 1) + 4;
    size_t blocks = 0;
    for (; blocks < 4; blocks++) {
        const unsigned char *header = (const unsigned char *)stored.data + at;
        unsigned bits = header[0] | header[1] << 8 | (unsigned)header[2] << 16;
        ck_assert_uint_eq(bits & 1, 0); /* not the last */
        at += 3 + (((bits >> 1) & 3) == 1 ? 1 : bits >> 3);
    }
    stored.data[at] |= 6; /* a type of block that does not exist */
    write_file("x", stored.data, stored.size);
    ck_assert_int_eq(expect_same_fault(&whole, &told_size), -1);
    ck_assert_uint_gt(told_size, whole.size / 1000000 * (4 * 128 * 1024 - 100));
    buffer_finish(&file), buffer_finish(&stored), buffer_finish(&whole);
}

#define AT_END "cannot read 'x' at byte 3, in line 2: "
#define NO_GZIP AT_END "there is something else after the end of the gzip data; is the file whole, and one .gz file?"
#define NO_ZSTD AT_END "there is something else after the end of the zstd data; is the file whole, and one .zst file?"

static const struct {
    const char *bytes;
    size_t size;
    bool zstd; /* what stands before the bytes: one member that says "a\nb" */
    const char *error; /* NULL: none */
} tails[] = {
    {"", 0, false, NULL},
    {"\0\0\0\0\0\0\0", 7, false, NULL},
    {"\0\0\0x", 4, false, NO_GZIP},
    {"\0\x1f\x8b\x08", 4, false, NO_GZIP},
    {"garbage", 7, false, NO_GZIP},
    {"\x1f", 1, false, AT_END "the gzip data end too early: the file is truncated"},
    {"\x1fg", 2, false, AT_END "the gzip data are corrupt: incorrect header check"},
    {"", 0, true, NULL},
    {"\x50\x2a\x4d\x18\x02\0\0\0..", 10, true, NULL},
    {"\x50\x2a\x4d\x18\x02\0\0\0.", 9, true, AT_END "the zstd data end too early: the file is truncated"},
    {"garbage", 7, true, NO_ZSTD},
    {"\0\0\0\0\0\0\0", 7, true, NO_ZSTD},
    {"\x28\xb5\x2f\xfd", 4, true, AT_END "the zstd data end too early: the file is truncated"},
};

TEST_EACH(source_compressed__judges_what_follows_the_end, tails)
{
    static const size_t block_sizes[] = {1, 3, 100};
    struct buffer stored = {0};
    (tails[_i].zstd ? add_zstd : add_gzip)(&stored, "a\nb", 3);
    buffer_add(&stored, tails[_i].bytes, tails[_i].size);
    write_file("x", stored.data, stored.size);
    for (size_t i = 0; i < sizeof block_sizes / sizeof *block_sizes; i++) {
        struct buffer told = {0};
        struct error error = {""};
        ck_assert_int_eq(play_file("x", block_sizes[i], &told, &error), tails[_i].error ? -1 : 0);
        ck_assert_str_eq(error.text, tails[_i].error ? tails[_i].error : "");
        ck_assert_str_eq(told.data, tails[_i].error ? "x:1@0/1 \"a\"\n" : "x:1@0/1 \"a\"\nx:2@2/1 \"b\"\n");
        buffer_finish(&told);
    }
    buffer_finish(&stored);
}

TEST(source_compressed__skips_a_frame_at_the_start)
{
    struct buffer stored = {0}, told = {0};
    struct error error;
    buffer_add(&stored, "\x5f\x2a\x4d\x18\x02\0\0\0..", 10);
    add_zstd(&stored, "a\n", 2);
    write_file("x", stored.data, stored.size);
    ck_assert_int_eq(play_file("x", 100, &told, &error), 0);
    ck_assert_str_eq(told.data, "x:1@0/1 \"a\"\n");
    buffer_finish(&stored), buffer_finish(&told);
}

TEST_RANGE(source_compressed__is_no_lines_when_it_is_empty, 0, 2)
{
    struct buffer stored = {0}, told = {0};
    struct error error;
    (_i ? add_zstd : add_gzip)(&stored, "", 0);
    write_file("x", stored.data, stored.size);
    ck_assert_int_eq(play_file("x", 100, &told, &error), 0);
    ck_assert_str_eq(told.data, "");
    write_file("x", stored.data, 4);
    ck_assert_int_eq(play_file("x", 100, &told, &error), -1);
    ck_assert_ptr_nonnull(strstr(error.text, "truncated"));
    buffer_finish(&stored), buffer_finish(&told);
}

TEST(source_compressed__refuses_a_window_beyond_its_memory)
{
    struct buffer told = {0};
    struct error error;
    /* a frame header that asks for a window of 256 MiB, and an empty last block */
    write_file("x", "\x28\xb5\x2f\xfd\x00\x90\x01\x00\x00", 9);
    ck_assert_int_eq(play_file("x", 100, &told, &error), -1);
    ck_assert_str_eq(error.text, "cannot read 'x' at byte 0, in line 1: the zstd data need a window of more than 128 MiB; "
                                 "compress them without --ultra or --long above 27");
    write_file("x", "\x28\xb5\x2f\xfd\x00\x88\x01\x00\x00", 9);
    ck_assert_int_eq(play_file("x", 100, &told, &error), 0);
    buffer_finish(&told);
}

/* A line of 64 MiB, which is 64 KiB of gzip or less of zstd, is counted and not kept. */
TEST_RANGE(source_compressed__takes_no_memory_for_an_endless_line, 0, 2)
{
    struct buffer file = {0}, stored = {0}, told = {0};
    struct rusage before, after;
    struct error error;
    enum { MEMBER = 1 << 20, MEMBERS = 64 };
    memset(buffer_reserve(&file, MEMBER), ' ', MEMBER);
    for (int i = 0; i < MEMBERS; i++) (_i ? add_zstd : add_gzip)(&stored, file.data, MEMBER);
    (_i ? add_zstd : add_gzip)(&stored, "\r\na", 3);
    write_file("x", stored.data, stored.size);
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &before), 0);
    struct test_source test;
    open_source(&test, (const char *const[]){"x", NULL}, 4, NULL);
    ck_assert_int_eq(play(test.source, 4, &told, &error), 0);
    close_source(&test);
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &after), 0);
    ck_assert_str_eq(told.data, "x:1@0/67108864 \"    \"\nx:2@67108866/1 \"a\"\n");
    ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 16 * 1024);
    buffer_finish(&file), buffer_finish(&stored), buffer_finish(&told);
}

SUITE("source_compressed");
