/* SPDX-License-Identifier: MIT
 * scan: what is done to many bytes at once does what is done byte by byte. Compiled for any processor, and for AVX2. */
#include "decode/literal.h"
#include "decode/scan.h"
#include "decode/window.h"
#include "suite.h"

#include <stdlib.h>

static uint64_t draw(void)
{
    static uint64_t state = 0x9E3779B97F4A7C15u;
    return state ^= state << 13, state ^= state >> 7, state ^= state << 17;
}

enum { ROOM = 128 };

/* Letters, this byte at this place, and the quote behind `size` bytes. */
static void write_text(char text[ROOM], size_t size, size_t place, int byte)
{
    memset(text, 'a' + (int)place % 20, ROOM);
    text[place] = (char)byte;
    text[size] = '"';
}

/* Every byte at every place of a string. */
TEST(scan__string_scans_agree)
{
    char text[ROOM];
    for (size_t place = 0; place < 70; place++)
        for (int byte = 0; byte < 256; byte++) {
            write_text(text, 70, place, byte);
            ck_assert_ptr_eq(string_special(text), string_special_plain(text));
            bool special = byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\';
            ck_assert_uint_eq((size_t)(string_special_plain(text) - text), special ? place : 70);
        }
}

TEST(scan__literal_comparisons_agree)
{
    char text[2 * LITERAL_SIZE], literal[LITERAL_SIZE];
    for (unsigned round = 0; round < 100000; round++) {
        for (unsigned i = 0; i < LITERAL_SIZE; i++) text[i] = literal[i] = (char)draw();
        uint32_t mask = (uint32_t)(((uint64_t)1 << draw() % 33) - 1);
        unsigned place = draw() % LITERAL_SIZE;
        text[place] = (char)(text[place] + (draw() % 3 == 0));
        bool same = text[place] == literal[place] || !(mask >> place & 1);
        ck_assert(literal_matches_plain(text, literal, mask) == same);
        ck_assert(literal_matches(text, literal, mask) == same);
    }
}

TEST(scan__runs_of_digits_agree)
{
    char text[8];
    for (unsigned round = 0; round < 100000; round++) {
        unsigned place = draw() % 12;
        for (unsigned i = 0; i < sizeof text; i++) text[i] = i < place ? (char)('0' + draw() % 10) : (char)draw();
        struct digit_run run = run_of_digits(text), plain = run_of_digits_plain(text);
        ck_assert_uint_eq(run.count, plain.count);
        ck_assert_uint_eq(run.value, plain.value);
    }
}

typedef const char *number_function(const char *, struct digits *);

/* Short or not, it is as the loop says, or left to it; `short_one`: it is not left. */
static void check_number(number_function *function, const char *text, bool short_one)
{
    struct scan scan = {0};
    struct digits found = {0}, expected = {0};
    const char *end = function(text, &found), *until = scan_number_rest(&scan, text, &expected);
    ck_assert_msg(end || !short_one, "%.30s is left to the loop", text);
    if (!end) return;
    ck_assert_msg(end == until, "%.30s ends elsewhere", text);
    ck_assert_msg(found.value == expected.value && found.scale == expected.scale && found.exact && expected.exact,
                  "%.30s is %lld · 10^-%d", text, (long long)found.value, found.scale);
}

/* By sixteen bytes: fifteen of sign, digits and point; by words: eight digits before a point and seven behind it, or fifteen
 * without. */
static bool is_short(bool by_bytes, bool negative, unsigned whole, unsigned scale)
{
    if (by_bytes) return negative + whole + (scale ? 1 + scale : 0) <= 15;
    return scale ? whole <= 8 && scale <= 7 : whole <= 15;
}

static void check_numbers(number_function *function, bool by_bytes)
{
    static const char ends[] = ",}] \t\r\n:\"x";
    for (unsigned round = 0; round < 100000; round++) {
        char text[64], *at = text;
        unsigned whole = (unsigned)(draw() % 20) + 1, scale = draw() % 2 ? (unsigned)(draw() % 18) : 0;
        bool negative = draw() % 2;
        if (negative) *at++ = '-';
        for (unsigned i = 0; i < whole; i++) *at++ = (char)('0' + (i || whole == 1 ? draw() % 10 : draw() % 9 + 1));
        if (scale) *at++ = '.';
        for (unsigned i = 0; i < scale; i++) *at++ = (char)('0' + draw() % 10);
        *at++ = ends[draw() % (sizeof ends - 1)];
        while (at < text + sizeof text) *at++ = "0123456789.eE+-,}"[draw() % 17];
        check_number(function, text, is_short(by_bytes, negative, whole, scale));
    }
}

/* Nearly numbers: each ends at the first byte that does not belong to one, or is left to the loop, which may refuse it. */
static void check_random_bytes(number_function *function)
{
    for (unsigned round = 0; round < 150000; round++) {
        char text[64];
        for (unsigned i = 0; i < sizeof text - 1; i++) text[i] = "000123456789...-+eE,}\n"[draw() % 22];
        text[sizeof text - 1] = ',';
        check_number(function, text, false);
    }
}

TEST(scan__numbers_agree)
{
#ifdef __AVX2__
    check_numbers(number_short, true);
#else
    check_numbers(number_short, false);
#endif
    check_random_bytes(number_short);
}

TEST(scan__numbers_of_words_agree)
{
    check_numbers(number_short_words, false);
    check_random_bytes(number_short_words);
}

