/* SPDX-License-Identifier: MIT
 * Growing buffers, and JSON strings written into them. */
#include "base/buffer.h"
#include "base/bytes.h"
#include "base/memory.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *buffer_reserve(struct buffer *buffer, size_t bytes)
{
    if (buffer->capacity - buffer->size < bytes) {
        buffer->capacity = buffer->capacity * 2 + bytes + 256;
        buffer->data = reallocate(buffer->data, buffer->capacity);
    }
    return buffer->data + buffer->size;
}

void buffer_add(struct buffer *buffer, const void *data, size_t size)
{
    if (!size) return;
    memcpy(buffer_reserve(buffer, size), data, size);
    buffer->size += size;
}

void buffer_add_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void buffer_format_arguments(struct buffer *buffer, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    size_t room = buffer->capacity - buffer->size;
    int size = vsnprintf(room ? buffer->data + buffer->size : NULL, room, format, arguments);
    if (size > 0 && (size_t)size >= room)
        vsnprintf(buffer_reserve(buffer, (size_t)size + 1), (size_t)size + 1, format, again);
    if (size > 0) buffer->size += (size_t)size;
    va_end(again);
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buffer_format_arguments(buffer, format, arguments);
    va_end(arguments);
}

/* ---- JSON strings */

/* The letter that follows the backslash in the short escape of this byte; 0: it has no
 * short escape. */
static char escape_name(char byte)
{
    switch (byte) {
    case '"': case '\\': return byte;
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
    }
}

static bool is_plain(char byte)
{
    /* signed, so bytes beyond ASCII are excluded, too */
    return byte >= 0x20 && byte != '"' && byte != '\\';
}

/* Escapes a run of ASCII bytes at the front that need it, limited to some at a time.
 * Returns how many bytes it consumed. */
static size_t add_escapes(struct buffer *buffer, const char *data, size_t size)
{
    enum { SOME = 64, ESCAPE_SIZE = 6 };
    static const char digits[] = "0123456789abcdef";
    char *to = buffer_reserve(buffer, SOME * ESCAPE_SIZE);
    size_t at = 0;
    for (; at < size && at < SOME && data[at] >= 0 && !is_plain(data[at]); at++) {
        const char byte = data[at], name = escape_name(byte);
        const char escape[] = {'\\', name ? name : 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
        memcpy(to, escape, ESCAPE_SIZE);
        to += name ? 2 : ESCAPE_SIZE;
    }
    buffer->size = (size_t)(to - buffer->data);
    return at;
}

/* Number of ASCII bytes at the front that need no escape. */
static size_t plain_size(const char *data, size_t size)
{
    size_t at = 0;
    uint64_t word;
    for (; at + 8 <= size && (memcpy(&word, data + at, 8), bytes_are_plain(word)); at += 8) {}
    while (at < size && is_plain(data[at])) at++;
    return at;
}

/* Number of bytes at the front that are characters beyond ASCII. */
static size_t wide_size(const char *data, size_t size)
{
    size_t at = 0, length;
    while ((length = utf8_length(data + at, size - at)) > 1) at += length;
    return at;
}

void buffer_add_json_string(struct buffer *buffer, const char *data, size_t size)
{
    buffer_add(buffer, "\"", 1);
    for (size_t at = 0; at < size;) {
        size_t run = data[at] < 0 ? wide_size(data + at, size - at) : plain_size(data + at, size - at);
        buffer_add(buffer, data + at, run);
        at += run;
        if (run) continue;
        if (data[at] >= 0) at += add_escapes(buffer, data + at, size - at);
        else buffer_add_text(buffer, "\xEF\xBF\xBD"), at++;
    }
    buffer_add(buffer, "\"", 1);
}

void buffer_finish(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}
