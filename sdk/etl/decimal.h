/* SPDX-License-Identifier: MIT
 * decimal: exact decimal arithmetic. */
#ifndef ETL_DECIMAL_H
#define ETL_DECIMAL_H

#include "values.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Exact arithmetic; all of it is [any]. A result is invalid if no etl_decimal can hold
 * it (trailing zeros of its fraction are dropped first; those before the point are
 * digits), if an operand is invalid, or if a divisor is 0. A value made by hand is
 * invalid, too, if its scale is over 38 or its coefficient is out of range. Only
 * _divide, _round and _to_double round. */

#define ETL_DECIMAL_SCALE_MAX 38

/* How a result is rounded to the requested scale. */
enum etl_rounding {
    ETL_ROUND_HALF_EVEN, /* to the nearest; a half to the even digit: 2.5 → 2, 3.5 → 4 */
    ETL_ROUND_HALF_UP,   /* to the nearest; a half away from zero: 2.5 → 3, -2.5 → -3 */
    ETL_ROUND_DOWN,      /* towards zero: cuts */
    ETL_ROUND_UP,        /* away from zero */
    ETL_ROUND_FLOOR,     /* towards minus infinity */
    ETL_ROUND_CEILING,   /* towards plus infinity */
};

/* Names that end in an underscore are private to this header. */
__extension__ typedef __int128 etl_int128_;
__extension__ typedef unsigned __int128 etl_uint128_;
#define ETL_COEFFICIENT_MAX_ ((etl_uint128_)10000000000000000000u * 10000000000000000000u - 1) /* 10³⁸−1 */

/* 10ⁿ, n up to 19 */
static inline uint64_t etl_power_(unsigned n)
{
    static const uint64_t powers[] = {
        1u, 10u, 100u, 1000u, 10000u, 100000u, 1000000u, 10000000u, 100000000u, 1000000000u, 10000000000u, 100000000000u,
        1000000000000u, 10000000000000u, 100000000000000u, 1000000000000000u, 10000000000000000u, 100000000000000000u,
        1000000000000000000u, 10000000000000000000u,
    };
    return powers[n];
}

/* 10ⁿ, n up to 38 */
static inline etl_uint128_ etl_power_wide_(unsigned n)
{
    return n < 20 ? etl_power_(n) : (etl_uint128_)etl_power_(19) * etl_power_(n - 19);
}

static inline etl_int128_ etl_decimal_coefficient_(etl_decimal d)
{
    return (etl_int128_)((etl_uint128_)(uint64_t)d.high << 64 | d.low);
}

static inline etl_uint128_ etl_decimal_magnitude_(etl_decimal d)
{
    etl_uint128_ bits = (etl_uint128_)(uint64_t)d.high << 64 | d.low;
    return d.high < 0 ? 0 - bits : bits;
}

static inline etl_decimal etl_decimal_make_(etl_int128_ coefficient, int32_t scale)
{
    etl_decimal d = {(uint64_t)coefficient, (int64_t)(coefficient >> 64), scale};
    return d;
}

static inline etl_decimal etl_decimal_signed_(bool negative, etl_uint128_ magnitude, int32_t scale)
{
    return etl_decimal_make_((etl_int128_)(negative ? 0 - magnitude : magnitude), scale);
}

/* Is the coefficient an int64_t? */
static inline bool etl_decimal_is_small_(etl_decimal d)
{
    return d.high == (int64_t)d.low >> 63;
}

/* The invalid decimal. */
static inline etl_decimal etl_decimal_invalid(void)
{
    etl_decimal d = {0, 0, -1};
    return d;
}

/* Is it a valid number? */
static inline bool etl_decimal_is_valid(etl_decimal d)
{
    /* The range from -max to max is moved to 0 to 2 max, so that no branch depends on
     * the unpredictable sign. The high words alone decide for all values but the
     * largest. */
    const uint64_t top = (uint64_t)(ETL_COEFFICIENT_MAX_ >> 64);
    etl_uint128_ moved = (etl_uint128_)etl_decimal_coefficient_(d) + ETL_COEFFICIENT_MAX_;
    return (uint32_t)d.scale <= ETL_DECIMAL_SCALE_MAX && ((uint64_t)d.high + top < 2 * top || moved <= 2 * ETL_COEFFICIENT_MAX_);
}

