/* SPDX-License-Identifier: MIT
 * Decimals of etl.h, against arithmetic on plain rows of digits, as one does it on paper. */
#include "suite.h"

#include <etl.h>


/* ---- paper: a number is |digits| · 10^-scale, the lowest digit first */
enum { PAPER_DIGITS = 256, ROUNDS = 8000 };

struct paper {
    unsigned char digit[PAPER_DIGITS];
    int count, scale;
    bool negative;
};

static void paper_trim(struct paper *p)
{
    while (p->count && !p->digit[p->count - 1]) p->count--;
}

static struct paper paper_shift(const struct paper *p, int places)
{
    struct paper shifted = {.count = p->count + places, .scale = p->scale + places, .negative = p->negative};
    memcpy(shifted.digit + places, p->digit, (size_t)p->count);
    paper_trim(&shifted);
    return shifted;
}

static int paper_compare_magnitude(const struct paper *a, const struct paper *b)
{
    if (a->count != b->count) return a->count < b->count ? -1 : 1;
    for (int i = a->count - 1; i >= 0; i--)
        if (a->digit[i] != b->digit[i]) return a->digit[i] < b->digit[i] ? -1 : 1;
    return 0;
}

static struct paper paper_add_magnitude(const struct paper *a, const struct paper *b)
{
    struct paper sum = {.count = PAPER_DIGITS, .scale = a->scale, .negative = a->negative};
    for (int i = 0, carry = 0; i < PAPER_DIGITS; i++) {
        int digit = a->digit[i] + b->digit[i] + carry;
        sum.digit[i] = (unsigned char)(digit % 10), carry = digit / 10;
    }
    paper_trim(&sum);
    return sum;
}

static struct paper paper_subtract_magnitude(const struct paper *a, const struct paper *b)
{
    struct paper rest = {.count = PAPER_DIGITS, .scale = a->scale, .negative = a->negative};
    for (int i = 0, borrow = 0; i < PAPER_DIGITS; i++) {
        int digit = a->digit[i] - b->digit[i] - borrow;
        borrow = digit < 0;
        rest.digit[i] = (unsigned char)(digit + 10 * borrow);
    }
    paper_trim(&rest);
    return rest;
}

static void paper_align(struct paper *a, struct paper *b)
{
    if (a->scale < b->scale) *a = paper_shift(a, b->scale - a->scale);
    if (b->scale < a->scale) *b = paper_shift(b, a->scale - b->scale);
}

static struct paper paper_add(struct paper a, struct paper b)
{
    paper_align(&a, &b);
    if (a.negative == b.negative) return paper_add_magnitude(&a, &b);
    return paper_compare_magnitude(&a, &b) >= 0 ? paper_subtract_magnitude(&a, &b) : paper_subtract_magnitude(&b, &a);
}

static struct paper paper_multiply(struct paper a, struct paper b)
{
    struct paper product = {.count = PAPER_DIGITS, .scale = a.scale + b.scale, .negative = a.negative != b.negative};
    for (int i = 0; i < a.count; i++)
        for (int j = 0, carry = 0; j <= b.count; j++) {
            int digit = product.digit[i + j] + a.digit[i] * b.digit[j] + carry;
            product.digit[i + j] = (unsigned char)(digit % 10), carry = digit / 10;
        }
    paper_trim(&product);
    return product;
}

/* Does the magnitude go up, where `rest` of `divisor` is cut off? */
static bool paper_rounds_up(const struct paper *quotient, const struct paper *rest, const struct paper *divisor,
                            enum etl_rounding mode)
{
    struct paper twice = paper_add_magnitude(rest, rest);
    int half = paper_compare_magnitude(&twice, divisor);
    if (!rest->count || mode == ETL_ROUND_DOWN) return false;
    if (mode == ETL_ROUND_UP) return true;
    if (mode == ETL_ROUND_FLOOR) return quotient->negative;
    if (mode == ETL_ROUND_CEILING) return !quotient->negative;
    if (half == 0) return mode == ETL_ROUND_HALF_UP || quotient->digit[0] % 2;
    return half > 0;
}

static struct paper paper_divide(struct paper a, struct paper b, int scale, enum etl_rounding mode)
{
    struct paper quotient = {.count = PAPER_DIGITS, .scale = scale, .negative = a.negative != b.negative};
    struct paper rest = {0}, one = {{1}, 1, 0, false};
    paper_align(&a, &b);
    a = paper_shift(&a, scale);
    for (int i = a.count - 1; i >= 0; i--) {
        rest = paper_shift(&rest, 1);
        rest.digit[0] = a.digit[i];
        rest.count += !rest.count && a.digit[i];
        for (; paper_compare_magnitude(&rest, &b) >= 0; quotient.digit[i]++) rest = paper_subtract_magnitude(&rest, &b);
    }
    paper_trim(&quotient);
    return paper_rounds_up(&quotient, &rest, &b, mode) ? paper_add_magnitude(&quotient, &one) : quotient;
}

