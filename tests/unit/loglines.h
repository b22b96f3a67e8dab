/* SPDX-License-Identifier: MIT
 * Loglines that stand between two pages that cannot be read: a read before a line, or too far past it, kills the test. */
#ifndef LOGLINES_H
#define LOGLINES_H

#include "decode/decoder.h"
#include "source/source.h"

#include <check.h>
#include <string.h>
#include <sys/mman.h>

enum { LOGLINES_PAGE = 4096, LOGLINES_ROOM = 256 * LOGLINES_PAGE };

static char *loglines_room;

static inline char *loglines_guarded(void)
{
    if (loglines_room) return loglines_room;
    char *pages = mmap(NULL, LOGLINES_ROOM + 2 * LOGLINES_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(pages, MAP_FAILED);
    ck_assert_int_eq(mprotect(pages + LOGLINES_PAGE, LOGLINES_ROOM, PROT_READ | PROT_WRITE), 0);
    return loglines_room = pages + LOGLINES_PAGE;
}

/* The line's end (LF, or with '\r' CRLF), and then bytes that would go on with almost any JSON. */
static inline void loglines_pad(char *end, char line_end)
{
    static const char after[] = "\n0123456789\"}]}]}]}:1,\"a\":1}]}\n\n  \"e1.5true,null\\\"\\u0041\xE9\x80\x80\"}}}}";
    bool crlf = line_end == '\r';
    *end = line_end;
    memcpy(end + 1, crlf ? after : after + 1, SOURCE_PADDING - 1);
}

/* Decodes the first line of the text, at the very start of what can be read and then at its very end; both must judge the same. */
static inline enum verdict loglines_decode(struct decoder *decoder, const char *text, size_t size, unsigned *event_type)
{
    char *room = loglines_guarded(), *last = room + LOGLINES_ROOM - SOURCE_PADDING - size;
    const char *feed = memchr(text, '\n', size);
    if (feed) size = (size_t)(feed - text) - (feed > text && feed[-1] == '\r');
    ck_assert_uint_le(size + 2 * SOURCE_PADDING, LOGLINES_ROOM);
    if (size) memcpy(room, text, size);
    loglines_pad(room + size, '\n');
    struct judged first = decoder_decode(decoder, room, size);
    ck_assert_ptr_eq(first.end, room + size);
    if (size) memmove(last, text, size);
    loglines_pad(last + size, '\r');
    struct judged second = decoder_decode(decoder, last, size);
    ck_assert_ptr_eq(second.end, last + size);
    ck_assert_int_eq(first.verdict, second.verdict);
    *event_type = second.event_type;
    return second.verdict;
}

static inline const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {"event", "blank", "malformed", "unhandled", "invalid"};
    return names[verdict];
}

/* Numbers that look random and are the same in every run. */
static inline uint64_t loglines_random(void)
{
    static uint64_t state = 0x9E3779B97F4A7C15u;
    return state ^= state << 13, state ^= state >> 7, state ^= state << 17;
}

#endif
