/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "memory.h"
#include "utf8.h"

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
    int size = vsnprintf(NULL, 0, format, arguments);
    if (size > 0) {
        vsnprintf(buffer_reserve(buffer, (size_t)size + 1), (size_t)size + 1, format, again);
        buffer->size += (size_t)size;
    }
    va_end(again);
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buffer_format_arguments(buffer, format, arguments);
    va_end(arguments);
}

static void add_escaped(struct buffer *buffer, unsigned char byte)
{
    static const char short_names[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (const char *name = short_names; *name; name += 2)
        if ((unsigned char)name[0] == byte) {
            buffer_add(buffer, (char[]){'\\', name[1]}, 2);
            return;
        }
    buffer_format(buffer, "\\u%04x", byte);
}

void buffer_add_json_string(struct buffer *buffer, const char *data, size_t size)
{
    size_t at = 0;
    buffer_add(buffer, "\"", 1);
    while (at < size) {
        size_t from = at, length = 1;
        while (at < size && (unsigned char)data[at] >= 0x20 && data[at] != '"' && data[at] != '\\'
               && (length = utf8_length(data + at, size - at)))
            at += length;
        buffer_add(buffer, data + from, at - from);
        if (at == size) break;
        if (!length) buffer_add_text(buffer, "\xEF\xBF\xBD");
        else add_escaped(buffer, (unsigned char)data[at]);
        at++;
    }
    buffer_add(buffer, "\"", 1);
}

void buffer_finish(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}
