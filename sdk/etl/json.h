/* SPDX-License-Identifier: MIT
 * json: a reader for raw JSON values. */
#ifndef ETL_JSON_H
#define ETL_JSON_H

#include "time.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Walks the raw text of a nested value, without memory of its own; all of it is [any].
 * etl_json_string() is in etl.h.
 *
 *     struct etl_json_iterator changes = etl_json_iterate(e->changes);
 *     for (etl_json change, text; etl_json_next(&changes, &change);)
 *         if (!etl_json_at(change, 1, &text) || !etl_json_decimal(text, &price))
 *             return etl_reject(context, "no price");
 *
 * A function that fails returns false and leaves its output alone. Values from the
 * host are valid JSON. On any other bytes these functions end, stay within them, and
 * fail at the latest at the first byte that is not JSON. */

enum etl_json_type {
    ETL_JSON_NULL,
    ETL_JSON_BOOL,
    ETL_JSON_NUMBER,
    ETL_JSON_STRING,
    ETL_JSON_ARRAY,
    ETL_JSON_OBJECT,
    ETL_JSON_NONE, /* not JSON, or nothing */
};

static inline bool etl_json_is_(etl_json value, const char *text)
{
    return value.size == strlen(text) && !memcmp(value.data, text, value.size);
}

/* The type of a value, by its first and last bytes (numbers by all of them). */
static inline enum etl_json_type etl_json_type(etl_json value)
{
    struct etl_number_ number;
    if (!value.size) return ETL_JSON_NONE;
    char first = value.data[0], last = value.size > 1 ? value.data[value.size - 1] : '\0';
    switch (first) {
    case '[': return last == ']' ? ETL_JSON_ARRAY : ETL_JSON_NONE;
    case '{': return last == '}' ? ETL_JSON_OBJECT : ETL_JSON_NONE;
    case '"': return last == '"' ? ETL_JSON_STRING : ETL_JSON_NONE;
    case 't': return etl_json_is_(value, "true") ? ETL_JSON_BOOL : ETL_JSON_NONE;
    case 'f': return etl_json_is_(value, "false") ? ETL_JSON_BOOL : ETL_JSON_NONE;
    case 'n': return etl_json_is_(value, "null") ? ETL_JSON_NULL : ETL_JSON_NONE;
    default: return etl_number_scan_(value.data, value.size, &number) ? ETL_JSON_NUMBER : ETL_JSON_NONE;
    }
}

static inline bool etl_json_is_space_(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline const char *etl_json_skip_space_(const char *at, const char *end)
{
    while (at < end && etl_json_is_space_(*at)) at++;
    return at;
}

/* Skips the string that begins here; NULL: it does not end. */
static inline const char *etl_json_skip_string_(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\' && ++at == end) return NULL;
    return at < end ? at + 1 : NULL;
}

/* Skips the value that begins here; NULL: there is none. Counts nesting, so that depth
 * costs no stack. */
static inline const char *etl_json_skip_(const char *at, const char *end)
{
    size_t depth = 0;
    const char *from = at;
    if (at < end && *at == '"') return etl_json_skip_string_(at, end);
    if (at < end && *at != '[' && *at != '{') {
        while (at < end && !etl_json_is_space_(*at) && *at != ',' && *at != ':' && *at != ']' && *at != '}') at++;
        return at > from ? at : NULL;
    }
    while (at && at < end) {
        if (*at == '"') {
            at = etl_json_skip_string_(at, end);
            continue;
        }
        depth += *at == '[' || *at == '{';
        if ((*at == ']' || *at == '}') && !--depth) return at + 1;
        at++;
    }
    return NULL;
}

/* The position of a walk through an array or object. */
struct etl_json_iterator {
    /* of the item, in an object: a raw JSON string; compare it by etl_json_string_is() */
    etl_json key;
    const char *at, *end;
    bool object, begun;
};

/* Begins a walk. A value other than an array or object has no items. */
static inline struct etl_json_iterator etl_json_iterate(etl_json value)
{
    struct etl_json_iterator it = {{NULL, 0}, NULL, NULL, false, false};
    enum etl_json_type type = etl_json_type(value);
    if (type != ETL_JSON_ARRAY && type != ETL_JSON_OBJECT) return it;
    it.at = value.data + 1, it.end = value.data + value.size - 1;
    it.object = type == ETL_JSON_OBJECT;
    return it;
}

/* Takes the next item between commas; NULL: there is none. */
static inline const char *etl_json_take_(struct etl_json_iterator *it, const char *at, etl_json *item)
{
    const char *from = at;
    at = etl_json_skip_(from, it->end);
    if (!at) return NULL;
    item->data = from, item->size = (size_t)(at - from);
    return etl_json_skip_space_(at, it->end);
}

/* Gives the next item of a walk; false: there are no more. */
static inline bool etl_json_next(struct etl_json_iterator *it, etl_json *item)
{
    etl_json key = {NULL, 0}, value = {NULL, 0};
    const char *at = etl_json_skip_space_(it->at, it->end);
    if (at < it->end && it->begun) at = *at == ',' ? etl_json_skip_space_(at + 1, it->end) : it->end;
    if (at < it->end && it->object) {
        at = *at == '"' ? etl_json_take_(it, at, &key) : NULL;
        at = at && at < it->end && *at == ':' ? etl_json_skip_space_(at + 1, it->end) : NULL;
    }
    if (at && at < it->end) at = etl_json_take_(it, at, &value);
    it->begun = true;
    it->at = at ? at : it->end;
    if (!at || !value.size) return false;
    it->key = key;
    *item = value;
    return true;
}

/* The number of items of an array or object; 0 for other values. */
static inline size_t etl_json_count(etl_json value)
{
    struct etl_json_iterator it = etl_json_iterate(value);
    size_t count = 0;
    while (etl_json_next(&it, &value)) count++;
    return count;
}

/* The item of an array (or the value of an object's member) at an index from 0. Walks
 * up to it; for all items, use etl_json_next(). */
static inline bool etl_json_at(etl_json value, size_t index, etl_json *item)
{
    struct etl_json_iterator it = etl_json_iterate(value);
    do {
        if (!etl_json_next(&it, &value)) return false;
    } while (index--);
    *item = value;
    return true;
}

/* Four hexadecimal digits; -1: they are not. */
static inline int32_t etl_json_hex_(const char *at, const char *end)
{
    int32_t code = 0;
    if (end - at < 4) return -1;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
        if (digit < 0) return -1;
        code = code * 16 + digit;
    }
    return code;
}

