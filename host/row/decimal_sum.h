/* SPDX-License-Identifier: MIT
 * wide: sums that carry on exactly where 128 bits end. A wide sum is 320 bits at a fixed scale of 38: room for 2⁶⁴ times
 * the largest decimal, so it cannot overflow, and addition is exact in any order. */
#ifndef STATE_WIDE_H
#define STATE_WIDE_H

#include "base/compiler.h"

#include <etl.h>

enum { WIDE_WORDS = 5, WIDE_SCALE = 38, WIDE_DIGITS_MAX = 97, WIDE_DIGITS_READ = 95 };

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

struct wide {
    uint64_t words[WIDE_WORDS]; /* two's complement, the least word first */
};

/* A sum of decimals as it stands in a row. */
enum { SUM_WIDE = 0xFF };
struct decimal_sum {
    union {
        struct {
            uint64_t low;
            int64_t high;
        };
        struct wide *wide;
    };
    int32_t scale; /* 0 to 38 */
    uint8_t mark;  /* SUM_WIDE: `wide` is an owned pointer */
    uint8_t unused[3];
};
_Static_assert(sizeof(struct decimal_sum) == 24, "a sum is three words");

static inline int128 decimal_coefficient(uint64_t low, int64_t high)
{
    return (int128)((uint128)(uint64_t)high << 64 | low);
}

/* sum += value. Both are sums of any size; returns by how many bytes the memory held has grown. */
long decimal_sum_add_slow(struct decimal_sum *sum, const struct decimal_sum *value);
static inline long decimal_sum_add(struct decimal_sum *sum, const struct decimal_sum *value)
{
    int128 total;
    uint64_t ours, theirs; /* scale and mark in one: equal, and no mark */
    memcpy(&ours, &sum->scale, 8), memcpy(&theirs, &value->scale, 8);
    bool over = __builtin_add_overflow(decimal_coefficient(sum->low, sum->high),
                                       decimal_coefficient(value->low, value->high), &total);
    if (UNLIKELY(over | (ours != theirs) | (ours >> 32 != 0))) return decimal_sum_add_slow(sum, value);
    sum->low = (uint64_t)total, sum->high = (int64_t)(total >> 64);
    return 0;
}
/* The sum in its wide form. */
struct wide decimal_sum_wide(const struct decimal_sum *sum);
/* The sum as a decimal; false: it does not fit one. */
bool decimal_sum_value(const struct decimal_sum *sum, etl_decimal *value);
/* The sum as text, not terminated, at most WIDE_DIGITS_MAX + 2 bytes; returns the size. */
size_t decimal_sum_text(const struct decimal_sum *sum, char *to);
/* Reads what decimal_sum_text() writes, up to WIDE_DIGITS_READ digits at scale 38, so that there is room for 2^64 summands more; a
 * decimal with an exponent, too, where it fits one. False: not a number, or out of range. */
bool decimal_sum_parse(etl_string text, struct decimal_sum *sum);
void decimal_sum_release(struct decimal_sum *sum);

/* An integer sum: the digits of 128 bits, at most 40 bytes; and back. */
size_t int128_text(int128 value, char *to);
bool int128_parse(etl_string text, int128 *value);

#endif
