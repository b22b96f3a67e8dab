/* SPDX-License-Identifier: MIT
 * number: parses short numbers without a loop, so that no branch depends on their
 * length, which is often unpredictable. All bytes are classified together into digits,
 * point and others. The digits are then shifted to the right end, with zeros before
 * them, and neighbours are joined to pairs, fours and eights. The AVX2 build (which
 * uses only SSE4.1 and BMI2 here) does this for up to 15 digits at once; the plain
 * build for up to eight digits on each side of the point, in one 64-bit word. Longer
 * numbers, exponents and anything else are left to the loop in scan.c. The point is
 * tested by a branch, because without one later work waits for the number (measured). */
#ifndef DECODE_NUMBER_H
#define DECODE_NUMBER_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

/* Constants that text is compared and computed with. They are defined in another file,
 * so that the compiler loads them instead of building each from instructions. */
struct lanes {
    char zeros[32], to_top[32]; /* '0'; 118, which takes values above 9 to 128 and more */
    char quotes[32], backslashes[32], spaces[32]; /* '"', '\\', ' ' */
    /* Bytes that may end a value, indexed by their low four bits: `least` is the bound
     * below which a byte ends a value; `others` holds the others. */
    char least[32], others[32];
    uint8_t tens[16]; /* weights 10 and 1, which join digits to pairs */
    uint16_t hundreds[8], ten_thousands[8];       /* weights 100 and 1, 10,000 and 1 */
    /* Shuffles for the bytes of a number, used from an offset: `right` moves them to
     * the right end, `before` moves those before the point by one byte less. */
    signed char right[32], before[32];
} __attribute__((aligned(64)));
extern const struct lanes lanes;

/* A number of few digits, as written: value · 10^-scale. */
struct digits {
    int64_t value;
    uint8_t scale;
    /* false: it has an exponent, or more digits than an int64_t, and the other members
     * are unspecified */
    bool exact;
};

static inline bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

/* Up to eight digits at the front of eight bytes. */
struct digit_run {
    uint64_t value;
    unsigned count;
};

static inline struct digit_run run_of_digits_plain(const char *at)
{
    struct digit_run run = {0};
    while (run.count < 8 && is_digit(at[run.count])) run.value = run.value * 10 + (unsigned char)(at[run.count++] - '0');
    return run;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static inline struct digit_run run_of_digits_word(const char *at)
{
    uint64_t word;
    memcpy(&word, at, 8);
    word ^= 0x3030303030303030u; /* digits become 0 to 9 */
    /* marks are right up to the first byte that is not a digit */
    uint64_t others = (word | (word + 0x7676767676767676u)) & 0x8080808080808080u;
    unsigned bits = others ? (unsigned)__builtin_ctzll(others) & 0x78 : 64, half = (64 - bits) / 2;
    /* the first byte becomes the most significant digit; zeros precede it */
    word = word << half << half;
    word = (word * (1 + (10 << 8)) >> 8) & 0x00FF00FF00FF00FFu;
    word = (word * (1 + (100 << 16)) >> 16) & 0x0000FFFF0000FFFFu;
    word = word * (1 + ((uint64_t)10000 << 32)) >> 32;
    return (struct digit_run){word, bits / 8};
}
#define run_of_digits run_of_digits_word
#else
#define run_of_digits run_of_digits_plain
#endif

/* Takes up to eight digits before a point and seven behind it, or up to fifteen
 * without a point. Reads 20 bytes. Returns what follows the number; NULL: the loop
 * must parse it. */
static inline const char *number_short_words(const char *at, struct digits *digits)
{
    static const uint64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    bool negative = *at == '-';
    at += negative;
    struct digit_run run = run_of_digits(at);
    const char *end = at + run.count;
    uint64_t value = run.value;
    if (UNLIKELY(!run.count || (*at == '0' && run.count > 1))) return NULL;
    bool point = *end == '.';
    digits->scale = 0;
    if (point || run.count == 8) {
        struct digit_run more = run_of_digits(end + point);
        if (UNLIKELY(more.count == 8 || more.count < point)) return NULL;
        value = value * powers[more.count] + more.value;
        end += point + more.count;
        digits->scale = (uint8_t)(point ? more.count : 0);
        if (!point && *end == '.') return NULL;
    }
    digits->value = negative ? -(int64_t)value : (int64_t)value;
    digits->exact = true;
    return UNLIKELY((*end | 0x20) == 'e') ? NULL : end;
}

#ifdef __AVX2__
static inline __m128i lane16(const void *bytes)
{
    return _mm_loadu_si128((const __m128i *)bytes);
}

/* A bit for each of sixteen values that is not 0 to 9. */
static inline uint32_t number_others(__m128i values)
{
    return (uint32_t)_mm_movemask_epi8(_mm_adds_epu8(values, lane16(lanes.to_top)));
}

/* Joins sixteen values of 0 to 9, most significant first, to one number. */
static inline uint64_t number_join(__m128i values)
{
    __m128i pairs = _mm_maddubs_epi16(values, lane16(lanes.tens)), fours = _mm_madd_epi16(pairs, lane16(lanes.hundreds));
    __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours), lane16(lanes.ten_thousands));
    uint64_t both = (uint64_t)_mm_cvtsi128_si64(eights);
    return (both & UINT32_MAX) * 100000000 + (both >> 32);
}

