/* SPDX-License-Identifier: MIT
 * Validation of UTF-8. */
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

size_t utf8_length(const char *data, size_t size)
{
    const unsigned char *p = (const unsigned char *)data;
    if (!size) return 0;
    if (p[0] < 0x80) return 1;
    size_t length = p[0] >= 0xC2 && p[0] < 0xE0 ? 2 : p[0] >= 0xE0 && p[0] < 0xF0 ? 3 : p[0] >= 0xF0 && p[0] < 0xF5 ? 4 : 0;
    if (!length || size < length) return 0;
    for (size_t i = 1; i < length; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    if (p[0] == 0xE0 && p[1] < 0xA0) return 0; /* overlong */
    if (p[0] == 0xED && p[1] > 0x9F) return 0; /* surrogate */
    if (p[0] == 0xF0 && p[1] < 0x90) return 0; /* overlong */
    if (p[0] == 0xF4 && p[1] > 0x8F) return 0; /* beyond U+10FFFF */
    return length;
}

bool utf8_valid(const char *data, size_t size)
{
    while (size) {
        uint64_t word;
        if (size >= 8 && (memcpy(&word, data, 8), !(word & 0x8080808080808080u))) {
            data += 8, size -= 8;
            continue;
        }
        size_t length = utf8_length(data, size);
        if (!length) return false;
        data += length, size -= length;
    }
    return true;
}
