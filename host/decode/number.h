/* SPDX-License-Identifier: MIT
 * number: short numbers without a loop. Eight bytes are loaded as one word; its bytes that are digits are counted at once, moved up so that
 * zeros stand before them, and joined to pairs, fours and eights by three multiplications, whatever their number. So a number takes some 30
 * instructions, where the loop took 80, and the length of it, which is as good as random in many logs, is predicted by no branch. What is
 * longer, has an exponent or is none is left to the loop in scan.c. */
#ifndef DECODE_NUMBER_H
#define DECODE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A number of few digits, as it stands: digits · 10^-scale. */
struct digits {
    int64_t value;
    uint8_t scale;
    bool exact; /* false: it has an exponent, or more digits than an int64_t, and the rest says nothing */
};

static inline bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

/* Up to eight digits at the front of eight bytes. */
struct run {
    uint64_t value;
    unsigned count;
};

static inline struct run run_of_digits_plain(const char *at)
{
    struct run run = {0};
    while (run.count < 8 && is_digit(at[run.count])) run.value = run.value * 10 + (unsigned char)(at[run.count++] - '0');
    return run;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* Bytes 0 to 9 in the order of text, the first the most significant: each step joins neighbours of twice the width. */
static inline uint64_t digits_join(uint64_t digits)
{
    digits = (digits * 10 + (digits >> 8)) & 0x00FF00FF00FF00FFu;
    digits = (digits * 100 + (digits >> 16)) & 0x0000FFFF0000FFFFu;
    return (uint32_t)(digits * 10000 + (digits >> 32));
}

static inline struct run run_of_digits_word(const char *at)
{
    uint64_t word;
    memcpy(&word, at, 8);
    word ^= 0x3030303030303030u; /* digits become 0 to 9 */
    uint64_t others = (word | (word + 0x7676767676767676u)) & 0x8080808080808080u; /* right up to the first that is none */
    unsigned count = others ? (unsigned)__builtin_ctzll(others) / 8 : 8;
    return (struct run){count ? digits_join(word << (64 - 8 * count)) : 0, count};
}
#define run_of_digits run_of_digits_word
#else
#define run_of_digits run_of_digits_plain
#endif

/* A number of up to eight digits before a point and seven behind it, or up to fifteen without. Reads 20 bytes. Returns what follows
 * it, or NULL: the loop is to look at it. */
static inline const char *number_short(const char *at, struct digits *digits)
{
    static const uint64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    bool negative = *at == '-';
    at += negative;
    struct run run = run_of_digits(at);
    const char *end = at + run.count;
    uint64_t value = run.value;
    if (__builtin_expect(run.count - 1 > 7 || (*at == '0' && run.count > 1), 0)) return NULL;
    bool point = *end == '.';
    digits->scale = 0;
    if (point || run.count == 8) {
        struct run more = run_of_digits(end + point);
        if (__builtin_expect(more.count == 8 || more.count < point, 0)) return NULL;
        value = value * powers[more.count] + more.value;
        end += point + more.count;
        digits->scale = (uint8_t)(point ? more.count : 0);
        if (!point && *end == '.') return NULL;
    }
    digits->value = negative ? -(int64_t)value : (int64_t)value;
    digits->exact = true;
    return __builtin_expect((*end | 0x20) == 'e', 0) ? NULL : end;
}

#endif