TEST(scan__short_numbers_at_their_borders)
{
    static const struct {
        const char *text;
        bool taken;
    } rows[] = {
        {"0,", true}, {"-0,", true}, {"00,", false}, {"-01,", false}, {"0.0,", true}, {"0.5}", true}, {"-,", false}, {",", false},
        {"1.,", false}, {".5,", false}, {"1..5,", false}, {"1e5,", false}, {"1E5,", false}, {"1.5e5,", false}, {"99999999,", true},
        {"99999999.9999999,", true}, {"999999999999999,", true}, {"12345678901234567890,", false}, {"--1,", false}, {"+1,", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[64] = {0};
        struct digits digits;
        memcpy(text, rows[i].text, strlen(rows[i].text));
        ck_assert_msg(!number_short_words(text, &digits) == !rows[i].taken, "%s", text);
#ifdef __AVX2__
        bool long_one = strlen(text) == 17 && strchr(text, '.'); /* fifteen digits and a point do not fit sixteen bytes */
        ck_assert_msg(!number_short(text, &digits) == (!rows[i].taken || long_one), "%s", text);
#endif
    }
}

/* Every byte at every place of a window: which of them end a text or a value. */
TEST(window__sees_every_byte)
{
    char text[ROOM];
    for (size_t place = 0; place < 64; place++)
        for (int byte = 0; byte < 256; byte++) {
            write_text(text, 64, place, byte);
            struct window window = window_open(text);
#ifdef __AVX2__
            bool ends = byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\' || byte == ',' || byte == '}';
            ck_assert_uint_eq(window.ends, (ends ? (uint64_t)1 << place : 0) | (uint64_t)1 << 63);
#endif
            const char *special = string_special_plain(text);
            ck_assert_ptr_eq(window_text(&window, text), *special == '"' ? special : NULL);
        }
}

/* Texts one behind the other, of all that may stand in them, at all places of a window. */
TEST(window__ends_of_texts_agree)
{
    char text[600];
    for (unsigned round = 0; round < 4000; round++) {
        unsigned rare = 2 + (unsigned)(draw() % 100);
        for (unsigned i = 0; i < sizeof text; i++)
            text[i] = draw() % rare ? (char)('a' + draw() % 26) : "\"\"\"\",,}}\\\n\x1F\x80\xFF"[draw() % 13];
        memset(text + sizeof text - 100, '"', 100);
        struct window window = {0};
        for (const char *at = text; at < text + sizeof text - 200;) {
            struct window ahead = window;
            const char *end = window_text(&ahead, at), *expected = string_special_plain(at);
            ck_assert_ptr_eq(end, *expected == '"' ? expected : NULL);
            if (end && draw() % 2) at = end, window = ahead;
            size_t passed = 1 + draw() % 40;
            window_pass(&window, passed);
            at += passed;
        }
    }
}

/* Numbers one behind the other, and what is nearly one. */
TEST(window__numbers_agree)
{
    char text[700];
    for (unsigned round = 0; round < 4000; round++) {
        struct window window = {0};
        unsigned size = 0, starts[20];
        bool plain[20];
        for (unsigned i = 0; i < 20; i++) {
            unsigned whole = 1 + (unsigned)(draw() % 12), scale = draw() % 2 ? 1 + (unsigned)(draw() % 5) : 0;
            starts[i] = size;
            plain[i] = draw() % 4;
            if (draw() % 4 == 0) text[size++] = '-';
            if (plain[i]) {
                for (unsigned k = 0; k < whole; k++)
                    text[size++] = (char)(k || whole == 1 ? '0' + draw() % 10 : '1' + draw() % 9);
                if (scale) text[size++] = '.';
                for (unsigned k = 0; k < scale; k++) text[size++] = (char)('0' + draw() % 10);
                plain[i] = whole + (scale ? 1 + scale : 0) <= 15;
            } else for (unsigned k = 0; k < whole; k++) text[size++] = "00123456789.-+eE x\n"[draw() % 19];
            text[size++] = ",}"[draw() % 2];
        }
        memset(text + size, ',', sizeof text - size);
        for (unsigned i = 0; i < 20; i++) {
            struct scan scan = {0};
            struct digits found = {0}, expected = {0};
            bool scaled = draw() % 2;
            const char *at = text + starts[i];
            struct window ahead = window;
            const char *end = window_number(&ahead, at, &found, scaled);
            if (!end) ahead = window, end = window_negative(&ahead, at, &found, scaled);
            window = ahead;
            if (end && i < 19) window_pass(&window, starts[i + 1] - (size_t)(end - text));
            else window = (struct window){0};
            const char *until = scan_number_rest(&scan, at, &expected);
            bool wanted = scaled || !expected.scale;
#ifdef __AVX2__
            ck_assert_msg(end || !plain[i] || !wanted, "%.30s is left to the loop", at);
#endif
            if (!end) continue;
            ck_assert_msg(end == until && wanted, "%.30s ends elsewhere", at);
            ck_assert_msg(found.value == expected.value && found.scale == expected.scale && expected.exact, "%.30s", at);
        }
    }
}

/* The tests of code for AVX2 are skipped where the machine has none. */
static void begin(void)
{
#ifdef __AVX2__
    bool can = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    if (!can) exit(77);
#endif
}

SUITE_WITH("scan", begin, NULL);