static inline size_t etl_utf8_write_(uint32_t code, char *to)
{
    size_t count = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    for (size_t i = count - 1; i > 0; i--, code >>= 6) to[i] = (char)(0x80 | (code & 0x3F));
    to[0] = (char)(leads[count] | code);
    return count;
}

/* Decodes \uXXXX at *at, or a surrogate pair of them; 0: not valid. */
static inline size_t etl_json_decode_unicode_(const char **at, const char *end, char *to)
{
    const char *p = *at;
    int32_t code = etl_json_hex_(p + 2, end), low;
    if (code < 0 || (code >= 0xDC00 && code <= 0xDFFF)) return 0;
    *at = p + 6;
    if (code < 0xD800 || code > 0xDBFF) return etl_utf8_write_((uint32_t)code, to);
    p += 6;
    if (end - p < 6 || p[0] != '\\' || p[1] != 'u') return 0;
    low = etl_json_hex_(p + 2, end);
    if (low < 0xDC00 || low > 0xDFFF) return 0;
    *at = p + 6;
    return etl_utf8_write_(0x10000u + (((uint32_t)code - 0xD800u) << 10) + ((uint32_t)low - 0xDC00u), to);
}

/* Decodes the next byte or escape inside a string. Returns the number of bytes
 * written; 0: not valid. */
