/* SPDX-License-Identifier: MIT
 * digits: integers of 64 bits as decimal digits, two at a time. */
#ifndef STATE_DIGITS_H
#define STATE_DIGITS_H

#include <stdint.h>
#include <string.h>

enum { DIGITS_MAX = 20 }; /* of 64 bits */

extern const char digits_pairs[200];            /* 00 to 99 */
extern const uint64_t digits_powers[DIGITS_MAX]; /* of ten, from 10⁰ */

static inline unsigned digits_count(uint64_t value)
{
    unsigned bits = 64 - (unsigned)__builtin_clzll(value | 1), least = bits * 1233 >> 12; /* log₁₀ 2 is nearly 1233 / 4096 */
    return least + (least < DIGITS_MAX && value >= digits_powers[least]) + (value == 0);
}

/* Writes exactly `count` digits of a value that has no more. */
static inline void digits_put_padded(char *to, uint64_t value, unsigned count)
{
    for (; count >= 2; value /= 100) memcpy(to + (count -= 2), digits_pairs + value % 100 * 2, 2);
    if (count) *to = (char)('0' + value);
}

/* Writes a value without leading zeros; returns the end. */
static inline char *digits_put(char *to, uint64_t value)
{
    unsigned count = digits_count(value);
    digits_put_padded(to, value, count);
    return to + count;
}

#endif