static int paper_compare(struct paper a, struct paper b)
{
    struct paper rest;
    b.negative = !b.negative;
    rest = paper_add(a, b);
    return !rest.count ? 0 : rest.negative ? -1 : 1;
}

/* In its shortest form; "invalid" where no decimal can hold it. */
static const char *paper_text(struct paper p, char text[512])
{
    while (p.scale && !p.digit[0]) {
        memmove(p.digit, p.digit + 1, sizeof p.digit - 1);
        p.digit[PAPER_DIGITS - 1] = 0, p.count -= p.count > 0, p.scale--;
    }
    if (p.count > 38 || p.scale > 38) return "invalid";
    char *to = text;
    if (p.negative && p.count) *to++ = '-';
    for (int i = p.count > p.scale ? p.count - 1 : p.scale; i >= 0; i--) {
        *to++ = (char)('0' + p.digit[i]);
        if (i && i == p.scale) *to++ = '.';
    }
    *to = '\0';
    return text;
}

/* ---- the two side by side */
static uint64_t random_state = 0x9E3779B97F4A7C15u;

static unsigned pick(unsigned below)
{
    random_state ^= random_state << 13, random_state ^= random_state >> 7, random_state ^= random_state << 17;
    return (unsigned)(random_state >> 33) % below;
}

static struct paper paper_read(const char *digits, int scale, bool negative)
{
    struct paper p = {.count = (int)strlen(digits), .scale = scale, .negative = negative};
    for (int i = 0; i < p.count; i++) p.digit[i] = (unsigned char)(digits[p.count - 1 - i] - '0');
    paper_trim(&p);
    return p;
}

static etl_decimal decimal_of(const struct paper *p)
{
    etl_uint128_ magnitude = 0;
    for (int i = p->count - 1; i >= 0; i--) magnitude = magnitude * 10 + p->digit[i];
    if (p->negative) magnitude = 0 - magnitude;
    return (etl_decimal){(uint64_t)magnitude, (int64_t)(magnitude >> 64), p->scale};
}

/* Numbers where something changes: words full, all nines, powers of ten, many zeros at the end. */
static struct paper random_paper(void)
{
    static const char *const edges[] = {"0", "1", "5", "9223372036854775807", "9223372036854775808", "18446744073709551615",
        "18446744073709551616", "99999999999999999999999999999999999999", "10000000000000000000000000000000000000",
        "50000000000000000000000000000000000000", "10000000000000000000", "9999999999999999999",
        "85070591730234615865843651857942052864"};
    static const int scales[] = {0, 0, 1, 2, 2, 6, 18, 19, 20, 37, 38};
    char digits[39] = "";
    unsigned count = 1 + pick(pick(2) ? 38 : 6), style = pick(5);
    for (unsigned i = 0; i < count; i++)
        digits[i] = (char)('0' + (style == 0 ? 9 : style == 1 ? (i == 0) : style == 2 && i > count / 3 ? 0 : pick(10)));
    return paper_read(style == 3 ? edges[pick(sizeof edges / sizeof *edges)] : digits, scales[pick(11)], pick(2));
}

static void expect_same(const char *what, etl_decimal got, struct paper want, etl_decimal a, etl_decimal b)
{
    char text[512];
    const char *wanted = paper_text(want, text);
    ck_assert_msg(!strcmp(etl_decimal_text(got).text, wanted), "%s of %s (scale %d) and %s (scale %d): %s instead of %s", what,
                  etl_decimal_text(a).text, (int)a.scale, etl_decimal_text(b).text, (int)b.scale, etl_decimal_text(got).text,
                  wanted);
}

TEST(decimal__sums_and_products_agree_with_paper)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct paper p = random_paper(), q = random_paper(), minus_q = q;
        etl_decimal a = decimal_of(&p), b = decimal_of(&q);
        minus_q.negative = !q.negative;
        expect_same("sum", etl_decimal_add(a, b), paper_add(p, q), a, b);
        expect_same("difference", etl_decimal_subtract(a, b), paper_add(p, minus_q), a, b);
        expect_same("product", etl_decimal_multiply(a, b), paper_multiply(p, q), a, b);
    }
}

