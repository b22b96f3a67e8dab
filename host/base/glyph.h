/* SPDX-License-Identifier: MIT
 * glyph: how a terminal shows a character, by Unicode 14 and independent of the
 * locale. Hidden characters are controls, which a terminal obeys; those that change
 * the direction of text; and those that are invisible by themselves (zero-width spaces
 * and joiners, variation selectors, tags). Code that prints for people replaces them. */
#ifndef BASE_GLYPH_H
#define BASE_GLYPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct glyph {
    uint32_t code; /* U+FFFD for a byte that is not UTF-8; such a byte is hidden */
    uint8_t size;  /* bytes, at least 1 */
    /* columns: 2 for wide East Asian characters and emoji, 0 for marks that join the
     * previous one */
    uint8_t width;
    bool hidden;   /* its width is 0 */
};

/* The first character of a text that is not empty. Async-signal-safe. */
struct glyph glyph_at(const char *data, size_t size);
/* Columns of a text without hidden characters. */
size_t glyphs_width(const char *data, size_t size);
/* Replaces each hidden character of a terminated text by `instead`. */
void glyphs_clean(char *text, char instead);

#endif
