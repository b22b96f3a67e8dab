/* SPDX-License-Identifier: MIT
 * turn: which lines a part has, and what of a turn is left. */
#include "run/chunk.h"
#include "suite.h"


enum { PRODUCERS = 3 };

static struct turn turn;
static const struct block block = {"log", "1\n2\n3\n4\n5\n6\n", 12, 0, 1, 0};

static void setup(void)
{
    turn_init(&turn, NULL, PRODUCERS, false);
    turn_reset(&turn, 7, false, 0);
    turn_begin(&turn, &block);
}

static void teardown(void)
{
    turn_finish(&turn);
}

/* The first producer reads, so many lines more; the others play up to these. */
static void play(uint32_t lines, uint32_t second, uint32_t third)
{
    for (; lines; lines--) {
        ck_assert(!turn_is_read(&turn));
        turn_reserve(&turn, turn.line_count);
        turn.lines[turn.line_count++] = turn_line(&turn, turn.next, outcome_of(0, FATE_HANDLED));
        turn.next = block_next(&block, turn.next + 1);
    }
    turn.journals[0].played = turn.line_count;
    turn.journals[1].played = second;
    turn.journals[2].played = third;
    turn_end_part(&turn);
}

FIXTURE(setup, teardown);

TEST(turn__ends_its_part_where_all_have_played)
{
    play(4, 2, 3);
    ck_assert_uint_eq(turn.from, 0);
    ck_assert_uint_eq(turn.until, 2);
    ck_assert(!turn_is_whole(&turn) && !turn_is_played_by(&turn, 0) && !turn_is_played_by(&turn, 1));
    turn_next_part(&turn);
    ck_assert(turn.goes_on && !turn.read && !turn.settled && turn.busy);
    ck_assert_uint_eq(turn.part, 1);
    ck_assert_uint_eq(turn.from, 2);
    ck_assert_uint_eq(turn.played, 0);

    play(2, 6, 5);
    ck_assert_uint_eq(turn.until, 5);
    ck_assert(!turn_is_whole(&turn) && turn_is_played_by(&turn, 0));
    ck_assert(turn_is_played_by(&turn, 1) && !turn_is_played_by(&turn, 2));
    turn_next_part(&turn);
    ck_assert_uint_eq(turn.from, 5);
    ck_assert_uint_eq(turn.played, 1); /* by the owner that has nothing left */

    play(0, 6, 6);
    ck_assert_uint_eq(turn.until, 6);
    ck_assert(turn_is_whole(&turn));
}

TEST(turn__is_empty_for_another_block)
{
    play(6, 6, 6);
    turn.settled = turn.read = turn.failed = true;
    turn.busy = false;
    turn_reset(&turn, 8, false, 0);
    turn_begin(&turn, &block);
    ck_assert(turn.busy && !turn.settled && !turn.read && !turn.failed && !turn.goes_on);
    ck_assert_uint_eq(turn.number, 8);
    ck_assert_uint_eq(turn.line_count, 0);
    play(3, 1, 1);
    ck_assert_uint_eq(turn.until, 1);
    struct logline line = turn_logline(&turn, 2);
    ck_assert(line.size == 1 && line.data[0] == '3' && logline_line(&line) == 3 && logline_offset(&line) == 4);
}

SUITE("turn");