TEST(decimal__order_agrees_with_paper)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct paper p = random_paper();
        struct paper q = pick(4) || p.count > 30 || p.scale > 30 ? random_paper() : paper_shift(&p, (int)pick(8));
        etl_decimal a = decimal_of(&p), b = decimal_of(&q);
        int order = paper_compare(p, q);
        ck_assert_int_eq(etl_decimal_compare(a, b), order);
        ck_assert_int_eq(etl_decimal_compare(b, a), -order);
        ck_assert(etl_decimal_equal(a, b) == (order == 0));
        expect_same("least", etl_decimal_min(a, b), order <= 0 ? p : q, a, b);
        expect_same("greatest", etl_decimal_max(a, b), order >= 0 ? p : q, a, b);
    }
}

TEST(decimal__quotients_agree_with_paper)
{
    for (int i = 0; i < ROUNDS / 4; i++) {
        struct paper p = random_paper(), q = random_paper();
        etl_decimal a = decimal_of(&p), b = decimal_of(&q);
        enum etl_rounding mode = (enum etl_rounding)pick(6);
        int scale = pick(2) ? (int)pick(39) : (int)pick(6);
        if (!q.count) ck_assert(!etl_decimal_is_valid(etl_decimal_divide(a, b, scale, mode)));
        else expect_same("quotient", etl_decimal_divide(a, b, scale, mode), paper_divide(p, q, scale, mode), a, b);
    }
}

TEST(decimal__rounding_agrees_with_paper)
{
    struct paper one = {{1}, 1, 0, false};
    for (int i = 0; i < ROUNDS / 4; i++) {
        struct paper p = random_paper();
        etl_decimal a = decimal_of(&p);
        enum etl_rounding mode = (enum etl_rounding)pick(6);
        int scale = (int)pick(39);
        if (p.scale > scale) p = paper_divide(p, one, scale, mode);
        expect_same("rounding", etl_decimal_round(a, scale, mode), p, a, a);
    }
}

TEST(decimal__text_reads_back)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct paper p = random_paper();
        etl_decimal a = decimal_of(&p), b = {7, 7, 7};
        struct etl_decimal_text text = etl_decimal_text(a);
        char wanted[512];
        ck_assert_str_eq(text.text, paper_text(p, wanted));
        ck_assert(etl_decimal_parse((etl_string){text.text, strlen(text.text)}, &b));
        ck_assert(etl_decimal_equal(a, b));
        etl_decimal n = etl_decimal_normalize(a);
        ck_assert(n.low == b.low && n.high == b.high && n.scale == b.scale);
        ck_assert_int_eq(etl_decimal_sign(a), !p.count ? 0 : p.negative ? -1 : 1);
        ck_assert(etl_decimal_is_zero(a) == !p.count);
        ck_assert_str_eq(etl_decimal_text(etl_decimal_negate(etl_decimal_negate(a))).text, text.text);
        ck_assert_str_eq(etl_decimal_text(etl_decimal_absolute(a)).text, text.text + (text.text[0] == '-'));
        ck_assert_double_eq(etl_decimal_to_double(a), strtod(text.text, NULL));
    }
}

/* ---- by hand */
static const struct { const char *text, *wanted; } parses[] = {
    {"0", "0"}, {"-0", "0"}, {"0.000", "0"}, {"0e999999999999999999999999", "0"}, {"-0.0e-999999999999999999999", "0"},
    {"1", "1"}, {"-1", "-1"}, {"1.0", "1"}, {"1.50", "1.5"}, {"610.25", "610.25"}, {"0.1", "0.1"}, {"100", "100"},
    {"1e2", "100"}, {"1E+2", "100"}, {"1.5e1", "15"}, {"15e-1", "1.5"}, {"150e-1", "15"}, {"1.25e-3", "0.00125"},
    {"1e00000000000000000000000000002", "100"},
    {"99999999999999999999999999999999999999", "99999999999999999999999999999999999999"},
    {"-99999999999999999999999999999999999999", "-99999999999999999999999999999999999999"},
    {"999999999999999999999999999999999999990", NULL}, {"100000000000000000000000000000000000000", NULL}, {"1e38", NULL},
    {"1e37", "10000000000000000000000000000000000000"},
    {"123456789012345678901234567890123456789", NULL},
    {"123456789012345678901234567890123456780e-1", "12345678901234567890123456789012345678"},
    {"1.000000000000000000000000000000000000000000000000", "1"}, {"1.000000000000000000000000000000000000000000000001", NULL},
    {"1e-38", "0.00000000000000000000000000000000000001"}, {"1e-39", NULL},
    {"10e-39", "0.00000000000000000000000000000000000001"},
    {"0.00000000000000000000000000000000000000000000001e47", "1"}, {"1e99999999999999999999", NULL},
    {"1e-99999999999999999999", NULL},
    {"", NULL}, {"-", NULL}, {"+1", NULL}, {"01", NULL}, {"-01", NULL}, {"00", NULL}, {".5", NULL}, {"1.", NULL}, {"1.e1", NULL},
    {"1e", NULL}, {"1e+", NULL},
    {"1e1.5", NULL}, {" 1", NULL}, {"1 ", NULL}, {"1x", NULL}, {"0x1", NULL}, {"1,0", NULL}, {"--1", NULL}, {"nan", NULL},
    {"inf", NULL}, {"1e1e1", NULL},
    {"\xD9\xA1", NULL}, {"1-", NULL}, {"1e-", NULL}, {"invalid", NULL},
};

