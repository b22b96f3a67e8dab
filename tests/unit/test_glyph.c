/* SPDX-License-Identifier: MIT */
#include "base/glyph.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

enum { HIDDEN = -1 };

static const struct {
    const char *text;
    int width;
} glyphs[] = {
    {"a", 1}, {" ", 1}, {"~", 1}, {"é", 1}, {"\u00A0", 1}, {"€", 1}, {"\u0600", 1}, {"ﬁ", 1}, {"א", 1}, {"\uE000", 1},
    {"中", 2}, {"か", 2}, {"한", 2}, {"Ａ", 2}, {"\u3000", 2}, {"😀", 2}, {"⌚", 2}, {"\U00020000", 2}, {"\U0003134A", 2},
    {"\u0301", 0}, {"\u20DD", 0}, {"\u093C", 0}, {"\u1161", 0}, {"\U0001E8D0", 0},
    {"\t", HIDDEN}, {"\x1b", HIDDEN}, {"\x7f", HIDDEN}, {"\xC2\x80", HIDDEN}, {"\xC2\x9B", HIDDEN}, {"\u00AD", HIDDEN},
    {"\u034F", HIDDEN}, {"\u061C", HIDDEN}, {"\u115F", HIDDEN}, {"\u200B", HIDDEN}, {"\u200D", HIDDEN}, {"\u200E", HIDDEN},
    {"\u2028", HIDDEN}, {"\u202A", HIDDEN}, {"\u202E", HIDDEN}, {"\u2060", HIDDEN}, {"\u2066", HIDDEN}, {"\u2069", HIDDEN},
    {"\uFE0F", HIDDEN}, {"\uFEFF", HIDDEN}, {"\uFFF9", HIDDEN}, {"\U000E0001", HIDDEN}, {"\U000E0100", HIDDEN},
    {"\U0001D173", HIDDEN}, {"\xFF", HIDDEN}, {"\xC3", HIDDEN},
};

TEST_EACH(glyph__knows_what_is_wide_joined_or_hidden, glyphs)
{
    const char *text = glyphs[_i].text;
    struct glyph glyph = glyph_at(text, strlen(text));
    ck_assert_msg(glyph.size == strlen(text), "%s: %d bytes", text, glyph.size);
    ck_assert_msg(glyph.hidden == (glyphs[_i].width == HIDDEN), "%s", text);
    ck_assert_msg(glyph.width == (glyph.hidden ? 0 : glyphs[_i].width), "%s: %d columns", text, glyph.width);
}

TEST(glyph__says_its_code)
{
    ck_assert_uint_eq(glyph_at("a", 1).code, 'a');
    ck_assert_uint_eq(glyph_at("\u00E9", 2).code, 0xE9);
    ck_assert_uint_eq(glyph_at("\u202E", 3).code, 0x202E);
    ck_assert_uint_eq(glyph_at("\U000E0041", 4).code, 0xE0041);
    ck_assert_uint_eq(glyph_at("\xFF", 1).code, 0xFFFD);
}

TEST(glyphs__are_cleaned_in_place)
{
    char text[] = "a\u202Eb\x1b\xFF中\u200B";
    glyphs_clean(text, '?');
    ck_assert_str_eq(text, "a?b??中?");
    ck_assert_uint_eq(glyphs_width(text, strlen(text)), 8);
}

SUITE("glyph");
