/* SPDX-License-Identifier: MIT
 * shorten: messages that fit. Long names and paths lose their middle, so that a
 * message keeps both ends of them and all its own words. */
#ifndef BASE_SHORTEN_H
#define BASE_SHORTEN_H

#include <stdarg.h>
#include <stddef.h>

/* Like vsnprintf() into `room` bytes, but a text that is too long is shortened between
 * two quotes, at the longest such part. */
__attribute__((format(printf, 3, 0))) void format_short(char *to, size_t room, const char *format, va_list arguments);

#endif
