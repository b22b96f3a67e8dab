/* SPDX-License-Identifier: MIT
 * Collecting, ordering and printing diagnostics; the distance between words. */
#include "base/diagnostic.h"
#include "base/glyph.h"
#include "base/memory.h"
#include "base/shorten.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT_MAX = 1000, TEXT_MAX = 1024, WORD_MAX = 64 };

struct diagnostic {
    enum severity severity;
    unsigned line, column;
    char *file, *text;
};

static size_t kept_count(const struct diagnostics *diagnostics)
{
    return diagnostics->count < KEPT_MAX ? diagnostics->count : KEPT_MAX;
}

void diagnostics_add(struct diagnostics *diagnostics, enum severity severity, struct place place, const char *format, ...)
{
    if (severity == SEVERITY_ERROR) diagnostics->errors++;
    size_t index = diagnostics->count++;
    if (index >= KEPT_MAX) return;

    char text[TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    format_short(text, sizeof text, format, arguments);
    va_end(arguments);

    if (!(index & (index - 1))) /* the capacity doubles */
        diagnostics->items = reallocate(diagnostics->items, (index ? index * 2 : 1) * sizeof *diagnostics->items);
    diagnostics->items[index] = (struct diagnostic){severity, place.line, place.column,
                                                    place.file ? copy_text(place.file) : NULL, copy_text(text)};
}

static int compare_places(const void *a, const void *b)
{
    const struct diagnostic *x = *(const struct diagnostic *const *)a, *y = *(const struct diagnostic *const *)b;
    if (x->line != y->line) return x->line < y->line ? -1 : 1;
    if (x->column != y->column) return x->column < y->column ? -1 : 1;
    return x < y ? -1 : 1; /* otherwise in the order they were found */
}

/* Names and values come from untrusted files: characters that steer a terminal are
 * escaped. */
static void print_text(const char *text, FILE *to)
{
    for (size_t left = strlen(text); left;) {
        struct glyph glyph = glyph_at(text, left);
        if (!glyph.hidden) fwrite(text, 1, glyph.size, to);
        else for (size_t i = 0; i < glyph.size; i++) fprintf(to, "\\x%02x", (unsigned)(unsigned char)text[i]);
        text += glyph.size, left -= glyph.size;
    }
}

void error_print(const struct error *error, FILE *to)
{
    fputs("etl-host: error: ", to);
    print_text(error->text, to);
    putc('\n', to);
}

static void print_item(const struct diagnostic *item, FILE *to)
{
    print_text(item->file ? item->file : "etl-host", to);
    if (item->line) fprintf(to, ":%u:%u", item->line, item->column);
    fputs(item->severity == SEVERITY_ERROR ? ": error: " : ": warning: ", to);
    print_text(item->text, to);
    putc('\n', to);
}

void diagnostics_print(const struct diagnostics *diagnostics, FILE *to)
{
    size_t count = kept_count(diagnostics);
    const struct diagnostic **sorted = allocate(count * sizeof *sorted);
    for (size_t i = 0; i < count; i++) sorted[i] = &diagnostics->items[i];
    qsort(sorted, count, sizeof *sorted, compare_places);
    for (size_t i = 0; i < count; i++) print_item(sorted[i], to);
    free(sorted);
    if (diagnostics->count > count) fprintf(to, "etl-host: and %zu more\n", diagnostics->count - count);
}

void diagnostics_finish(struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < kept_count(diagnostics); i++) {
        free(diagnostics->items[i].file);
        free(diagnostics->items[i].text);
    }
    free(diagnostics->items);
    *diagnostics = (struct diagnostics){0};
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The number of letters to insert, drop, change or swap with their neighbour to turn
 * `a` into `b`, ignoring case. */
static size_t word_distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t rows[3][WORD_MAX + 1], *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_size; j++) last[j] = j, before[j] = 0;
    for (size_t i = 1; i <= a_size; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);
            row[j] = least(last[j - 1] + (x != y), least(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) && y == tolower((unsigned char)a[i - 2]))
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *free_row = before;
        before = last, last = row, row = free_row;
    }
    return last[b_size];
}

const char *nearest_word(const char *word, const char *const *candidates)
{
    const char *nearest = NULL, *containing = NULL;
    size_t size = strlen(word), nearest_distance = WORD_MAX;
    if (size > WORD_MAX) return NULL;
    for (; *candidates; candidates++) {
        size_t candidate_size = strlen(*candidates);
        if (candidate_size > WORD_MAX) continue;
        size_t distance = word_distance(word, size, *candidates, candidate_size);
        /* a third of the letters may be wrong */
        if (distance * 3 <= (size > candidate_size ? size : candidate_size) && distance < nearest_distance)
            nearest = *candidates, nearest_distance = distance;
        if (!containing && size > 2 && strstr(*candidates, word)) containing = *candidates;
    }
    return nearest ? nearest : containing;
}
