/* SPDX-License-Identifier: MIT */
#include "base/buffer.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *text;
    size_t size;
    const char *json;
} strings[] = {
#define S(text, json) {text, sizeof(text) - 1, json}
    S("", ""),
    S("plain", "plain"),
    S("\"\\\b\f\n\r\t", "\\\"\\\\\\b\\f\\n\\r\\t"),
    S("\0\x01\x1F\x7F", "\\u0000\\u0001\\u001f\x7F"),
    S("/'<", "/'<"),
    S("\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80", "\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80"),
    S("\xFF", "\xEF\xBF\xBD"),
    S("\xC3", "\xEF\xBF\xBD"),
    S("\xC3\xA9\xC3(\xC3\xA9", "\xC3\xA9\xEF\xBF\xBD(\xC3\xA9"),
    S("\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"),
};

/* Behind and before plain bytes, of as many as words may be cut at. */
TEST_EACH(buffer__writes_json_strings, strings)
{
    static const char plain[] = "abcdefghijklmnopq";
    for (size_t before = 0; before < 18; before++)
        for (size_t after = 0; after < 18; after++) {
            struct buffer text = {0}, expected = {0}, json = {0};
            buffer_format(&expected, "\"%.*s%s%.*s\"", (int)before, plain, strings[_i].json, (int)after, plain);
            buffer_add(&text, plain, before);
            buffer_add(&text, strings[_i].text, strings[_i].size);
            buffer_add(&text, plain, after);
            buffer_add_json_string(&json, text.data, text.size);
            ck_assert_uint_eq(json.size, expected.size);
            ck_assert_mem_eq(json.data, expected.data, json.size);
            buffer_finish(&text);
            buffer_finish(&expected);
            buffer_finish(&json);
        }
}

TEST(buffer__writes_long_runs_of_escapes)
{
    char text[1000];
    struct buffer json = {0};
    memset(text, '\x02', sizeof text);
    buffer_add_json_string(&json, text, sizeof text);
    ck_assert_uint_eq(json.size, 6 * sizeof text + 2);
    for (size_t i = 0; i < sizeof text; i++) ck_assert_mem_eq(json.data + 1 + 6 * i, "\\u0002", 6);
    buffer_finish(&json);
}

TEST(buffer__formats_what_fits_and_what_does_not)
{
    struct buffer buffer = {0};
    for (int i = 0; i < 500; i++) buffer_format(&buffer, "%0*d", i, 0);
    ck_assert_uint_eq(buffer.size, 1 + 499 * 500 / 2);
    for (size_t i = 0; i < buffer.size; i++) ck_assert_int_eq(buffer.data[i], '0');
    buffer_finish(&buffer);
}

SUITE("buffer");
