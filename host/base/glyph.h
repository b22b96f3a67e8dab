/* SPDX-License-Identifier: MIT
 * glyph: what a character is to a terminal, by Unicode 14 and whatever the locale. Some are hidden: controls,
 * which a terminal obeys; those that steer the direction of text; and what cannot be seen by itself (zero-width
 * spaces and joiners, variation selectors, tags). Whoever prints for people shows something else instead. */
#ifndef BASE_GLYPH_H
#define BASE_GLYPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct glyph {
    uint32_t code; /* U+FFFD where it is not UTF-8; such a byte is hidden */
    uint8_t size;  /* bytes, at least 1 */
    uint8_t width; /* columns: 2 of wide East Asian characters and emoji, 0 of marks that join what is before */
    bool hidden;   /* its width is 0 */
};

/* The character at the front of a text that is not empty. Async-signal-safe. */
struct glyph glyph_at(const char *data, size_t size);
/* Columns of a text in which nothing is hidden. */
size_t glyphs_width(const char *data, size_t size);
/* Puts `instead` in the place of each hidden character of a terminated text. */
void glyphs_clean(char *text, char instead);

#endif
