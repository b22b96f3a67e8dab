/* SPDX-License-Identifier: MIT */
#include "row/doubles.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Decimals of so many digits survive the way through a double (but for those that have lost bits); and so many tell any. */
enum { DIGITS_SURE = DBL_DIG, DIGITS_ALL = DBL_DECIMAL_DIG, ZEROS_MAX = 4 };

/* digits · 10^power */
struct digits_of {
    char digits[DIGITS_ALL + 1];
    int count, power;
};

/* The point of printf and strtod is the locale's, so it is left out both ways. */
static struct digits_of round_to(double value, int count)
{
    char text[DOUBLE_TEXT_MAX + 16];
    const char *at = text;
    struct digits_of rounded = {.count = count};
    snprintf(text, sizeof text, "%.*e", count - 1, value);
    for (int size = 0; *at != 'e'; at++)
        if (*at >= '0' && *at <= '9') rounded.digits[size++] = *at;
    rounded.power = atoi(at + 1) - (count - 1);
    return rounded;
}

static bool reads_as(const struct digits_of *number, double value)
{
    char text[DOUBLE_TEXT_MAX + 16];
    snprintf(text, sizeof text, "%.*se%d", number->count, number->digits, number->power);
    return strtod(text, NULL) == value;
}

/* The next number of as many digits. */
static void step_up(struct digits_of *number)
{
    int at = number->count;
    while (at && number->digits[at - 1] == '9') number->digits[--at] = '0';
    if (at) number->digits[at - 1]++;
    else number->digits[0] = '1', number->power++;
}

/* Of a positive value. Below a power of two doubles are twice as near to each other as above it: so where the nearest number of so
 * many digits is another double's, the one above may still be this one's. */
static struct digits_of shortest(double value)
{
    for (int count = value < DBL_MIN ? 1 : DIGITS_SURE; count < DIGITS_ALL; count++) {
        struct digits_of number = round_to(value, count);
        if (reads_as(&number, value)) return number;
        step_up(&number);
        if (reads_as(&number, value)) return number;
    }
    return round_to(value, DIGITS_ALL);
}

/* d.ddde±dd */
static char *put_scientific(char *to, const struct digits_of *number, int exponent)
{
    *to++ = number->digits[0];
    if (number->count > 1) *to++ = '.';
    memcpy(to, number->digits + 1, (size_t)number->count - 1);
    to += number->count - 1;
    return to + sprintf(to, "e%+03d", exponent);
}

/* ddd.ddd: the digits from the first before the point on, or from the one right before it, with zeros around those that there
 * are. */
static char *put_plain(char *to, const struct digits_of *number, int exponent)
{
    for (int i = exponent < 0 ? exponent : 0; i < number->count || i <= exponent; i++) {
        if (i == exponent + 1) *to++ = '.';
        *to++ = i < 0 || i >= number->count ? '0' : number->digits[i];
    }
    return to;
}

char *double_put(char *to, double value)
{
    if (signbit(value)) *to++ = '-';
    if (value == 0) return *to++ = '0', to;
    struct digits_of number = shortest(fabs(value));
    const int most = number.count > DIGITS_SURE ? number.count : DIGITS_SURE, exponent = number.power + number.count - 1;
    while (number.count > 1 && number.digits[number.count - 1] == '0') number.count--, number.power++;
    bool plain = exponent >= -ZEROS_MAX && exponent < most;
    return plain ? put_plain(to, &number, exponent) : put_scientific(to, &number, exponent);
}
