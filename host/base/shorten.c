/* SPDX-License-Identifier: MIT
 * Cutting the middle out of the longest quoted part of a message. */
#define _GNU_SOURCE
#include "base/shorten.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char gap[] = "...";
enum { GAP = sizeof gap - 1, KEPT_MIN = 40 /* bytes of a part that are always kept */ };

struct part {
    char *start;
    size_t size;
};

/* The longest part between quotes. */
static struct part longest_part(char *text)
{
    struct part longest = {text, 0};
    for (char *start = text, *end;; start = end + 1) {
        end = strchrnul(start, '\'');
        if ((size_t)(end - start) > longest.size) longest = (struct part){start, (size_t)(end - start)};
        if (!*end) return longest;
    }
}

static bool within_character(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/* Removes at least `excess` bytes from the part, if it has that many to spare. Returns
 * how many it removed. */
static size_t shorten_part(struct part part, size_t excess)
{
    size_t least = part.size < excess + GAP + KEPT_MIN ? KEPT_MIN : part.size - excess - GAP;
    char *from = part.start + least / 2, *to = part.start + part.size - (least - least / 2);
    while (from > part.start && within_character(*from)) from--;
    while (within_character(*to)) to++;
    memcpy(from, gap, GAP);
    memmove(from + GAP, to, strlen(to) + 1);
    return (size_t)(to - from) - GAP;
}

/* Cuts the end at the boundary of a character. */
static void cut_end(char *text, size_t room)
{
    size_t end = room - 1, start = end;
    while (start && end - start < UTF8_LENGTH_MAX && within_character(text[start])) start--;
    text[utf8_length(text + start, strlen(text + start)) > end - start ? start : end] = '\0';
}

void format_short(char *to, size_t room, const char *format, va_list arguments)
{
    va_list again;
    char *text;
    va_copy(again, arguments);
    int size = vsnprintf(to, room, format, arguments);
    if (size >= (int)room && vasprintf(&text, format, again) >= 0) {
        size_t left = (size_t)size;
        for (struct part part; left >= room && (part = longest_part(text)).size > KEPT_MIN + GAP;)
            left -= shorten_part(part, left - room + 1);
        if (left >= room) cut_end(text, room);
        memcpy(to, text, strlen(text) + 1);
        free(text);
    }
    va_end(again);
}
