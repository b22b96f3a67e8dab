/* SPDX-License-Identifier: MIT
 * Formatting rejects, and writing them within limits. */
#include "sinks/rejects.h"
#include "base/figures.h"
#include "base/glyph.h"
#include "base/memory.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>
#include <string.h>

static const char *const class_names[] = {
    [REJECT_MALFORMED] = "malformed", [REJECT_INVALID] = "invalid", [REJECT_UNHANDLED] = "unhandled",
};

/* The limits of a terminal; it shows at least one. */
enum { SHOWN_MAX = 20, SHOWN_BYTES_MAX = 64 * 1024 };

struct rejects {
    const char *path; /* NULL: standard error */
    struct output *output;
    bool on_terminal; /* for people: only the first ones are written */
    uint64_t shown, hidden;
    size_t shown_bytes;
    uint64_t bytes_left; /* bytes that may still be written */
    uint64_t dropped;    /* rejects beyond the limit */
};

const char *reject_class_name(enum reject_class class)
{
    return class_names[class];
}

struct rejects *rejects_create(const struct config *config)
{
    struct rejects *rejects = allocate(sizeof *rejects);
    rejects->path = config->rejects.path.value;
    rejects->bytes_left = config->rejects.max_bytes ? config->rejects.max_bytes : UINT64_MAX;
    return rejects;
}

bool rejects_open(struct rejects *rejects, struct error *error)
{
    rejects->output = rejects->path ? output_open(rejects->path, error)
                                    : output_open_descriptor(STDERR_FILENO, "standard error", error);
    rejects->on_terminal = !rejects->path && isatty(STDERR_FILENO);
    return rejects->output;
}

static void add_base64(struct buffer *to, const char *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)data;
    char *out = buffer_reserve(to, (size + 2) / 3 * 4);
    to->size += (size + 2) / 3 * 4;
    for (; size; p += 3, out += 4) {
        unsigned bits = (unsigned)p[0] << 16 | (size > 1 ? (unsigned)p[1] << 8 : 0) | (size > 2 ? (unsigned)p[2] : 0);
        for (unsigned i = 0; i < 4; i++) out[i] = i <= size ? digits[bits >> (18 - 6 * i) & 63] : '=';
        size -= size < 3 ? size : 3;
    }
}

static void add_member(struct buffer *to, const char *label, const char *text)
{
    if (!text) return;
    buffer_add_text(to, label);
    buffer_add_json_string(to, text, strlen(text));
}

/* Adds the original bytes: as text if they are UTF-8, which JSON requires, otherwise
 * encoded. */
static void add_line(struct buffer *to, const struct logline *line)
{
    if (utf8_valid(line->data, line->size)) {
        buffer_add_text(to, ",\"text\":");
        buffer_add_json_string(to, line->data, line->size);
    } else {
        buffer_add_text(to, ",\"base64\":\"");
        add_base64(to, line->data, line->size);
        buffer_add_text(to, "\"");
    }
    uint64_t full_size = logline_full_size(line);
    if (full_size > line->size) buffer_format(to, ",\"size\":%" PRIu64, full_size);
}

void rejects_format(struct buffer *to, const struct logline *line, const struct reject *reject)
{
    add_member(to, "{\"source\":", logline_source(line));
    buffer_format(to, ",\"line\":%" PRIu64 ",\"offset\":%" PRIu64, logline_line(line), logline_offset(line));
    add_member(to, ",\"class\":", class_names[reject->class]);
    add_member(to, ",\"reason\":", reject->reason);
    add_member(to, ",\"plugin\":", reject->plugin);
    add_member(to, ",\"handler\":", reject->handler);
    add_line(to, line);
    buffer_add_text(to, "}\n");
}

/* ---- a terminal */

static bool shows_more(const struct rejects *rejects)
{
    return !rejects->on_terminal || (rejects->shown < SHOWN_MAX && rejects->shown_bytes < SHOWN_BYTES_MAX);
}

/* JSON allows hidden characters beyond U+007E to be escaped. Below that, only a
 * record's line end is left. */
static void add_shown(struct buffer *to, const char *text, size_t size)
{
    for (struct glyph glyph; size; text += glyph.size, size -= glyph.size) {
        glyph = glyph_at(text, size);
        if (!glyph.hidden || glyph.code < 0x7F) buffer_add(to, text, glyph.size);
        else if (glyph.code <= 0xFFFF) buffer_format(to, "\\u%04x", (unsigned)glyph.code);
        else buffer_format(to, "\\u%04x\\u%04x", 0xD7C0 + (unsigned)(glyph.code >> 10), 0xDC00 + (unsigned)(glyph.code & 0x3FF));
    }
}

static bool hide(struct rejects *rejects, struct error *error)
{
    if (rejects->hidden++) return true;
    buffer_add_text(&rejects->output->pending, "etl-host: info: further rejects are only counted here: to keep them, give "
                                               "rejects.path a file, or redirect standard error\n");
    return output_flush(rejects->output, error);
}

static void say_hidden(struct rejects *rejects)
{
    if (!rejects->hidden) return;
    buffer_format(&rejects->output->pending, "etl-host: info: %s further reject%s not shown\n",
                  figure_count(rejects->hidden).text, rejects->hidden == 1 ? " was" : "s were");
}

/* ---- writing */

bool rejects_are_direct(const struct rejects *rejects)
{
    return output_is_direct(rejects->output) && !rejects->dropped && (shows_more(rejects) || !rejects->hidden);
}

uint64_t rejects_dropped(const struct rejects *rejects)
{
    return rejects->dropped;
}

bool rejects_add(struct rejects *rejects, const char *text, size_t size, struct error *error)
{
    if (rejects->dropped || size > rejects->bytes_left) return rejects->dropped++, true;
    if (!shows_more(rejects)) return hide(rejects, error);
    rejects->bytes_left -= size;
    rejects->shown++;
    rejects->shown_bytes += size;
    if (rejects->on_terminal) add_shown(&rejects->output->pending, text, size);
    else if (!output_add(rejects->output, text, size, error)) return false;
    /* one write a record, so that records and messages on a terminal do not mix */
    return !output_is_direct(rejects->output) || output_flush(rejects->output, error);
}

bool rejects_complete(struct rejects *rejects, struct error *error)
{
    say_hidden(rejects);
    return output_complete(rejects->output, error);
}

struct output *rejects_output(const struct rejects *rejects)
{
    return rejects->output;
}

void rejects_destroy(struct rejects *rejects)
{
    if (!rejects) return;
    output_destroy(rejects->output);
    free(rejects);
}
