/* SPDX-License-Identifier: MIT
 * Strings, numbers and nested values that the inline scan leaves over. */
#include "decode/scan.h"
#include "base/compiler.h"
#include "base/utf8.h"

#include <string.h>

#define TWICE(x) x, x
#define LANE(c) {TWICE(TWICE(TWICE(TWICE(TWICE(c)))))}
#define LEAST 32, 32, '"' + 1, 32, 32, 32, 32, 32, 32, 32, 32, 32, ',' + 1, 32, 32, 32
#define OTHERS 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\\', '}', 0, 0
#define PAIRS(a, b) a, b, a, b, a, b, a, b
const struct lanes lanes = {
    LANE('0'), LANE(118), LANE('"'), LANE('\\'), LANE(' '), {LEAST, LEAST}, {OTHERS, OTHERS},
    {PAIRS(10, 1), PAIRS(10, 1)}, {PAIRS(100, 1)}, {PAIRS(10000, 1)},
    {-16, -15, -14, -13, -12, -11, -10, -9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
};

COLD const char *scan_fail(struct scan *scan, const char *at, const char *what)
{
    scan->at = at;
    scan->what = at < scan->end ? what : "it ends too early";
    return NULL;
}

/* Four hexadecimal digits, or -1. */
static int hex4(const char *at)
{
    int value = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i], lower = (char)(c | 0x20);
        int digit = is_digit(c) ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

static const char *scan_escape(struct scan *scan, const char *at)
{
    if (at[1] && strchr("\"\\/bfnrt", at[1])) return at + 2;
    if (at[1] != 'u') return scan_fail(scan, at, "unknown escape in a string");
    int unit = hex4(at + 2);
    if (unit < 0) return scan_fail(scan, at, "\\u without four hexadecimal digits");
    if (unit < 0xD800 || unit > 0xDFFF) return at + 6;
    int low = unit < 0xDC00 && at[6] == '\\' && at[7] == 'u' ? hex4(at + 8) : -1;
    if (low < 0xDC00 || low > 0xDFFF) return scan_fail(scan, at, "half of a surrogate pair");
    return at + 12;
}

const char *scan_string_rest(struct scan *scan, const char *at, bool *escaped)
{
    for (; *at != '"'; at = string_special(at)) {
        if (*at == '\\') {
            *escaped = true;
            if (!(at = scan_escape(scan, at))) return NULL;
            continue;
        }
        if ((unsigned char)*at < 0x20) return scan_fail(scan, at, "control character in a string");
        /* a line feed is no part of a character, either */
        size_t length = utf8_length(at, UTF8_LENGTH_MAX);
        if (!length) return scan_fail(scan, at, "not UTF-8");
        at += length;
    }
    return at;
}

/* Scans from the 'e' of a number. */
static const char *scan_exponent(struct scan *scan, const char *at)
{
    at++;
    if (*at == '+' || *at == '-') at++;
    if (!is_digit(*at)) return scan_fail(scan, at, "a number without digits in its exponent");
    while (is_digit(*at)) at++;
    return at;
}

const char *scan_number_rest(struct scan *scan, const char *at, struct digits *digits)
{
    bool negative = *at == '-';
    at += negative;
    const char *first = at;
    if (!is_digit(*at)) return scan_fail(scan, at, "a number without digits");
    uint64_t value = (unsigned char)*at++ - '0';
    if (!value && is_digit(*at)) return scan_fail(scan, at, "a number that starts with 0");
    while (is_digit(*at)) value = value * 10 + (unsigned char)(*at++ - '0');
    size_t count = (size_t)(at - first), scale = 0;
    if (*at == '.') {
        const char *point = at++;
        while (is_digit(*at)) value = value * 10 + (unsigned char)(*at++ - '0');
        scale = (size_t)(at - point) - 1;
        count += scale;
        if (!scale) return scan_fail(scan, at, "a number that ends in a point");
    }
    digits->value = (int64_t)(negative ? 0 - value : value);
    digits->scale = (uint8_t)scale;
    /* 19 digits do not overflow 64 bits */
    digits->exact = count <= 19 && value <= INT64_MAX;
    if ((*at | 0x20) != 'e') return at;
    digits->exact = false;
    return scan_exponent(scan, at);
}

static const char *scan_array(struct scan *scan, const char *at, unsigned depth)
{
    at = scan_space(scan, at + 1);
    if (*at == ']') return at + 1;
    for (;;) {
        if (!(at = scan_value(scan, at, depth))) return NULL;
        at = scan_space(scan, at);
        if (*at == ']') return at + 1;
        if (*at != ',') return scan_fail(scan, at, "expected ',' or ']'");
        at = scan_space(scan, at + 1);
    }
}

static inline const char *scan_member(struct scan *scan, const char *at, unsigned depth)
{
    bool escaped;
    if (*at != '"') return scan_fail(scan, at, "expected a key in quotes");
    if (!(at = scan_string(scan, at + 1, &escaped))) return NULL;
    at = scan_space(scan, at + 1);
    if (*at != ':') return scan_fail(scan, at, "expected ':'");
    return scan_value(scan, scan_space(scan, at + 1), depth);
}

const char *scan_object_rest(struct scan *scan, const char *at, unsigned depth)
{
    for (;;) {
        at = scan_space(scan, at);
        if (*at == '}') return at + 1;
        if (*at != ',') return scan_fail(scan, at, "expected ',' or '}'");
        if (!(at = scan_member(scan, scan_space(scan, at + 1), depth))) return NULL;
    }
}

static const char *scan_object(struct scan *scan, const char *at, unsigned depth)
{
    at = scan_space(scan, at + 1);
    if (*at == '}') return at + 1;
    return (at = scan_member(scan, at, depth)) ? scan_object_rest(scan, at, depth) : NULL;
}

static const char too_deep[] = "nested too deeply, beyond 128 levels, a limit of etl-host";

const char *scan_value(struct scan *scan, const char *at, unsigned depth)
{
    struct digits digits;
    bool escaped;
    switch (*at) {
    case '"':
        at = scan_string(scan, at + 1, &escaped);
        return at ? at + 1 : NULL;
    case '{':
        return depth ? scan_object(scan, at, depth - 1) : scan_fail(scan, at, too_deep);
    case '[':
        return depth ? scan_array(scan, at, depth - 1) : scan_fail(scan, at, too_deep);
    case 't':
        if (!memcmp(at, "true", 4)) return at + 4;
        break;
    case 'f':
        if (!memcmp(at, "false", 5)) return at + 5;
        break;
    case 'n':
        if (!memcmp(at, "null", 4)) return at + 4;
        break;
    default:
        if (*at == '-' || is_digit(*at)) return scan_number(scan, at, &digits);
    }
    return scan_fail(scan, at, "expected a value");
}