TEST_EACH(decimal__parses_numbers_of_json_exactly, parses)
{
    etl_decimal got = etl_decimal_of(77, 3);
    /* on the heap and not terminated, so that valgrind and the sanitizers see a byte read too many */
    size_t size = strlen(parses[_i].text);
    char *text = malloc(size + 1);
    char *at = text + 1;
    memcpy(at, parses[_i].text, size);
    bool parsed = etl_decimal_parse((etl_string){at, size}, &got);
    free(text);
    ck_assert_msg(parsed == (parses[_i].wanted != NULL), "'%s': %d, %s", parses[_i].text, parsed, etl_decimal_text(got).text);
    ck_assert_str_eq(etl_decimal_text(got).text, parsed ? parses[_i].wanted : "0.077");
}

TEST(decimal__parses_texts_of_any_length)
{
    enum { ZEROS = 1000000 };
    char *text = malloc(ZEROS + 32);
    etl_decimal got;
    size_t size = 1 + ZEROS;
    memset(text, '0', size);
    text[0] = '1';
    memcpy(text + size, "e-1000000", 9);
    ck_assert(!etl_decimal_parse((etl_string){text, size}, &got));
    ck_assert(etl_decimal_parse((etl_string){text, size + 9}, &got));
    ck_assert_str_eq(etl_decimal_text(got).text, "1");
    text[0] = '0', text[1] = '.', text[size - 1] = '7';
    memcpy(text + size, "e999999", 7);
    ck_assert(etl_decimal_parse((etl_string){text, size + 7}, &got));
    ck_assert_str_eq(etl_decimal_text(got).text, "7");
    free(text);
}

/* None is a decimal: no scale, or a coefficient out of range. */
static const etl_decimal malformed[] = {{0, 0, -1}, {1, 0, 39}, {1, 0, INT32_MAX}, {1, 0, INT32_MIN}, {0, INT64_MAX, 0},
{0, INT64_MIN, 0},
    {0x098A224000000000u, 0x4B3B4CA85A86C47A, 0}, {0xF675DDC000000000u, (int64_t)0xB4C4B357A5793B85u, 38}};

/* The largest, and those whose high word is near theirs. */
TEST(decimal__is_valid_up_to_38_digits)
{
    static const int64_t top = 0x4B3B4CA85A86C47A;
    static const etl_decimal valid[] = {
        {0x098A223FFFFFFFFF, top, 0}, {0, top, 38}, {UINT64_MAX, top - 1, 0}, {0xF675DDC000000001, -top - 1, 38},
        {UINT64_MAX, -top - 1, 0}, {0, -top, 38}, {UINT64_MAX, -top, 0},
    };
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++) ck_assert_msg(etl_decimal_is_valid(valid[i]), "%zu", i);
}

