/* SPDX-License-Identifier: MIT */
#include "layout.h"
#include "base/utf8.h"
#include "decode/decode.h"
#include "state/text.h"
#include "state/wide.h"

#include <assert.h>
#include <math.h>

uint32_t column_words(const struct column *column)
{
    if (column->role == ETL_ROLE_SUM && column->kind == ETL_KIND_INT64) return 2;
    switch (column->kind) {
    case ETL_KIND_STRING:
    case ETL_KIND_JSON: return 2;
    case ETL_KIND_DECIMAL: return 3;
    default: return 1;
    }
}

static enum encode_op encode_op(const struct column *column)
{
    if (column->role == ETL_ROLE_COUNT) return ENCODE_COUNT;
    switch (column->kind) {
    case ETL_KIND_STRING: return ENCODE_STRING;
    case ETL_KIND_JSON: return ENCODE_JSON;
    case ETL_KIND_DOUBLE: return ENCODE_DOUBLE;
    case ETL_KIND_BOOL: return ENCODE_BOOL;
    case ETL_KIND_DECIMAL: return column->role == ETL_ROLE_KEY ? ENCODE_DECIMAL_KEY : ENCODE_DECIMAL;
    default: return column->role == ETL_ROLE_SUM ? ENCODE_INT64_SUM : ENCODE_WORD;
    }
}

static enum fold_op fold_op(const struct column *column)
{
    bool is_text = column->kind == ETL_KIND_STRING || column->kind == ETL_KIND_JSON, is_decimal = column->kind == ETL_KIND_DECIMAL;
    switch (column->role) {
    case ETL_ROLE_SUM: return is_decimal ? FOLD_ADD_DECIMAL : column->kind == ETL_KIND_DOUBLE ? FOLD_ADD_DOUBLE : FOLD_ADD_INT64;
    case ETL_ROLE_LAST: return is_text ? FOLD_TAKE_TEXT : is_decimal ? FOLD_TAKE_DECIMAL : FOLD_TAKE_WORD;
    case ETL_ROLE_MIN: return FOLD_LESS;
    case ETL_ROLE_MAX: return FOLD_GREATER;
    case ETL_ROLE_COUNT: return FOLD_ADD_COUNT;
    default: return FOLD_KEEP;
    }
}

void layout_add(struct layout *layout, const struct column *column)
{
    assert(layout->column_count < COLUMNS_MAX);
    layout->columns = reallocate(layout->columns, (layout->column_count + 1) * sizeof *layout->columns);
    layout->columns[layout->column_count++] = (struct layout_column){.column = *column, .encode = encode_op(column), .fold = fold_op(column)};
    layout->has_text |= column->kind == ETL_KIND_STRING || column->kind == ETL_KIND_JSON;

    /* laid out anew: the word of optional values stands between keys and values */
    uint32_t at = 0;
    bool any_optional = false;
    layout->text_key_count = 0;
    for (uint32_t i = 0; i < layout->column_count; i++) any_optional |= layout->columns[i].column.optional;
    for (uint32_t i = 0, in_keys = true; i < layout->column_count; i++) {
        struct layout_column *c = &layout->columns[i];
        if (c->column.role == ETL_ROLE_KEY) layout->key_count = i + 1;
        else if (in_keys) {
            in_keys = false;
            layout->present_at = any_optional ? at : 0;
            at += any_optional ? 8 : 0;
        }
        c->at = at;
        at += 8 * column_words(&c->column);
        if (!in_keys) continue;
        if (c->column.kind == ETL_KIND_STRING) layout->text_keys[layout->text_key_count++] = (uint16_t)(c->at / 8);
        layout->key_words = at / 8;
    }
    layout->row_bytes = at;
}

void layout_finish(struct layout *layout)
{
    free(layout->columns);
    *layout = (struct layout){0};
}

void key_words_of(const struct column *column, const void *member, uint64_t *words)
{
    const etl_string *text = member;
    if (column->kind == ETL_KIND_STRING) {
        if (text->size <= TEXT_INLINE_MAX) text_pack_short(*text, words);
        else text_pack_long(*text, words);
    } else if (column->kind == ETL_KIND_DECIMAL) {
        etl_decimal decimal = etl_decimal_normalize(*(const etl_decimal *)member);
        words[0] = decimal.low, words[1] = (uint64_t)decimal.high, words[2] = (uint32_t)decimal.scale;
    } else if (column->kind == ETL_KIND_BOOL) words[0] = *(const unsigned char *)member != 0;
    else memcpy(words, member, 8);
}

static inline bool encode_text(etl_string text, bool is_json, uint64_t *to, struct scratch *texts, struct error *error)
{
    if (text.size && !text.data) return error_set(error, "has a size but no data");
    if (text.size > TEXT_BYTES_MAX) return error_set(error, "is longer than 1 GiB");
    if (is_json && !json_valid(text.data, text.size)) return error_set(error, "is not JSON");
    if (text.size <= TEXT_INLINE_MAX) {
        text_pack_short(text, to);
        if (((to[0] | to[1]) & 0x8080808080808080u) && !utf8_valid(text.data, text.size)) return error_set(error, "is not UTF-8");
        return true;
    }
    if (!utf8_valid(text.data, text.size)) return error_set(error, "is not UTF-8");
    text.data = memcpy(scratch_allocate(texts, text.size), text.data, text.size);
    text_pack_long(text, to);
    return true;
}

