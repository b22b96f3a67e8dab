/* SPDX-License-Identifier: MIT */
#include "row/decimal_sum.h"
#include "base/memory.h"
#include "row/digits.h"

static int128 power_of_ten(int exponent) /* 0 to 38 */
{
    int128 power = 1;
    while (exponent--) power *= 10;
    return power;
}

static void wide_add(struct wide *sum, const struct wide *value)
{
    uint128 carry = 0;
    for (int i = 0; i < WIDE_WORDS; i++) {
        carry += (uint128)sum->words[i] + value->words[i];
        sum->words[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

static void wide_negate(struct wide *wide)
{
    uint128 carry = 1;
    for (int i = 0; i < WIDE_WORDS; i++) {
        carry += (uint64_t)~wide->words[i];
        wide->words[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

static bool wide_negative(const struct wide *wide)
{
    return wide->words[WIDE_WORDS - 1] >> 63;
}

/* magnitude · factor + addend, of a magnitude that leaves room */
static void wide_multiply(struct wide *magnitude, uint64_t factor, uint64_t addend)
{
    uint128 carry = addend;
    for (int i = 0; i < WIDE_WORDS; i++) {
        carry += (uint128)magnitude->words[i] * factor;
        magnitude->words[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

/* magnitude / divisor in place; returns the remainder */
static uint64_t wide_divide(struct wide *magnitude, uint64_t divisor)
{
    uint128 rest = 0;
    for (int i = WIDE_WORDS - 1; i >= 0; i--) {
        rest = rest << 64 | magnitude->words[i];
        magnitude->words[i] = (uint64_t)(rest / divisor);
        rest %= divisor;
    }
    return (uint64_t)rest;
}

struct wide decimal_sum_wide(const struct decimal_sum *sum)
{
    if (sum->mark == SUM_WIDE) return *sum->wide;
    int128 coefficient = decimal_coefficient(sum->low, sum->high);
    bool negative = coefficient < 0;
    uint128 magnitude = negative ? -(uint128)coefficient : (uint128)coefficient;
    struct wide wide = {{(uint64_t)magnitude, (uint64_t)(magnitude >> 64)}};
    for (int left = WIDE_SCALE - sum->scale, step; left; left -= step) {
        step = left < DIGITS_MAX - 1 ? left : DIGITS_MAX - 1;
        wide_multiply(&wide, digits_powers[step], 0);
    }
    if (negative) wide_negate(&wide);
    return wide;
}

static bool rescale(int128 *coefficient, int32_t *scale, int32_t to)
{
    if (*scale >= to) return true;
    if (__builtin_mul_overflow(*coefficient, power_of_ten(to - *scale), coefficient)) return false;
    *scale = to;
    return true;
}

long decimal_sum_add_slow(struct decimal_sum *sum, const struct decimal_sum *value)
{
    if (!sum->mark && !value->mark) {
        int128 a = decimal_coefficient(sum->low, sum->high), b = decimal_coefficient(value->low, value->high), total;
        int32_t scale_a = sum->scale, scale_b = value->scale;
        if (rescale(&a, &scale_a, scale_b) && rescale(&b, &scale_b, scale_a) && !__builtin_add_overflow(a, b, &total)) {
            sum->low = (uint64_t)total, sum->high = (int64_t)(total >> 64), sum->scale = scale_a;
            return 0;
        }
    }
    struct wide total = decimal_sum_wide(sum), addend = decimal_sum_wide(value);
    wide_add(&total, &addend);
    if (sum->mark == SUM_WIDE) {
        *sum->wide = total;
        return 0;
    }
    *sum = (struct decimal_sum){.wide = allocate(sizeof total), .mark = SUM_WIDE};
    *sum->wide = total;
    return (long)sizeof total;
}

bool decimal_sum_value(const struct decimal_sum *sum, etl_decimal *value)
{
    char text[WIDE_DIGITS_MAX + 2];
    if (sum->mark != SUM_WIDE) {
        etl_decimal decimal = {sum->low, sum->high, sum->scale};
        if (etl_decimal_is_valid(decimal)) return *value = decimal, true;
    }
    return etl_decimal_parse((etl_string){text, decimal_sum_text(sum, text)}, value);
}

/* digits of a number, least first, as text with a point */
static size_t put_digits(const char *digits, int count, int scale, bool negative, char *to)
{
    int low = 0;
    while (low < scale && digits[low] == '0') low++; /* zeros at the end say nothing */
    char *p = to;
    if (negative) *p++ = '-';
    for (int i = count - 1; i >= low; i--) {
        if (i == scale - 1) *p++ = '.';
        *p++ = digits[i];
    }
    return (size_t)(p - to);
}

/* Where the coefficient fits 64 bits, and so in nearly all sums. */
static size_t short_text(uint64_t low, int scale, char *to)
{
    bool negative = low >> 63;
    uint64_t magnitude = negative ? -low : low, whole = scale ? magnitude / digits_powers[scale] : magnitude;
    uint64_t fraction = magnitude - whole * digits_powers[scale];
    char *end = to;
    if (negative) *end++ = '-';
    end = digits_put(end, whole);
    if (!fraction) return (size_t)(end - to);
    while (fraction % 10 == 0) fraction /= 10, scale--;
    *end++ = '.';
    digits_put_padded(end, fraction, (unsigned)scale);
    return (size_t)(end - to) + (size_t)scale;
}

size_t decimal_sum_text(const struct decimal_sum *sum, char *to)
{
    if (sum->mark != SUM_WIDE && sum->high == (int64_t)sum->low >> 63 && sum->scale < DIGITS_MAX)
        return short_text(sum->low, sum->scale, to);
    char digits[WIDE_DIGITS_MAX + 18];
    int count = 0, scale = sum->mark == SUM_WIDE ? WIDE_SCALE : sum->scale;
    struct wide rest = {{sum->low, (uint64_t)sum->high}};
    if (sum->mark == SUM_WIDE) rest = *sum->wide;
    else if (sum->high < 0) memset(&rest.words[2], 0xFF, sizeof rest.words - 16);
    bool negative = wide_negative(&rest), more = true;
    if (negative) wide_negate(&rest);
    while (more || count <= scale) { /* 18 digits a round; at least one before the point */
        uint64_t part = wide_divide(&rest, 1000000000000000000u);
        for (int i = 0; i < 18; i++, part /= 10) digits[count++] = (char)('0' + part % 10);
        more = rest.words[0] | rest.words[1] | rest.words[2] | rest.words[3] | rest.words[4];
    }
    while (count > scale + 1 && digits[count - 1] == '0') count--;
    return put_digits(digits, count, scale, negative, to);
}

bool decimal_sum_parse(etl_string text, struct decimal_sum *sum)
{
    etl_decimal small;
    if (etl_decimal_parse(text, &small)) {
        *sum = (struct decimal_sum){.low = small.low, .high = small.high, .scale = small.scale};
        return true;
    }
    struct wide wide = {0};
    size_t at = text.size && text.data[0] == '-', first = at;
    int digits = 0, scale = -1;
    for (; at < text.size; at++) {
        if (text.data[at] == '.' && scale < 0 && at > first) {
            scale = 0;
            continue;
        }
        if (text.data[at] < '0' || text.data[at] > '9' || ++digits > WIDE_DIGITS_READ) return false;
        if (scale >= 0 && ++scale > WIDE_SCALE) return false;
        wide_multiply(&wide, 10, (uint64_t)(text.data[at] - '0'));
    }
    if (!digits || !scale || digits + WIDE_SCALE - (scale < 0 ? 0 : scale) > WIDE_DIGITS_READ) return false;
    for (int i = scale < 0 ? 0 : scale; i < WIDE_SCALE; i++) wide_multiply(&wide, 10, 0);
    if (first) wide_negate(&wide);
    *sum = (struct decimal_sum){.wide = allocate(sizeof wide), .mark = SUM_WIDE};
    *sum->wide = wide;
    return true;
}

void decimal_sum_release(struct decimal_sum *sum)
{
    if (sum->mark == SUM_WIDE) free(sum->wide);
    *sum = (struct decimal_sum){0};
}

size_t int128_text(int128 value, char *to)
{
    struct decimal_sum sum = {.low = (uint64_t)value, .high = (int64_t)(value >> 64)};
    return decimal_sum_text(&sum, to);
}

bool int128_parse(etl_string text, int128 *value)
{
    size_t at = text.size && text.data[0] == '-';
    bool negative = at;
    int128 total = 0;
    if (at == text.size) return false;
    for (; at < text.size; at++) {
        if (text.data[at] < '0' || text.data[at] > '9' || __builtin_mul_overflow(total, (int128)10, &total)) return false;
        int digit = text.data[at] - '0';
        if (__builtin_add_overflow(total, (int128)(negative ? -digit : digit), &total)) return false;
    }
    *value = total;
    return true;
}