static inline size_t etl_json_decode_(const char **at, const char *end, char to[4])
{
    static const char names[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    const char *p = *at;
    if (*p != '\\') {
        if ((unsigned char)*p < 0x20 || *p == '"') return 0;
        to[0] = *p;
        *at = p + 1;
        return 1;
    }
    if (end - p < 2) return 0;
    if (p[1] == 'u') return etl_json_decode_unicode_(at, end, to);
    for (const char *name = names; *name; name += 2)
        if (name[0] == p[1]) {
            to[0] = name[1];
            *at = p + 2;
            return 1;
        }
    return 0;
}

#define ETL_JSON_BAD SIZE_MAX /* not a JSON string */

/* Writes the content of a JSON string (UTF-8, without quotes, not terminated) and
 * returns its bytes: fewer than string.size, which is the room that `to` must have.
 * ETL_JSON_BAD: not a string, an invalid escape, or half a surrogate pair. */
static inline size_t etl_json_unescape(etl_json string, char *to)
{
    if (etl_json_type(string) != ETL_JSON_STRING) return ETL_JSON_BAD;
    size_t size = 0;
    for (const char *at = string.data + 1, *end = string.data + string.size - 1; at < end;) {
        char decoded[4];
        size_t count = etl_json_decode_(&at, end, decoded);
        if (!count) return ETL_JSON_BAD;
        memcpy(to + size, decoded, count);
        size += count;
    }
    return size;
}

/* Is `text` the content of this string, whatever its escapes? False if it is not a
 * string. */
static inline bool etl_json_string_is(etl_json string, const char *text)
{
    if (etl_json_type(string) != ETL_JSON_STRING) return false;
    size_t size = strlen(text);
    for (const char *at = string.data + 1, *end = string.data + string.size - 1; at < end;) {
        char decoded[4];
        size_t count = etl_json_decode_(&at, end, decoded);
        if (!count || count > size || memcmp(text, decoded, count)) return false;
        text += count, size -= count;
    }
    return size == 0;
}

/* The value of an object's member with this key (compared without escapes); the first
 * one, if a key is repeated. */
static inline bool etl_json_get(etl_json object, const char *key, etl_json *item)
{
    struct etl_json_iterator it = etl_json_iterate(object);
    while (etl_json_next(&it, &object))
        if (it.object && etl_json_string_is(it.key, key)) {
            *item = object;
            return true;
        }
    return false;
}

/* Is the inside of a string its content? It is if the string has no escape. */
static inline bool etl_json_plain_(etl_json string, etl_string *inside)
{
    if (etl_json_type(string) != ETL_JSON_STRING) return false;
    for (size_t i = 1; i + 1 < string.size; i++)
        if (string.data[i] == '\\' || string.data[i] == '"' || (unsigned char)string.data[i] < 0x20) return false;
    inside->data = string.data + 1, inside->size = string.size - 2;
    return true;
}

/* Reads true or false. */
static inline bool etl_json_bool(etl_json value, bool *truth)
{
    if (etl_json_type(value) != ETL_JSON_BOOL) return false;
    *truth = value.data[0] == 't';
    return true;
}

/* Reads a number, or a string that holds one, exactly; see etl_decimal_parse(). */
static inline bool etl_json_decimal(etl_json value, etl_decimal *number)
{
    etl_string text = {value.data, value.size};
    if (etl_json_type(value) != ETL_JSON_STRING || etl_json_plain_(value, &text)) return etl_decimal_parse(text, number);
    /* a number with escapes in it: rare, and of any length */
    char *plain = (char *)malloc(value.size);
    text.data = plain;
    text.size = plain ? etl_json_unescape(value, plain) : ETL_JSON_BAD;
    bool done = text.size != ETL_JSON_BAD && etl_decimal_parse(text, number);
    free(plain);
    return done;
}

/* Reads a number whose value is an integer in range: 2, 2.0, 2e3. */
static inline bool etl_json_int64(etl_json value, int64_t *number)
{
    etl_string text = {value.data, value.size};
    etl_decimal exact;
    return etl_decimal_parse(text, &exact) && etl_decimal_to_int64(exact, number);
}

/* The nearest double of a number of any length: the digits that can decide are kept,
 * and the rest is replaced by a 1. */
ETL_COLD_ double etl_number_to_double_(const struct etl_number_ *n)
{
    char text[832];
    size_t count = 0, index = 0, total = n->whole_count + n->fraction_count;
    while (index < total && etl_number_digit_(n, index) == '0') index++;
    while (index < total && count < 780) text[count++] = etl_number_digit_(n, index++);
    int64_t exponent = n->exponent + (int64_t)n->whole_count - (int64_t)index;
    for (size_t i = index; i < total; i++)
        if (etl_number_digit_(n, i) != '0') {
            text[count++] = '1', exponent--;
            break;
        }
    if (!count) text[count++] = '0';
    exponent = exponent > 99999 ? 99999 : exponent < -99999 ? -99999 : exponent;
    snprintf(text + count, sizeof text - count, "e%d", (int)exponent);
    return n->negative ? -strtod(text, NULL) : strtod(text, NULL);
}

/* Reads a number, rounded to the nearest double; false if that is not finite. */
static inline bool etl_json_double(etl_json value, double *number)
{
    etl_string text = {value.data, value.size};
    struct etl_number_ n;
    etl_decimal exact;
    double nearest;
    if (!etl_number_scan_(text.data, text.size, &n)) return false;
    if (etl_decimal_parse(text, &exact) && !etl_decimal_is_zero(exact)) nearest = etl_decimal_to_double(exact);
    else nearest = etl_number_to_double_(&n); /* a zero may have a sign */
    if (nearest - nearest != 0) return false; /* infinite */
    *number = nearest;
    return true;
}

/* Reads RFC 3339 text, or an integer that counts `unit` nanoseconds since 1970
 * (ETL_SECONDS, ...; 0: seconds). */
static inline bool etl_json_timestamp(etl_json value, uint32_t unit, etl_timestamp *time)
{
    etl_string text;
    char plain[256]; /* the longest time has 35 characters, each of at most 6 bytes */
    int64_t count, ns;
    if (etl_json_type(value) != ETL_JSON_STRING) {
        if (!etl_json_int64(value, &count)) return false;
        if (__builtin_mul_overflow(count, (int64_t)(unit ? unit : ETL_SECONDS), &ns)) return false;
        time->ns = ns;
        return true;
    }
    if (etl_json_plain_(value, &text)) return etl_timestamp_parse(text, time);
    if (value.size > sizeof plain) return false;
    text.data = plain, text.size = etl_json_unescape(value, plain);
    return text.size != ETL_JSON_BAD && etl_timestamp_parse(text, time);
}

#ifdef __cplusplus
}
#endif

#endif
