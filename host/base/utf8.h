/* SPDX-License-Identifier: MIT
 * utf8: the well-formedness of UTF-8. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

enum { UTF8_LENGTH_MAX = 4 };

/* Bytes of the well-formed character at `data` (1 to 4; NUL is one). 0: not UTF-8
 * (overlong, surrogate, beyond U+10FFFF, or cut). */
size_t utf8_length(const char *data, size_t size);
/* Is all of it UTF-8? */
bool utf8_valid(const char *data, size_t size);

#endif