/* coefficient · 10^-scale: etl_decimal_of(6105, 1) is 610.5. Invalid if scale is not 0
 * to 38. */
static inline etl_decimal etl_decimal_of(int64_t coefficient, int scale)
{
    etl_decimal d = {(uint64_t)coefficient, coefficient >> 63, scale};
    return (unsigned)scale <= ETL_DECIMAL_SCALE_MAX ? d : etl_decimal_invalid();
}

static inline etl_decimal etl_decimal_from_int64(int64_t number)
{
    return etl_decimal_of(number, 0);
}

/* Numbers of the general paths: 384 bits, lowest word first. */
struct etl_wide_ {
    uint64_t word[6];
};

ETL_COLD_ struct etl_wide_ etl_wide_of_(etl_uint128_ value)
{
    struct etl_wide_ w = {{(uint64_t)value, (uint64_t)(value >> 64), 0, 0, 0, 0}};
    return w;
}

/* w · factor + carry, which must fit. */
ETL_COLD_ struct etl_wide_ etl_wide_multiply_(struct etl_wide_ w, uint64_t factor)
{
    uint64_t carry = 0;
    for (int i = 0; i < 6; i++) {
        etl_uint128_ product = (etl_uint128_)w.word[i] * factor + carry;
        w.word[i] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
    return w;
}

/* w · 10ⁿ */
ETL_COLD_ struct etl_wide_ etl_wide_scale_(struct etl_wide_ w, unsigned n)
{
    for (; n > 19; n -= 19) w = etl_wide_multiply_(w, etl_power_(19));
    return etl_wide_multiply_(w, etl_power_(n));
}

ETL_COLD_ int etl_wide_compare_(const struct etl_wide_ *a, const struct etl_wide_ *b)
{
    for (int i = 5; i >= 0; i--)
        if (a->word[i] != b->word[i]) return a->word[i] < b->word[i] ? -1 : 1;
    return 0;
}

ETL_COLD_ struct etl_wide_ etl_wide_add_(struct etl_wide_ a, const struct etl_wide_ *b)
{
    uint64_t carry = 0;
    for (int i = 0; i < 6; i++) {
        etl_uint128_ sum = (etl_uint128_)a.word[i] + b->word[i] + carry;
        a.word[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    return a;
}

/* a - b, where a ≥ b */
ETL_COLD_ struct etl_wide_ etl_wide_subtract_(struct etl_wide_ a, const struct etl_wide_ *b)
{
    uint64_t borrow = 0;
    for (int i = 0; i < 6; i++) {
        etl_uint128_ difference = (etl_uint128_)a.word[i] - b->word[i] - borrow;
        a.word[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
    return a;
}

/* Divides in place. Returns the remainder. */
ETL_COLD_ uint64_t etl_wide_divide_small_(struct etl_wide_ *w, uint64_t divisor)
{
    uint64_t remainder = 0;
    for (int i = 5; i >= 0; i--) {
        if (!remainder && !w->word[i]) continue;
        etl_uint128_ part = (etl_uint128_)remainder << 64 | w->word[i];
        w->word[i] = (uint64_t)(part / divisor);
        remainder = (uint64_t)(part % divisor);
    }
    return remainder;
}

/* Divides in place, bit by bit. Returns the remainder. Both are under 2³⁸³. */
ETL_COLD_ struct etl_wide_ etl_wide_divide_(struct etl_wide_ *w, const struct etl_wide_ *divisor)
{
    struct etl_wide_ quotient = etl_wide_of_(0), remainder = etl_wide_of_(0);
    for (int bit = 383; bit >= 0; bit--) {
        remainder = etl_wide_add_(remainder, &remainder);
        remainder.word[0] |= w->word[bit / 64] >> bit % 64 & 1;
        if (etl_wide_compare_(&remainder, divisor) < 0) continue;
        remainder = etl_wide_subtract_(remainder, divisor);
        quotient.word[bit / 64] |= (uint64_t)1 << bit % 64;
    }
    *w = quotient;
    return remainder;
}

/* The decimal of this value; invalid if it does not fit. Drops only as many trailing
 * zeros as necessary. */
ETL_COLD_ etl_decimal etl_decimal_fit_(bool negative, struct etl_wide_ w, int scale)
{
    struct etl_wide_ most = etl_wide_of_(ETL_COEFFICIENT_MAX_);
    while (scale > ETL_DECIMAL_SCALE_MAX || etl_wide_compare_(&w, &most) > 0)
        if (!scale-- || etl_wide_divide_small_(&w, 10)) return etl_decimal_invalid();
    return etl_decimal_signed_(negative, (etl_uint128_)w.word[1] << 64 | w.word[0], scale);
}

/* |d| · 10^scale, for a scale of at least d.scale */
ETL_COLD_ struct etl_wide_ etl_decimal_aligned_(etl_decimal d, int scale)
{
    return etl_wide_scale_(etl_wide_of_(etl_decimal_magnitude_(d)), (unsigned)(scale - d.scale));
}

/* Are both small and valid, with scales close enough to align in 128 bits? If so, sets
 * x and y. */
static inline bool etl_decimal_align_(etl_decimal a, etl_decimal b, etl_int128_ *x, etl_int128_ *y)
{
    if ((uint32_t)a.scale > ETL_DECIMAL_SCALE_MAX || (uint32_t)b.scale > ETL_DECIMAL_SCALE_MAX) return false;
    int apart = a.scale - b.scale;
    if (apart < -18 || apart > 18 || !etl_decimal_is_small_(a) || !etl_decimal_is_small_(b)) return false;
    *x = (etl_int128_)(int64_t)a.low * (int64_t)etl_power_(apart < 0 ? (unsigned)-apart : 0);
    *y = (etl_int128_)(int64_t)b.low * (int64_t)etl_power_(apart > 0 ? (unsigned)apart : 0);
    return true;
}

ETL_COLD_ etl_decimal etl_decimal_add_wide_(etl_decimal a, etl_decimal b)
{
    if (!etl_decimal_is_valid(a) || !etl_decimal_is_valid(b)) return etl_decimal_invalid();
    int scale = a.scale > b.scale ? a.scale : b.scale;
    struct etl_wide_ x = etl_decimal_aligned_(a, scale), y = etl_decimal_aligned_(b, scale);
    bool negative_a = a.high < 0, negative_b = b.high < 0;
    if (negative_a == negative_b) return etl_decimal_fit_(negative_a, etl_wide_add_(x, &y), scale);
    if (etl_wide_compare_(&x, &y) >= 0) return etl_decimal_fit_(negative_a, etl_wide_subtract_(x, &y), scale);
    return etl_decimal_fit_(negative_b, etl_wide_subtract_(y, &x), scale);
}

/* The general paths return coefficient and scale apart: a struct that is in registers
 * on one branch and in memory on the other would go through memory on both. */
ETL_APART_ etl_int128_ etl_decimal_add_general_(etl_decimal a, etl_decimal b, int32_t *scale)
{
    etl_int128_ x, y;
    if (etl_decimal_align_(a, b, &x, &y)) {
        *scale = a.scale > b.scale ? a.scale : b.scale;
        return x + y;
    }
    etl_decimal sum = etl_decimal_add_wide_(a, b);
    *scale = sum.scale;
    return etl_decimal_coefficient_(sum);
}

ETL_COLD_ etl_decimal etl_decimal_multiply_wide_(etl_decimal a, etl_decimal b)
{
    if (!etl_decimal_is_valid(a) || !etl_decimal_is_valid(b)) return etl_decimal_invalid();
    struct etl_wide_ x = etl_wide_of_(etl_decimal_magnitude_(a)), product, high;
    etl_uint128_ y = etl_decimal_magnitude_(b);
    high = etl_wide_multiply_(x, (uint64_t)(y >> 64));
    product = etl_wide_multiply_(x, (uint64_t)y);
    memmove(high.word + 1, high.word, 5 * sizeof *high.word);
    high.word[0] = 0;
    return etl_decimal_fit_((a.high < 0) != (b.high < 0), etl_wide_add_(product, &high), a.scale + b.scale);
}

ETL_APART_ etl_int128_ etl_decimal_multiply_general_(etl_decimal a, etl_decimal b, int32_t *scale)
{
    etl_decimal product = etl_decimal_multiply_wide_(a, b);
    *scale = product.scale;
    return etl_decimal_coefficient_(product);
}

ETL_COLD_ int etl_decimal_compare_wide_(etl_decimal a, etl_decimal b)
{
    bool valid_a = etl_decimal_is_valid(a), valid_b = etl_decimal_is_valid(b);
    if (!valid_a || !valid_b) return (int)valid_b - (int)valid_a;
    if ((a.high < 0) != (b.high < 0)) return a.high < 0 ? -1 : 1;
    int scale = a.scale > b.scale ? a.scale : b.scale;
    struct etl_wide_ x = etl_decimal_aligned_(a, scale), y = etl_decimal_aligned_(b, scale);
    int order = etl_wide_compare_(&x, &y);
    return a.high < 0 ? -order : order;
}

ETL_APART_ int etl_decimal_compare_general_(etl_decimal a, etl_decimal b)
{
    etl_int128_ x, y;
    if (etl_decimal_align_(a, b, &x, &y)) return (x > y) - (x < y);
    return etl_decimal_compare_wide_(a, b);
}

static inline etl_decimal etl_decimal_negate(etl_decimal d)
{
    return etl_decimal_is_valid(d) ? etl_decimal_make_(-etl_decimal_coefficient_(d), d.scale) : etl_decimal_invalid();
}

static inline etl_decimal etl_decimal_absolute(etl_decimal d)
{
    return etl_decimal_is_valid(d) && d.high >= 0 ? d : etl_decimal_negate(d);
}

static inline etl_decimal etl_decimal_add(etl_decimal a, etl_decimal b)
{
    int32_t scale = a.scale;
    if ((uint32_t)scale <= ETL_DECIMAL_SCALE_MAX && scale == b.scale && etl_decimal_is_small_(a) && etl_decimal_is_small_(b))
        return etl_decimal_make_((etl_int128_)(int64_t)a.low + (int64_t)b.low, scale);
    etl_int128_ sum = etl_decimal_add_general_(a, b, &scale);
    return etl_decimal_make_(sum, scale);
}

static inline etl_decimal etl_decimal_subtract(etl_decimal a, etl_decimal b)
{
    int32_t scale = a.scale;
    if ((uint32_t)scale <= ETL_DECIMAL_SCALE_MAX && scale == b.scale && etl_decimal_is_small_(a) && etl_decimal_is_small_(b))
        return etl_decimal_make_((etl_int128_)(int64_t)a.low - (int64_t)b.low, scale);
    etl_int128_ difference = etl_decimal_add_general_(a, etl_decimal_negate(b), &scale);
    return etl_decimal_make_(difference, scale);
}

/* The scale of the product is the sum of both scales, as long as it fits. */
static inline etl_decimal etl_decimal_multiply(etl_decimal a, etl_decimal b)
{
    int32_t scale;
    if ((a.scale | b.scale) >= 0 && (uint32_t)a.scale + (uint32_t)b.scale <= ETL_DECIMAL_SCALE_MAX && etl_decimal_is_small_(a) &&
        etl_decimal_is_small_(b)) /* a product of two int64_t is under 2¹²⁶, which is under 10³⁸ */
        return etl_decimal_make_((etl_int128_)(int64_t)a.low * (int64_t)b.low, a.scale + b.scale);
    etl_int128_ product = etl_decimal_multiply_general_(a, b, &scale);
    return etl_decimal_make_(product, scale);
}

/* Does rounding increase the magnitude by one? `half`: how the part cut off compares
 * to a half; `rest`: is any part cut off? */
static inline bool etl_rounds_up_(enum etl_rounding mode, bool negative, bool odd, int half, bool rest)
{
    switch (mode) {
    case ETL_ROUND_HALF_EVEN: return half > 0 || (half == 0 && odd);
    case ETL_ROUND_HALF_UP: return half >= 0;
    case ETL_ROUND_DOWN: return false;
    case ETL_ROUND_UP: return rest;
    case ETL_ROUND_FLOOR: return rest && negative;
    case ETL_ROUND_CEILING: return rest && !negative;
    }
    return false;
}

/* numerator / denominator at this scale, rounded. Both are under 2¹²⁷, and the
 * quotient is in range. */
static inline etl_decimal etl_decimal_ratio_(bool negative, etl_uint128_ numerator, etl_uint128_ denominator, int scale,
                                             enum etl_rounding mode)
{
    etl_uint128_ quotient = numerator / denominator, rest = numerator - quotient * denominator, twice = rest * 2;
    int half = (twice > denominator) - (twice < denominator);
    quotient += etl_rounds_up_(mode, negative, (quotient & 1) != 0, half, rest != 0);
    return etl_decimal_signed_(negative, quotient, scale);
}

ETL_COLD_ etl_decimal etl_decimal_divide_wide_(etl_decimal a, etl_decimal b, int scale, enum etl_rounding mode)
{
    int shift = scale + b.scale - a.scale;
    bool negative = (a.high < 0) != (b.high < 0);
    struct etl_wide_ quotient = etl_wide_of_(etl_decimal_magnitude_(a)), divisor = etl_wide_of_(etl_decimal_magnitude_(b));
    struct etl_wide_ zero = etl_wide_of_(0), one = etl_wide_of_(1), rest, twice;
    if (shift >= 0) quotient = etl_wide_scale_(quotient, (unsigned)shift);
    else divisor = etl_wide_scale_(divisor, (unsigned)-shift);
    if (divisor.word[1] | divisor.word[2] | divisor.word[3]) rest = etl_wide_divide_(&quotient, &divisor);
    else rest = etl_wide_of_(etl_wide_divide_small_(&quotient, divisor.word[0]));
    twice = etl_wide_add_(rest, &rest);
    int half = etl_wide_compare_(&twice, &divisor);
    if (etl_rounds_up_(mode, negative, quotient.word[0] & 1, half, etl_wide_compare_(&rest, &zero) != 0))
        quotient = etl_wide_add_(quotient, &one);
    return etl_decimal_fit_(negative, quotient, scale);
}

ETL_APART_ etl_decimal etl_decimal_divide_general_(etl_decimal a, etl_decimal b, int scale, enum etl_rounding mode)
{
    int shift = scale + b.scale - a.scale;
    etl_uint128_ x = etl_decimal_magnitude_(a), y = etl_decimal_magnitude_(b);
    if (shift > 38 || shift < -38) return etl_decimal_divide_wide_(a, b, scale, mode);
    etl_uint128_ power = etl_power_wide_(shift > 0 ? (unsigned)shift : (unsigned)-shift);
    if ((shift > 0 ? x : y) > ETL_COEFFICIENT_MAX_ / power) return etl_decimal_divide_wide_(a, b, scale, mode);
    if (shift > 0) x *= power;
    else y *= power;
    return etl_decimal_ratio_((a.high < 0) != (b.high < 0), x, y, scale, mode);
}

/* a / b, rounded to `scale` (0 to 38) digits after the point: etl_decimal_divide(one,
 * three, 4, ETL_ROUND_HALF_EVEN) is 0.3333. Invalid if b is 0, or if scale or mode is
 * out of range. */
static inline etl_decimal etl_decimal_divide(etl_decimal a, etl_decimal b, int scale, enum etl_rounding mode)
{
    if (!etl_decimal_is_valid(a) || !etl_decimal_is_valid(b) || (unsigned)scale > ETL_DECIMAL_SCALE_MAX ||
        (unsigned)mode > ETL_ROUND_CEILING || !(b.low | (uint64_t)b.high))
        return etl_decimal_invalid();
    int shift = scale + b.scale - a.scale;
    if (etl_decimal_is_small_(a) && etl_decimal_is_small_(b) && shift >= -19 && shift <= 19)
        return etl_decimal_ratio_((a.high < 0) != (b.high < 0),
                                  etl_decimal_magnitude_(a) * etl_power_(shift > 0 ? (unsigned)shift : 0),
                                  etl_decimal_magnitude_(b) * etl_power_(shift < 0 ? (unsigned)-shift : 0), scale, mode);
    return etl_decimal_divide_general_(a, b, scale, mode);
}

/* d, rounded to at most `scale` (0 to 38) digits after the point. Invalid if scale or
 * mode is out of range. */
static inline etl_decimal etl_decimal_round(etl_decimal d, int scale, enum etl_rounding mode)
{
    if (!etl_decimal_is_valid(d) || (unsigned)scale > ETL_DECIMAL_SCALE_MAX || (unsigned)mode > ETL_ROUND_CEILING)
        return etl_decimal_invalid();
    if (d.scale <= scale) return d;
    return etl_decimal_ratio_(d.high < 0, etl_decimal_magnitude_(d), etl_power_wide_((unsigned)(d.scale - scale)), scale, mode);
}

/* Below 0, 0, or above 0, by value. An invalid decimal is greater than every number,
 * and equal to another invalid one. */
static inline int etl_decimal_compare(etl_decimal a, etl_decimal b)
{
    if ((uint32_t)a.scale <= ETL_DECIMAL_SCALE_MAX && a.scale == b.scale && etl_decimal_is_small_(a) && etl_decimal_is_small_(b))
        return ((int64_t)a.low > (int64_t)b.low) - ((int64_t)a.low < (int64_t)b.low);
    return etl_decimal_compare_general_(a, b);
}

/* Are the values equal? False if one is invalid. */
static inline bool etl_decimal_equal(etl_decimal a, etl_decimal b)
{
    return etl_decimal_is_valid(a) && etl_decimal_compare(a, b) == 0;
}

/* -1, 0 or 1; 0 if invalid. */
static inline int etl_decimal_sign(etl_decimal d)
{
    return !etl_decimal_is_valid(d) ? 0 : d.high < 0 ? -1 : (d.low | (uint64_t)d.high) != 0;
}

/* Is it zero? False if invalid. */
static inline bool etl_decimal_is_zero(etl_decimal d)
{
    return !(d.low | (uint64_t)d.high) && etl_decimal_is_valid(d);
}

/* The lesser of two. Invalid if one is. */
static inline etl_decimal etl_decimal_min(etl_decimal a, etl_decimal b)
{
    if (!etl_decimal_is_valid(a) || !etl_decimal_is_valid(b)) return etl_decimal_invalid();
    return etl_decimal_compare(a, b) <= 0 ? a : b;
}

/* The greater of two. Invalid if one is. */
static inline etl_decimal etl_decimal_max(etl_decimal a, etl_decimal b)
{
    if (!etl_decimal_is_valid(a) || !etl_decimal_is_valid(b)) return etl_decimal_invalid();
    return etl_decimal_compare(a, b) >= 0 ? a : b;
}

/* The same value with the least scale: one form for each value. */
static inline etl_decimal etl_decimal_normalize(etl_decimal d)
{
    if (!etl_decimal_is_valid(d)) return etl_decimal_invalid();
    etl_uint128_ magnitude = etl_decimal_magnitude_(d);
    int32_t scale = magnitude ? d.scale : 0;
    while (scale && magnitude >> 64 && magnitude % 10 == 0) magnitude /= 10, scale--;
    if (magnitude >> 64) return etl_decimal_signed_(d.high < 0, magnitude, scale);
    uint64_t small = (uint64_t)magnitude;
    while (scale && small % 10 == 0) small /= 10, scale--;
    return etl_decimal_signed_(d.high < 0, small, scale);
}

/* Converts an integer in range. Otherwise returns false and leaves *number alone. */
static inline bool etl_decimal_to_int64(etl_decimal d, int64_t *number)
{
    etl_decimal whole = etl_decimal_normalize(d);
    if (whole.scale || !etl_decimal_is_small_(whole)) return false;
    *number = (int64_t)whole.low;
    return true;
}

/* Writes the digits of a number (at most 39), without a terminator. Returns how many. */
static inline unsigned etl_digits_(etl_uint128_ number, char *to)
{
    char reversed[40];
    unsigned count = 0;
    for (; number >> 64; number /= 10) reversed[count++] = (char)('0' + (int)(number % 10));
    for (uint64_t small = (uint64_t)number; small || !count; small /= 10) reversed[count++] = (char)('0' + (int)(small % 10));
    for (unsigned i = 0; i < count; i++) to[i] = reversed[count - 1 - i];
    return count;
}

/* The nearest double; 0 if invalid. */
static inline double etl_decimal_to_double(etl_decimal d)
{
    if (!etl_decimal_is_valid(d)) return 0;
    etl_uint128_ magnitude = etl_decimal_magnitude_(d);
    /* both are exact as doubles, so the division rounds once */
    if (magnitude >> 53 == 0 && d.scale <= 19)
        return (double)etl_decimal_coefficient_(d) / (double)etl_power_((unsigned)d.scale);
    /* written with an exponent, because strtod's decimal point depends on the locale */
    char text[48];
    unsigned count = etl_digits_(magnitude, text);
    snprintf(text + count, sizeof text - count, "e-%d", (int)d.scale);
    return d.high < 0 ? -strtod(text, NULL) : strtod(text, NULL);
}

struct etl_decimal_text {
    char text[48];
};

/* The number in its shortest form: no exponent, no trailing zeros, zero is 0;
 * "invalid" if it is invalid. Terminated. printf("%s", etl_decimal_text(price).text):
 * the struct lives to the end of the expression, so keep the struct, not the pointer. */
static inline struct etl_decimal_text etl_decimal_text(etl_decimal d)
{
    struct etl_decimal_text t = {"invalid"};
    if (!etl_decimal_is_valid(d)) return t;
    d = etl_decimal_normalize(d);
    char digits[40];
    unsigned count = etl_digits_(etl_decimal_magnitude_(d), digits), scale = (unsigned)d.scale;
    unsigned whole = count > scale ? count - scale : 0, zeros = count > scale ? 0 : scale - count;
    char *to = t.text;
    if (d.high < 0) *to++ = '-';
    if (!whole) *to++ = '0';
    memcpy(to, digits, whole), to += whole;
    if (scale) *to++ = '.';
    memset(to, '0', zeros), to += zeros;
    memcpy(to, digits + whole, count - whole), to += count - whole;
    *to = '\0';
    return t;
}

/* The parts of a text that is a JSON number. */
struct etl_number_ {
    const char *whole, *fraction;
    size_t whole_count, fraction_count;
    /* clamped to ±10¹⁸: no text is long enough to bring it back in range */
    int64_t exponent;
    bool negative;
};

static inline size_t etl_count_digits_(const char *data, size_t size)
{
    size_t count = 0;
    while (count < size && data[count] >= '0' && data[count] <= '9') count++;
    return count;
}

/* Is all of the text a number by the grammar of JSON? */
static inline bool etl_number_scan_(const char *at, size_t size, struct etl_number_ *n)
{
    n->exponent = 0, n->fraction_count = 0, n->fraction = NULL;
    n->negative = size && *at == '-';
    if (n->negative) at++, size--;
    n->whole = at, n->whole_count = etl_count_digits_(at, size);
    if (!n->whole_count || (n->whole_count > 1 && *at == '0')) return false;
    at += n->whole_count, size -= n->whole_count;
    if (size && *at == '.') {
        n->fraction = at + 1, n->fraction_count = etl_count_digits_(at + 1, size - 1);
        if (!n->fraction_count) return false;
        at += n->fraction_count + 1, size -= n->fraction_count + 1;
    }
    if (!size) return true;
    if (*at != 'e' && *at != 'E') return false;
    at++, size--;
    bool down = size && *at == '-';
    if (size && (*at == '-' || *at == '+')) at++, size--;
    if (!size || etl_count_digits_(at, size) != size) return false;
    for (size_t i = 0; i < size; i++)
        if (n->exponent < 100000000000000000) n->exponent = n->exponent * 10 + (at[i] - '0');
    if (down) n->exponent = -n->exponent;
    return true;
}

static inline char etl_number_digit_(const struct etl_number_ *n, size_t index)
{
    return index < n->whole_count ? n->whole[index] : n->fraction[index - n->whole_count];
}

/* Reads a JSON number, which may have an exponent, exactly. Returns false and leaves
 * *value alone if the text is not a number, has more than 38 digits, or more than 38
 * after the point; leading zeros and trailing zeros of the fraction do not count. */
static inline bool etl_decimal_parse(etl_string text, etl_decimal *value)
{
    struct etl_number_ n;
    etl_uint128_ magnitude = 0;
    size_t digits = 0, zeros = 0; /* zeros are held back until a digit follows them */
    if (!etl_number_scan_(text.data, text.size, &n)) return false;
    for (size_t i = 0; i < n.whole_count + n.fraction_count; i++) {
        char digit = etl_number_digit_(&n, i);
        if (digit == '0') {
            zeros += digits > 0;
            continue;
        }
        if (zeros >= 38 || digits + zeros >= 38) return false;
        magnitude = magnitude * etl_power_wide_((unsigned)zeros + 1) + (unsigned)(digit - '0');
        digits += zeros + 1, zeros = 0;
    }
    int64_t exponent = n.exponent + (int64_t)zeros - (int64_t)n.fraction_count;
    if (!digits) exponent = 0;
    if (exponent < -ETL_DECIMAL_SCALE_MAX || (exponent > 0 && exponent > 38 - (int64_t)digits)) return false;
    if (exponent > 0) magnitude *= etl_power_wide_((unsigned)exponent), exponent = 0;
    *value = etl_decimal_signed_(n.negative, magnitude, (int32_t)-exponent);
    return true;
}

#ifdef __cplusplus
}
#endif

#endif
