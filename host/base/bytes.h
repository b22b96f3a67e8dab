/* SPDX-License-Identifier: MIT
 * bytes: tests on all eight bytes of a word at once, by arithmetic. Zero means no. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stdint.h>

#define BYTES_OF(byte) (0x0101010101010101u * (uint64_t)(unsigned char)(byte))

/* Is any byte below `limit`, which is at most 128? */
static inline uint64_t bytes_below(uint64_t word, unsigned char limit)
{
    return (word - BYTES_OF(limit)) & ~word & BYTES_OF(0x80);
}

/* Is any byte equal to `byte`? */
static inline uint64_t bytes_equal(uint64_t word, unsigned char byte)
{
    return bytes_below(word ^ BYTES_OF(byte), 1);
}

/* Are all bytes ASCII that a JSON string need not escape? */
static inline bool bytes_are_plain(uint64_t word)
{
    return !((word & BYTES_OF(0x80)) | bytes_below(word, 0x20) | bytes_equal(word, '"') | bytes_equal(word, '\\'));
}

#endif
