/* SPDX-License-Identifier: MIT */
#include "run/reasons.h"
#include "base/memory.h"
#include "row/hash.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct gist {
    enum reject_class class;
    uint32_t handler;
    uint32_t forms;     /* that are kept of it */
    uint64_t uncounted; /* rejects of other forms */
    char text[REASON_SIZE];
};

struct form {
    uint64_t count;
    uint32_t gist;
    bool varies;            /* in its numbers: then `text` says it */
    char text[REASON_SIZE]; /* with # for each number */
    char first[REASON_SIZE]; /* as it came first */
};

enum { NOT_FOUND = -1, ALL_FORMS_MAX = GISTS_MAX * FORMS_MAX };

/* ---- texts */

/* A text in the making: what is too much is left out. */
struct writer {
    char *to;
    size_t size;
};

static void put(struct writer *writer, const char *data, size_t size)
{
    size_t room = REASON_SIZE - 1 - writer->size;
    if (size > room) size = room;
    memcpy(writer->to + writer->size, data, size);
    writer->size += size;
}

/* Ends it, not within a character. */
static void end_text(struct writer *writer, bool cut)
{
    while (cut && writer->size && ((unsigned char)writer->to[writer->size - 1] & 0xC0) == 0x80) writer->size--;
    if (cut && writer->size && (unsigned char)writer->to[writer->size - 1] >= 0xC0) writer->size--;
    memset(writer->to + writer->size, 0, REASON_SIZE - writer->size);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_of_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Where the digits end that begin here: 12, 1.5, 1,000. */
static size_t number_end(etl_string text, size_t at)
{
    const char *data = text.data;
    for (; at < text.size; at++)
        if (!is_digit(data[at]) && !((data[at] == '.' || data[at] == ',') && at + 1 < text.size && is_digit(data[at + 1]))) break;
    return at;
}

/* Where the quote ends that is opened before `at`. One within a word is an apostrophe. */
static size_t quote_end(etl_string text, size_t at)
{
    for (; at < text.size; at++)
        if (text.data[at] == '\'' && (at + 1 == text.size || !is_of_name(text.data[at + 1]))) break;
    return at;
}

/* The text with # for each number, but for one that is part of a name (user2), and if `gist`, for all that is quoted. */
static void make_text(char to[REASON_SIZE], etl_string text, bool gist)
{
    struct writer writer = {to, 0};
    for (size_t at = 0, end; at < text.size; at = end) {
        char c = text.data[at];
        bool starts = !at || !is_of_name(text.data[at - 1]);
        bool negative = starts && c == '-' && at + 1 < text.size && is_digit(text.data[at + 1]);
        bool number = negative || (starts && is_digit(c)), quote = gist && starts && c == '\'';
        end = number ? number_end(text, at + negative) : quote ? quote_end(text, at + 1) : at + 1;
        if (quote) put(&writer, "'#", 2);
        else put(&writer, number ? "#" : &c, 1);
        if (quote && end < text.size) put(&writer, "'", 1), end++;
    }
    end_text(&writer, writer.size == REASON_SIZE - 1);
}

static void copy_start(char to[REASON_SIZE], etl_string text)
{
    struct writer writer = {to, 0};
    put(&writer, text.data, text.size);
    end_text(&writer, text.size >= REASON_SIZE);
}

/* ---- counting */

/* Texts are of the log's making, so their hash is secret, too. */
static uint32_t hash_of(const char *text, enum reject_class class, uint32_t handler)
{
    uint64_t hash = hash_bytes(text, strlen(text));
    return (uint32_t)(hash ^ hash >> 32) + handler * 4 + (uint32_t)class;
}

static int find_form(const struct reasons *reasons, uint32_t hash, enum reject_class class, uint32_t handler, const char *text)
{
    for (uint32_t i = 0; i < reasons->form_count; i++) {
        if (reasons->form_hashes[i] != hash) continue;
        const struct gist *gist = &reasons->gists[reasons->forms[i].gist];
        if (gist->class == class && gist->handler == handler && !strcmp(reasons->forms[i].text, text)) return (int)i;
    }
    return NOT_FOUND;
}

static int find_gist(const struct reasons *reasons, uint32_t hash, enum reject_class class, uint32_t handler, const char *text)
{
    for (uint32_t i = 0; i < reasons->gist_count; i++) {
        const struct gist *gist = &reasons->gists[i];
        if (reasons->gist_hashes[i] == hash && gist->class == class && gist->handler == handler && !strcmp(gist->text, text))
            return (int)i;
    }
    return NOT_FOUND;
}

static void add_form(struct reasons *reasons, uint32_t gist, uint32_t hash, const char *text, etl_string first)
{
    struct form *form = &reasons->forms[reasons->form_count];
    reasons->form_hashes[reasons->form_count++] = hash;
    *form = (struct form){.count = 1, .gist = gist};
    memcpy(form->text, text, REASON_SIZE);
    copy_start(form->first, first);
    reasons->gists[gist].forms++;
}

/* Its number, or NOT_FOUND: there is no room. */
static int add_gist(struct reasons *reasons, uint32_t hash, enum reject_class class, uint32_t handler, const char *text)
{
    if (reasons->gist_count == GISTS_MAX) return NOT_FOUND;
    struct gist *gist = &reasons->gists[reasons->gist_count];
    reasons->gist_hashes[reasons->gist_count] = hash;
    *gist = (struct gist){.class = class, .handler = handler};
    memcpy(gist->text, text, REASON_SIZE);
    return (int)reasons->gist_count++;
}

static void add_new(struct reasons *reasons, enum reject_class class, uint32_t handler, const char *form,
                    uint32_t form_hash, etl_string text)
{
    char gist[REASON_SIZE];
    make_text(gist, text, true);
    uint32_t hash = hash_of(gist, class, handler);
    int found = find_gist(reasons, hash, class, handler, gist);
    if (found == NOT_FOUND) found = add_gist(reasons, hash, class, handler, gist);
    if (found == NOT_FOUND) reasons->others++;
    else if (reasons->gists[found].forms == FORMS_MAX) reasons->gists[found].uncounted++;
    else add_form(reasons, (uint32_t)found, form_hash, form, text);
}

void reasons_add(struct reasons *reasons, enum reject_class class, uint32_t handler, etl_string text)
{
    char form[REASON_SIZE], start[REASON_SIZE];
    if (!reasons->gists) {
        hash_init();
        reasons->gists = allocate(GISTS_MAX * sizeof *reasons->gists);
        reasons->forms = allocate(ALL_FORMS_MAX * sizeof *reasons->forms);
    }
    make_text(form, text, false);
    uint32_t hash = hash_of(form, class, handler);
    int found = find_form(reasons, hash, class, handler, form);
    if (found == NOT_FOUND) {
        add_new(reasons, class, handler, form, hash, text);
        return;
    }
    reasons->forms[found].count++;
    if (reasons->forms[found].varies) return;
    copy_start(start, text);
    reasons->forms[found].varies = strcmp(reasons->forms[found].first, start) != 0;
}

/* ---- ranking */

struct row {
    struct reason reason;
    uint32_t number; /* of its first form */
};

static int by_count(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->reason.count != y->reason.count) return x->reason.count < y->reason.count ? 1 : -1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* A row a form, but one for all forms of a gist that has too many. */
static uint32_t make_rows(const struct reasons *reasons, struct row *rows)
{
    struct row *merged[GISTS_MAX] = {0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < reasons->form_count; i++) {
        const struct form *form = &reasons->forms[i];
        const struct gist *gist = &reasons->gists[form->gist];
        struct row **row = &merged[form->gist];
        if (*row) {
            (*row)->reason.count += form->count;
            continue;
        }
        rows[count] = (struct row){{form->count, gist->class, gist->handler, form->varies ? form->text : form->first}, i};
        if (gist->uncounted) {
            *row = &rows[count];
            (*row)->reason.count += gist->uncounted;
            (*row)->reason.text = gist->text;
        }
        count++;
    }
    return count;
}

uint32_t reasons_rank(const struct reasons *reasons, struct reason *ranked, uint32_t most, uint64_t *rest)
{
    struct row *rows = allocate(ALL_FORMS_MAX * sizeof *rows);
    uint32_t all = make_rows(reasons, rows), count = all < most ? all : most;
    qsort(rows, all, sizeof *rows, by_count);
    *rest = reasons->others;
    for (uint32_t i = 0; i < count; i++) ranked[i] = rows[i].reason;
    for (uint32_t i = count; i < all; i++) *rest += rows[i].reason.count;
    free(rows);
    return count;
}

void reasons_finish(struct reasons *reasons)
{
    free(reasons->gists);
    free(reasons->forms);
    *reasons = (struct reasons){0};
}
