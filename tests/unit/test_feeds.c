/* SPDX-License-Identifier: MIT */
#include "loglines.h"
#include "source/feeds.h"
#include "suite.h"

static uint64_t naive(const char *data, size_t size)
{
    uint64_t feeds = 0;
    for (size_t i = 0; i < size; i++) feeds += data[i] == '\n';
    return feeds;
}

/* At the very end of what can be read, so that a byte behind it kills the test. */
static void expect_naive(const char *data, size_t size)
{
    char *copy = loglines_guarded() + LOGLINES_ROOM - size;
    memcpy(copy, data, size);
    const uint64_t feeds = naive(data, size);
    ck_assert_uint_eq(feeds_count_plain(copy, size), feeds);
    ck_assert_uint_eq(feeds_choose()(copy, size), feeds);
}

TEST(feeds__are_counted_in_texts_of_any_size)
{
    char text[300];
    for (size_t size = 0; size <= sizeof text; size++)
        for (unsigned round = 0; round < 20; round++) {
            for (size_t i = 0; i < size; i++) text[i] = loglines_random() % 3 ? (char)loglines_random() : '\n';
            expect_naive(text, size);
        }
}

TEST(feeds__of_each_byte_only_a_line_feed_counts)
{
    for (int byte = 0; byte < 256; byte++)
        for (size_t at = 0; at < 130; at++) {
            char text[130] = {0};
            text[at] = (char)byte;
            expect_naive(text, sizeof text);
        }
}

/* A counter of one byte is full after 255 rounds of 64 bytes. */
TEST(feeds__are_counted_where_all_bytes_are_some)
{
    enum { FULL = 255 * 64 };
    static char text[3 * FULL + 100];
    static const size_t sizes[] = {FULL - 1, FULL, FULL + 1, FULL + 64, 2 * FULL, 2 * FULL + 63, sizeof text};
    memset(text, '\n', sizeof text);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) expect_naive(text, sizes[i]);
}

SUITE("feeds");
