/* SPDX-License-Identifier: MIT
 * numbers: their text, against digits taken one by one. */
#include "row/decimal_sum.h"
#include "row/digits.h"
#include "row/doubles.h"
#include "suite.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>

static uint64_t state = 88172645463325252u;
static uint64_t draw(void)
{
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state;
}

/* Of any size: as many numbers of each count of bits. */
static int128 draw_wide(void)
{
    uint128 value = (uint128)draw() << 64 | draw();
    return (int128)(value >> draw() % 128) * (draw() % 2 ? 1 : -1);
}

static const char *naive(int128 value, int scale)
{
    static char text[64];
    char *at = text + sizeof text - 1;
    uint128 left = value < 0 ? -(uint128)value : (uint128)value;
    bool zeros = scale; /* at the end of a fraction: not shown */
    for (int place = 0; left || place <= scale; place++, left /= 10) {
        if (place == scale && !zeros && scale) *--at = '.';
        if (place == scale) zeros = false;
        zeros &= left % 10 == 0;
        if (!zeros) *--at = (char)('0' + (int)(left % 10));
    }
    if (value < 0) *--at = '-';
    return at;
}

static void check_decimal(int128 value, int scale)
{
    char text[WIDE_DIGITS_MAX + 2];
    struct decimal_sum sum = {.low = (uint64_t)value, .high = (int64_t)(value >> 64), .scale = scale};
    size_t size = decimal_sum_text(&sum, text);
    const char *expected = naive(value, scale);
    ck_assert_msg(size == strlen(expected) && !memcmp(text, expected, size), "%.*s instead of %s at scale %d", (int)size, text,
                  expected, scale);
}

/* Around all powers of ten and two, where the number of digits or words changes. */
static int128 at_a_border(unsigned i)
{
    int128 power = 1;
    for (unsigned k = 0; k < i % 127; k++) power *= i < 127 ? 2 : k < 38 ? 10 : 1;
    return power;
}

TEST(numbers__decimals)
{
    for (int scale = 0; scale <= 38; scale++) {
        for (unsigned i = 0; i < 2 * 127; i++)
            for (int around = -1; around <= 1; around++) {
                check_decimal(at_a_border(i) + around, scale);
                check_decimal(-at_a_border(i) + around, scale);
            }
        for (int i = 0; i < 2000; i++) check_decimal(draw_wide(), scale);
        for (int i = 0; i < 200; i++) check_decimal(draw_wide() / 100000 * 1000, scale); /* zeros at the end */
    }
}

TEST(numbers__integers)
{
    static const uint64_t borders[] = {0, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX};
    char text[64], expected[64];
    for (int i = 0; i < 20000; i++) {
        int128 value = i < 2 * 127 ? at_a_border((unsigned)i) : draw_wide();
        size_t size = int128_text(value, text);
        ck_assert_msg(size == strlen(naive(value, 0)) && !memcmp(text, naive(value, 0), size), "%.*s", (int)size, text);
        uint64_t word = i < 4 ? borders[i] : (uint64_t)value;
        snprintf(expected, sizeof expected, "%lu", (unsigned long)word);
        *digits_put(text, word) = '\0';
        ck_assert_str_eq(text, expected);
    }
}

TEST(numbers__wide_form_is_the_same_number)
{
    char text[WIDE_DIGITS_MAX + 2], again[WIDE_DIGITS_MAX + 2];
    for (int i = 0; i < 20000; i++) {
        int128 value = draw_wide();
        struct decimal_sum sum = {.low = (uint64_t)value, .high = (int64_t)(value >> 64), .scale = (int32_t)(draw() % 39)};
        struct wide wide = decimal_sum_wide(&sum);
        struct decimal_sum same = {.wide = &wide, .mark = SUM_WIDE};
        size_t size = decimal_sum_text(&sum, text), size_again = decimal_sum_text(&same, again);
        ck_assert_msg(size == size_again && !memcmp(text, again, size), "%.*s and %.*s", (int)size, text, (int)size_again, again);
    }
}

/* ---- doubles */

static const struct {
    double value;
    const char *text;
} doubles[] = {
    {0, "0"}, {-0.0, "-0"}, {1, "1"}, {-1.5, "-1.5"}, {0.1, "0.1"}, {100000, "100000"}, {0.0001, "0.0001"}, {0.00001, "1e-05"},
    {123456789012345, "123456789012345"}, {1e15, "1e+15"}, {1234567890123456, "1234567890123456"}, {0.1 + 0.2, "0.30000000000000004"},
    {5e-324, "5e-324"}, {1e-323, "1e-323"}, {-1.5e-323, "-1.5e-323"}, {2.225073858507201e-308, "2.225073858507201e-308"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"}, {1.7976931348623157e308, "1.7976931348623157e+308"},
    {5.684341886080802e-14, "5.684341886080802e-14"}, /* 2^-44, of which the nearest number of 16 digits is another double's */
    {9007199254740992, "9007199254740992"}, {9007199254740993.0, "9007199254740992"}, {1e23, "1e+23"}, {1e22, "1e+22"},
    {9.5367431640625e-07, "9.5367431640625e-07"},
};

static const char *double_text(double value)
{
    static char text[DOUBLE_TEXT_MAX + 1];
    char *end = double_put(text, value);
    ck_assert_int_le(end - text, DOUBLE_TEXT_MAX);
    *end = 0;
    return text;
}

TEST_EACH(numbers__doubles, doubles)
{
    ck_assert_str_eq(double_text(doubles[_i].value), doubles[_i].text);
}

/* Do so many of the digits, or the number above, tell the value? */
static bool reads_shorter(uint64_t digits, int power, double value)
{
    char below[48], above[48];
    snprintf(below, sizeof below, "%" PRIu64 "e%d", digits / 10, power + 1);
    snprintf(above, sizeof above, "%" PRIu64 "e%d", digits / 10 + 1, power + 1);
    return strtod(below, NULL) == value || strtod(above, NULL) == value;
}

TEST(numbers__doubles_are_the_fewest_digits)
{
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = draw() & INT64_MAX, digits = 0;
        if (i % 4 == 0) bits &= 0xFFF0000000000000u; /* powers of two; */
        if (i % 4 == 1) bits >>= 12 + draw() % 50; /* those that have lost bits; and integers */
        double value;
        memcpy(&value, &bits, sizeof value);
        if (i % 4 == 2) value = (double)(bits >> draw() % 60);
        if (!isfinite(value) || value == 0) continue;
        const char *text = double_text(value);
        ck_assert_msg(strtod(text, NULL) == value, "%s is not %a", text, value);
        int power = 0;
        bool point = false;
        for (const char *at = text; *at && *at != 'e'; at++) {
            if (*at == '.') point = true;
            else digits = digits * 10 + (uint64_t)(*at - '0'), power -= point;
        }
        const char *e = strchr(text, 'e');
        if (e) power += atoi(e + 1);
        while (digits % 10 == 0) digits /= 10, power++;
        ck_assert_msg(digits < 10 || !reads_shorter(digits, power, value), "%s can be shorter", text);
    }
}

TEST(numbers__doubles_in_any_locale)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ps_AF.UTF-8", "de_DE", "C.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (setlocale(LC_NUMERIC, names[i])) ck_assert_str_eq(double_text(-1234.5e-100), "-1.2345e-97");
    setlocale(LC_NUMERIC, "C");
}

SUITE("numbers");