/* Parses `size` bytes: up to fifteen characters, digits and, if `scaled`, one point.
 * Reads sixteen. False: the loop must parse it. */
INLINE bool number_sized(const char *at, size_t size, struct digits *digits, bool scaled)
{
    __m128i values = _mm_sub_epi8(lane16(at), lane16(lanes.zeros));
    uint32_t others = number_others(values);
    size_t whole = size, scale = 0;
    if (UNLIKELY(size > 15 || (others & 1))) return false; /* also if there is no digit */
    ONE_REGISTER(others); /* one register, not two */
    others = _bzhi_u32(others, (uint32_t)size);
    __m128i order = lane16(lanes.right + size);
    if (others) {
        whole = (size_t)__builtin_ctz(others);
        scale = size - whole - 1;
        if (UNLIKELY(!scaled || at[whole] != '.' || !scale || (others & (others - 1)))) return false;
        order = _mm_add_epi8(order, lane16(lanes.before + scale));
    }
    if (UNLIKELY(*at == '0' && whole > 1)) return false;
    digits->value = (int64_t)number_join(_mm_shuffle_epi8(values, order));
    digits->scale = (uint8_t)scale;
    digits->exact = true;
    return true;
}

/* The same for up to four digits and nothing else, a frequent case: one 32-bit word,
 * at half the cost. */
INLINE bool number_tiny(const char *at, size_t size, struct digits *digits)
{
    uint32_t word;
    memcpy(&word, at, sizeof word);
    if (size > 4) return false;
    /* digits become 0 to 9, at the right end, with zeros before them */
    word = (word ^ 0x30303030) << (8 * (4 - (uint32_t)size) & 31);
    if (UNLIKELY((((word + 0x76767676) | word) & 0x80808080) || (*at == '0' && size > 1))) return false;
    word = (word * (1 + (10 << 8)) >> 8) & 0x00FF00FF;
    digits->value = (uint32_t)(word * (1 + (100 << 16))) >> 16;
    digits->scale = 0;
    digits->exact = true;
    return true;
}

/* Like number_sized(), for a sign and digits of together `size` bytes. Reads 17. Not
 * exact: the loop must parse it. Out of line, because few numbers have a sign. */
static NOINLINE struct digits number_negative(const char *at, size_t size, bool scaled)
{
    struct digits digits = {0};
    if (*at == '-' && number_sized(at + 1, size - 1, &digits, scaled)) digits.value = -digits.value;
    return digits;
}

static inline const char *number_short_avx2(const char *at, struct digits *digits)
{
    __m128i values = _mm_sub_epi8(lane16(at), lane16(lanes.zeros));
    /* ensures that a bit is set */
    uint32_t others = number_others(values) | UINT32_MAX << 16;
    if (*at == '-') others &= ~1u;
    size_t size = (size_t)__builtin_ctz(others);
    if (at[size] == '.') size = (size_t)__builtin_ctz(others & (others - 1));
    if (UNLIKELY(size > 15 || (at[size] | 0x20) == 'e' || at[size] == '.')) return NULL;
    if (*at == '-') *digits = number_negative(at, size, true);
    else if (UNLIKELY(!number_sized(at, size, digits, true))) return NULL;
    return digits->exact ? at + size : NULL;
}
#define number_short number_short_avx2
#else
#define number_short number_short_words
#endif

#endif
