/* SPDX-License-Identifier: MIT
 * shorten: messages that fit. What names and paths are too long for is taken out of their middle, so
 * that a message keeps both ends of them, and what it says of them. */
#ifndef BASE_SHORTEN_H
#define BASE_SHORTEN_H

#include <stdarg.h>
#include <stddef.h>

/* As vsnprintf() to `room` bytes; a text that is too long is shortened where it is longest between two
 * quotes. */
__attribute__((format(printf, 3, 0))) void format_short(char *to, size_t room, const char *format, va_list arguments);

#endif