static inline bool encode_decimal(etl_decimal decimal, bool is_key, uint64_t *to, struct error *error)
{
    if (!etl_decimal_is_valid(decimal)) return error_set(error, "is not a valid decimal: it needs more than 38 digits, or comes from such a number");
    if (is_key) decimal = etl_decimal_normalize(decimal);
    to[0] = decimal.low, to[1] = (uint64_t)decimal.high, to[2] = (uint32_t)decimal.scale;
    return true;
}

/* One member into its words. On failure the error lacks its subject, which encode_columns() adds. */
static inline bool encode_member(enum encode_op op, const char *member, uint64_t *to, struct scratch *texts, struct error *error)
{
    switch (op) {
    case ENCODE_WORD: memcpy(to, member, 8); return true;
    case ENCODE_INT64_SUM:
        memcpy(to, member, 8);
        to[1] = (uint64_t)((int64_t)to[0] >> 63);
        return true;
    case ENCODE_STRING: return encode_text(*(const etl_string *)member, false, to, texts, error);
    case ENCODE_DECIMAL: return encode_decimal(*(const etl_decimal *)member, false, to, error);
    case ENCODE_DECIMAL_KEY: return encode_decimal(*(const etl_decimal *)member, true, to, error);
    case ENCODE_BOOL: to[0] = *(const unsigned char *)member != 0; return true;
    case ENCODE_COUNT: to[0] = 1; return true;
    case ENCODE_DOUBLE:
        memcpy(to, member, 8);
        return isfinite(*(const double *)member) || error_set(error, "is not a finite number");
    case ENCODE_JSON: {
        const etl_json *json = (const etl_json *)member;
        return encode_text((etl_string){json->data, json->size}, true, to, texts, error);
    }
    }
    return error_set(error, "is of an unknown kind");
}

static inline bool encode_columns(const struct layout *layout, uint32_t from, uint32_t to, const struct members *members,
                                  const void *record, void *entry, struct scratch *texts, struct error *error)
{
    for (uint32_t i = from; i < to; i++) {
        const struct layout_column *c = &layout->columns[i];
        uint64_t *words = (uint64_t *)((char *)entry + c->at);
        if (__builtin_expect(c->column.optional, 0)) {
            if (!*(const unsigned char *)((const char *)record + members[i].has_offset)) {
                memset(words, 0, 8 * column_words(&c->column));
                continue;
            }
            *(uint64_t *)((char *)entry + layout->present_at) |= (uint64_t)1 << i;
        }
        if (__builtin_expect(!encode_member(c->encode, (const char *)record + members[i].offset, words, texts, error), 0)) {
            struct error why = *error;
            return error_set(error, "field '%s' %s", c->column.name, why.text);
        }
    }
    return true;
}

bool layout_encode(const struct layout *layout, const struct members *members, const void *record, void *entry,
                   struct scratch *texts, struct error *error)
{
    if (layout->present_at) *(uint64_t *)((char *)entry + layout->present_at) = 0;
    return encode_columns(layout, 0, layout->column_count, members, record, entry, texts, error);
}

bool layout_encode_values(const struct layout *layout, const struct members *members, const void *record, void *entry,
                          struct scratch *texts, struct error *error)
{
    if (layout->present_at) *(uint64_t *)((char *)entry + layout->present_at) = 0;
    return encode_columns(layout, layout->key_count, layout->column_count, members, record, entry, texts, error);
}

bool layout_encode_keys(const struct layout *layout, const struct members *members, const void *record, void *entry,
                        struct scratch *texts, struct error *error)
{
    memset((char *)entry + layout->key_words * 8, 0, layout->row_bytes - layout->key_words * 8);
    return encode_columns(layout, 0, layout->key_count, members, record, entry, texts, error);
}

static bool decode_member(const struct layout_column *c, const uint64_t *from, char *member, struct error *error)
{
    const struct column *column = &c->column;
    if (column->role == ETL_ROLE_SUM && column->kind == ETL_KIND_INT64 && (int64_t)from[1] != (int64_t)from[0] >> 63)
        return error_set(error, "field '%s' does not fit: the sum is beyond the range of an int64_t", column->name);
    if (column->role == ETL_ROLE_SUM && column->kind == ETL_KIND_DECIMAL) {
        if (decimal_sum_value((const struct decimal_sum *)from, (etl_decimal *)member)) return true;
        return error_set(error, "field '%s' does not fit: the sum needs more than 38 digits", column->name);
    }
    switch (column->kind) {
    case ETL_KIND_BOOL: *(bool *)member = from[0] != 0; return true;
    case ETL_KIND_STRING: *(etl_string *)member = text_view(from); return true;
    case ETL_KIND_JSON: *(etl_json *)member = (etl_json){text_view(from).data, text_view(from).size}; return true;
    case ETL_KIND_DECIMAL: *(etl_decimal *)member = (etl_decimal){from[0], (int64_t)from[1], (int32_t)from[2]}; return true;
    case ETL_KIND_DOUBLE:
        memcpy(member, from, 8);
        return isfinite(*(const double *)member)
               || error_set(error, "field '%s' does not fit: the sum is beyond the range of a double", column->name);
    default: memcpy(member, from, 8); return true;
    }
}

bool layout_decode(const struct layout *layout, uint32_t from, const struct members *members, const void *row, void *record,
                   struct error *error)
{
    for (uint32_t i = from; i < layout->column_count; i++) {
        const struct layout_column *c = &layout->columns[i];
        if (c->column.optional) {
            bool present = layout_present(layout, row, i);
            *(bool *)((char *)record + members[i].has_offset) = present;
            if (!present) continue;
        }
        if (!decode_member(c, (const uint64_t *)((const char *)row + c->at), (char *)record + members[i].offset, error)) return false;
    }
    return true;
}
