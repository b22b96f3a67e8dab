/* SPDX-License-Identifier: MIT
 * buffer: bytes that grow at the end. Starts as {0}; buffer_finish() frees it. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdarg.h>
#include <stddef.h>

struct buffer {
    char *data;
    size_t size, capacity;
};

/* Makes room for `bytes` more and returns where they go. The caller then adds to
 * `size` the number of bytes it wrote. */
char *buffer_reserve(struct buffer *buffer, size_t bytes);
void buffer_add(struct buffer *buffer, const void *data, size_t size);
void buffer_add_text(struct buffer *buffer, const char *text);
__attribute__((format(printf, 2, 3))) void buffer_format(struct buffer *buffer, const char *format, ...);
__attribute__((format(printf, 2, 0))) void buffer_format_arguments(struct buffer *buffer, const char *format, va_list arguments);
/* Adds the text as a JSON string, in quotes. Invalid UTF-8 becomes U+FFFD. */
void buffer_add_json_string(struct buffer *buffer, const char *data, size_t size);
void buffer_finish(struct buffer *buffer);

#endif
