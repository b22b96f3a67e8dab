/* SPDX-License-Identifier: MIT
 * chunk: which lines a part has, and what of a chunk is left. */
#include "run/chunk.h"
#include "suite.h"


enum { PRODUCERS = 3 };

static struct chunk chunk;
static const struct block block = {"log", "1\n2\n3\n4\n5\n6\n", 12, 0, 1, 0};

static void setup(void)
{
    chunk_init(&chunk, NULL, PRODUCERS, false);
    chunk_reset(&chunk, 7, false, 0);
    chunk_begin(&chunk, &block);
}

static void teardown(void)
{
    chunk_finish(&chunk);
}

/* The first producer reads, so many lines more; the others play up to these. */
static void play(uint32_t lines, uint32_t second, uint32_t third)
{
    for (; lines; lines--) {
        ck_assert(!chunk_is_read(&chunk));
        chunk_reserve(&chunk, chunk.line_count);
        chunk.lines[chunk.line_count++] = chunk_line(&chunk, chunk.next, outcome_of(0, FATE_HANDLED));
        chunk.next = block_next(&block, chunk.next + 1);
    }
    chunk.journals[0].played = chunk.line_count;
    chunk.journals[1].played = second;
    chunk.journals[2].played = third;
    chunk_end_part(&chunk);
}

FIXTURE(setup, teardown);

TEST(chunk__ends_its_part_where_all_have_played)
{
    play(4, 2, 3);
    ck_assert_uint_eq(chunk.from, 0);
    ck_assert_uint_eq(chunk.until, 2);
    ck_assert(!chunk_is_whole(&chunk) && !chunk_is_played_by(&chunk, 0) && !chunk_is_played_by(&chunk, 1));
    chunk_next_part(&chunk);
    ck_assert(chunk.goes_on && !chunk.read && !chunk.settled && chunk.busy);
    ck_assert_uint_eq(chunk.part, 1);
    ck_assert_uint_eq(chunk.from, 2);
    ck_assert_uint_eq(chunk.played, 0);

    play(2, 6, 5);
    ck_assert_uint_eq(chunk.until, 5);
    ck_assert(!chunk_is_whole(&chunk) && chunk_is_played_by(&chunk, 0));
    ck_assert(chunk_is_played_by(&chunk, 1) && !chunk_is_played_by(&chunk, 2));
    chunk_next_part(&chunk);
    ck_assert_uint_eq(chunk.from, 5);
    ck_assert_uint_eq(chunk.played, 1); /* by the owner that has nothing left */

    play(0, 6, 6);
    ck_assert_uint_eq(chunk.until, 6);
    ck_assert(chunk_is_whole(&chunk));
}

TEST(chunk__is_empty_for_another_block)
{
    play(6, 6, 6);
    chunk.settled = chunk.read = chunk.failed = true;
    chunk.busy = false;
    chunk_reset(&chunk, 8, false, 0);
    chunk_begin(&chunk, &block);
    ck_assert(chunk.busy && !chunk.settled && !chunk.read && !chunk.failed && !chunk.goes_on);
    ck_assert_uint_eq(chunk.number, 8);
    ck_assert_uint_eq(chunk.line_count, 0);
    play(3, 1, 1);
    ck_assert_uint_eq(chunk.until, 1);
    struct logline line = chunk_logline(&chunk, 2);
    ck_assert(line.size == 1 && line.data[0] == '3' && logline_line(&line) == 3 && logline_offset(&line) == 4);
}

SUITE("chunk");
