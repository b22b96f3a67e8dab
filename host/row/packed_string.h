/* SPDX-License-Identifier: MIT
 * text: a string in two words of a row. Up to 15 bytes stand in the words themselves, padded with zeros, the size in the
 * last byte; so equal short texts are equal words. A longer text: the first word points to its bytes, the second holds a
 * mark in its last byte, 24 bits of hash, and the size. */
#ifndef STATE_TEXT_H
#define STATE_TEXT_H

#include "base/compiler.h"

#include <etl.h>

#if defined(__SSE2__) && !defined(__SANITIZE_ADDRESS__)
#if !defined(__has_feature)
#define TEXT_SSE2
#elif !__has_feature(address_sanitizer)
#define TEXT_SSE2
#endif
#endif
#ifdef TEXT_SSE2
#include <emmintrin.h>
#endif

enum { TEXT_INLINE_MAX = 15, TEXT_LONG_MARK = 0xFF };
#define TEXT_BYTES_MAX ((size_t)1 << 30)

static inline bool text_is_long(const uint64_t words[2])
{
    return words[1] >> 56 == TEXT_LONG_MARK;
}

static inline etl_string text_view(const uint64_t words[2])
{
    if (text_is_long(words)) return (etl_string){(const char *)(uintptr_t)words[0], (uint32_t)words[1]};
    return (etl_string){(const char *)words, words[1] >> 56};
}

static inline uint64_t text_load(const char *data, size_t size) /* 0 to 8 bytes, never a byte more */
{
    if (size >= 8) {
        uint64_t all;
        memcpy(&all, data, 8);
        return all;
    }
    if (size >= 4) {
        uint32_t low, high;
        memcpy(&low, data, 4);
        memcpy(&high, data + size - 4, 4);
        return low | (uint64_t)high << 8 * (size - 4);
    }
    if (!size) return 0;
    return (unsigned char)data[0] | (uint64_t)(unsigned char)data[size / 2] << 8 * (size / 2)
           | (uint64_t)(unsigned char)data[size - 1] << 8 * (size - 1);
}

static inline void text_pack_short(etl_string text, uint64_t words[2])
{
    words[0] = text_load(text.data, text.size < 8 ? text.size : 8);
    words[1] = (text.size > 8 ? text_load(text.data + 8, text.size - 8) : 0) | (uint64_t)text.size << 56;
}

/* Packs a text of 1 to 15 ASCII characters, which nearly all keys are; false: it is some other text, or may be, and `words` are
 * undefined. Sizes differ from text to text, so that to branch on them is to guess: one load of 16 bytes, cut by a mask, has no
 * branch. It reads beyond the text, but never beyond its page; AddressSanitizer would object, and gets the twin. */
static inline bool text_pack_ascii_plain(etl_string text, uint64_t words[2])
{
    if (text.size - 1 >= TEXT_INLINE_MAX || !text.data) return false;
    text_pack_short(text, words);
    return !((words[0] | words[1]) & 0x8080808080808080u);
}

#ifdef TEXT_SSE2
extern const struct text_lanes {
    unsigned char mask[32];      /* 16 times 0xFF, 16 times 0 */
    unsigned char sizes[16][16]; /* the size in the last byte */
} text_lanes;
static inline bool text_pack_ascii_sse2(etl_string text, uint64_t words[2])
{
    bool in_page = (((uintptr_t)text.data - 1) & 4095) < 4096 - 16; /* and not NULL */
    if (UNLIKELY(text.size - 1 >= TEXT_INLINE_MAX || !in_page)) return false;
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)text.data);
    bytes = _mm_and_si128(bytes, _mm_loadu_si128((const __m128i *)(const void *)(text_lanes.mask + 16 - text.size)));
    bool is_ascii = !_mm_movemask_epi8(bytes);
    bytes = _mm_or_si128(bytes, _mm_load_si128((const __m128i *)(const void *)text_lanes.sizes[text.size]));
    _mm_storeu_si128((__m128i *)(void *)words, bytes);
    return is_ascii;
}
#define text_pack_ascii text_pack_ascii_sse2
#else
#define text_pack_ascii text_pack_ascii_plain
#endif

/* Makes words of a text of 16 bytes and more, whose bytes stay where they are. */
void text_pack_long(etl_string text, uint64_t words[2]);
/* The same of its copy, which is made at `to`, in one pass over the text, 16 bytes a step. Is it ASCII? */
bool text_copy_long(etl_string text, char *to, uint64_t words[2]);
struct scratch;
/* JSON in which line ends, which are white space between tokens (in a string none stands as itself), are blanks: in a copy, if
 * there are any. */
etl_string text_in_one_line(etl_string json, struct scratch *scratch);
int text_compare(const uint64_t a[2], const uint64_t b[2]);
/* The same text, long ones compared by their bytes. */
bool text_equal(const uint64_t a[2], const uint64_t b[2]);

/* The values of rows own their long texts (for keys, see texts.h): take a copy of a borrowed one; replace an owned one by a
 * borrowed one; give one back. Each returns by how many bytes the memory held has grown. */
long text_own(uint64_t words[2]);
long text_replace(uint64_t owned[2], const uint64_t borrowed[2]);
long text_release(uint64_t words[2]);

#endif