TEST_EACH(decimal__invalid_sticks, malformed)
{
    etl_decimal bad = malformed[_i], one = etl_decimal_of(1, 0);
    int64_t number = 5;
    ck_assert(!etl_decimal_is_valid(bad));
    etl_decimal all[] = {
        etl_decimal_negate(bad), etl_decimal_absolute(bad), etl_decimal_normalize(bad), etl_decimal_add(bad, one),
        etl_decimal_add(one, bad), etl_decimal_add(bad, bad), etl_decimal_subtract(bad, one), etl_decimal_subtract(one, bad),
        etl_decimal_multiply(bad, one), etl_decimal_multiply(one, bad), etl_decimal_multiply(bad, bad),
        etl_decimal_multiply(bad, etl_decimal_of(0, 0)), etl_decimal_divide(bad, one, 2, ETL_ROUND_DOWN),
        etl_decimal_divide(one, bad, 2, ETL_ROUND_DOWN), etl_decimal_round(bad, 0, ETL_ROUND_UP), etl_decimal_min(bad, one),
        etl_decimal_min(one, bad), etl_decimal_max(bad, one), etl_decimal_max(one, bad),
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) ck_assert_msg(all[i].scale < 0, "operation %zu", i);
    ck_assert_int_eq(etl_decimal_compare(bad, one), 1);
    ck_assert_int_eq(etl_decimal_compare(one, bad), -1);
    ck_assert_int_eq(etl_decimal_compare(bad, etl_decimal_invalid()), 0);
    ck_assert(!etl_decimal_equal(bad, bad) && !etl_decimal_equal(bad, one) && !etl_decimal_equal(one, bad));
    ck_assert(etl_decimal_sign(bad) == 0 && !etl_decimal_is_zero(bad) && etl_decimal_to_double(bad) == 0);
    ck_assert(!etl_decimal_to_int64(bad, &number) && number == 5);
    ck_assert_str_eq(etl_decimal_text(bad).text, "invalid");
}

TEST(decimal__refuses_scales_and_modes_that_are_none)
{
    etl_decimal one = etl_decimal_of(1, 0);
    ck_assert(!etl_decimal_is_valid(etl_decimal_of(1, -1)) && !etl_decimal_is_valid(etl_decimal_of(1, 39)));
    ck_assert(!etl_decimal_is_valid(etl_decimal_divide(one, one, -1, ETL_ROUND_UP)));
    ck_assert(!etl_decimal_is_valid(etl_decimal_divide(one, one, 39, ETL_ROUND_UP)));
    ck_assert(!etl_decimal_is_valid(etl_decimal_divide(one, one, 2, (enum etl_rounding)6)));
    ck_assert(!etl_decimal_is_valid(etl_decimal_round(one, 39, ETL_ROUND_UP)));
    ck_assert(!etl_decimal_is_valid(etl_decimal_round(one, 2, (enum etl_rounding)17)));
    ck_assert(!etl_decimal_is_valid(etl_decimal_divide(one, etl_decimal_of(0, 5), 2, ETL_ROUND_UP)));
}

static const struct { int64_t number; int scale; const char *wanted[6]; } roundings[] = {
    /* half even, half up, down, up, floor, ceiling */
    {25, 1, {"2", "3", "2", "3", "2", "3"}},
    {35, 1, {"4", "4", "3", "4", "3", "4"}},
    {-25, 1, {"-2", "-3", "-2", "-3", "-3", "-2"}},
    {24, 1, {"2", "2", "2", "3", "2", "3"}},   {-26, 1, {"-3", "-3", "-2", "-3", "-3", "-2"}},
    {20, 1, {"2", "2", "2", "2", "2", "2"}},
    {5, 1, {"0", "1", "0", "1", "0", "1"}},    {-5, 1, {"0", "-1", "0", "-1", "-1", "0"}},
    {251, 2, {"3", "3", "2", "3", "2", "3"}},
};

TEST_EACH(decimal__rounds_by_mode, roundings)
{
    for (unsigned mode = 0; mode < 6; mode++) {
        etl_decimal d = etl_decimal_round(etl_decimal_of(roundings[_i].number, roundings[_i].scale), 0, (enum etl_rounding)mode);
        ck_assert_str_eq(etl_decimal_text(d).text, roundings[_i].wanted[mode]);
    }
}

TEST(decimal__becomes_an_int64_where_it_is_one)
{
    static const struct { const char *text; bool is; int64_t number; } rows[] = {
        {"0", true, 0}, {"2.0", true, 2}, {"2e3", true, 2000}, {"-7", true, -7}, {"0.5", false, 0},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN}, {"9223372036854775808", false, 0}, {"-9223372036854775809", false, 0},
        {"1e37", false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        etl_decimal d;
        int64_t number = 99;
        ck_assert(etl_decimal_parse((etl_string){rows[i].text, strlen(rows[i].text)}, &d));
        ck_assert_msg(etl_decimal_to_int64(d, &number) == rows[i].is, "%s", rows[i].text);
        ck_assert_int_eq(number, rows[i].is ? rows[i].number : 99);
    }
    int64_t number = 0;
    ck_assert(etl_decimal_to_int64(etl_decimal_of(2000, 3), &number) && number == 2);
    ck_assert(etl_decimal_equal(etl_decimal_from_int64(INT64_MIN), etl_decimal_of(INT64_MIN, 0)));
}

SUITE("decimal");
