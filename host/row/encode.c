/* SPDX-License-Identifier: MIT */
#include "base/compiler.h"
#include "base/utf8.h"
#include "decode/decode.h"
#include "row/encode_known.h"
#include "row/keys.h"

#include <math.h>

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

static bool encode_text(etl_string text, bool is_json, uint64_t *to, struct scratch *texts, struct error *error)
{
    if (text.size && !text.data) return error_set(error, "has a size but no data");
    if (text.size > TEXT_BYTES_MAX) return error_set(error, "is longer than 1 GiB");
    if (is_json && !json_valid(text.data, text.size)) return error_set(error, "is not JSON");
    if (is_json && text.size == 4 && !memcmp(text.data, "null", 4))
        return error_set(error, "is null: where there is no value, leave it out");
    if (is_json) text = text_in_one_line(text, texts); /* so that a record of a sink is a line */
    if (text.size <= TEXT_INLINE_MAX) {
        text_pack_short(text, to);
        if (((to[0] | to[1]) & 0x8080808080808080u) && !utf8_valid(text.data, text.size)) return error_set(error, "is not UTF-8");
        return true;
    }
    bool is_ascii = text_copy_long(text, scratch_allocate(texts, text.size), to);
    return is_ascii || utf8_valid(text.data, text.size) || error_set(error, "is not UTF-8");
}

static bool encode_decimal(etl_decimal decimal, bool is_key, uint64_t *to, struct error *error)
{
    if (!etl_decimal_is_valid(decimal))
        return error_set(error, "is not a valid decimal: it needs more than 38 digits, or comes from such a number");
    if (is_key) decimal = etl_decimal_normalize(decimal);
    to[0] = decimal.low, to[1] = (uint64_t)decimal.high, to[2] = (uint32_t)decimal.scale;
    return true;
}

/* One member into its words. On failure the error lacks its subject, which encode_step() adds. */
static bool encode_member(enum encode_op op, const char *member, uint64_t *to, struct scratch *texts, struct error *error)
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
    case ENCODE_OPTIONAL: break;
    case ENCODE_JSON: {
        const etl_json *json = (const etl_json *)member;
        return encode_text((etl_string){json->data, json->size}, true, to, texts, error);
    }
    }
    return error_set(error, "is of an unknown kind");
}

bool encode_step(const struct encoder *encoder, const struct encode_step *step, const void *record, void *entry,
                 struct scratch *texts, struct error *error)
{
    const struct layout *layout = encoder->layout;
    const struct column *column = &layout->columns[step->column].column;
    uint64_t *words = (uint64_t *)((char *)entry + step->to);
    enum encode_op op = step->op;
    if (op == ENCODE_OPTIONAL) {
        op = encode_op(column);
        if (!*(const unsigned char *)((const char *)record + encoder->members[step->column].has_offset)) {
            memset(words, 0, 8 * column_words(column));
            return true;
        }
        *(uint64_t *)((char *)entry + layout->present_at) |= (uint64_t)1 << step->column;
    }
    struct error why;
    return encode_member(op, (const char *)record + step->from, words, texts, &why)
           || error_set(error, "field '%s' %s", column->name, why.text);
}

/* ---- columns */

static bool encode_columns(const struct encoder *encoder, uint32_t from, uint32_t to, const void *record, void *entry,
                           struct scratch *texts, struct error *error)
{
    for (uint32_t i = from; i < to; i++) {
        const struct encode_step *step = &encoder->steps[i];
        if (LIKELY(encode_plainly(step, step->op, record, (uint64_t *)((char *)entry + step->to)))) continue;
        if (!encode_step(encoder, step, record, entry, texts, error)) return false;
    }
    return true;
}

/* ---- whole entries: any, and of the signatures that are compiled */

static bool encode_any(const struct encoder *encoder, const void *record, void *entry, uint32_t *hash, struct scratch *texts,
                       struct error *error)
{
    const struct layout *layout = encoder->layout;
    if (layout->present_at) *(uint64_t *)((char *)entry + layout->present_at) = 0;
    if (!encode_columns(encoder, 0, layout->column_count, record, entry, texts, error)) return false;
    *hash = hash_keys(layout, entry);
    return true;
}

#define FUNCTION(name, keys, ...) \
    static bool encode_##name(const struct encoder *encoder, const void *record, void *entry, uint32_t *hash, \
                              struct scratch *texts, struct error *error) \
    { \
        static const struct signature known = SIGNATURE(keys, __VA_ARGS__); \
        return encode_known(&known, true, encoder, record, entry, hash, texts) \
               || encode_any(encoder, record, entry, hash, texts, error); \
    }
SIGNATURES(FUNCTION)

static void find_signature(struct encoder *encoder)
{
#define ROW(name, keys, ...) {SIGNATURE(keys, __VA_ARGS__), SIGNATURE_##name, encode_##name},
    static const struct {
        struct signature known;
        enum signature_id id;
        encode_function *encode;
    } rows[] = {SIGNATURES(ROW)};
    const struct layout *layout = encoder->layout;
    encoder->signature = SIGNATURE_NONE;
    encoder->encode = encode_any;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct signature *known = &rows[i].known;
        bool same = known->keys == layout->key_count && known->count == layout->column_count;
        for (uint32_t k = 0; k < known->count && same; k++) same = encode_op_of(known->columns[k]) == encoder->steps[k].op;
        if (!same) continue;
        encoder->signature = rows[i].id;
        encoder->encode = rows[i].encode;
    }
}

void encoder_init(struct encoder *encoder, const struct layout *layout, const struct members *members)
{
    encoder->layout = layout;
    encoder->members = members;
    for (uint32_t i = 0; i < layout->column_count; i++) {
        const struct layout_column *c = &layout->columns[i];
        enum encode_op op = c->column.optional ? ENCODE_OPTIONAL : encode_op(&c->column);
        encoder->steps[i] = (struct encode_step){(uint8_t)op, (uint8_t)i, (uint16_t)c->at, members[i].offset};
    }
    find_signature(encoder);
}

bool encode_keys(const struct encoder *encoder, const void *record, void *entry, struct scratch *texts, struct error *error)
{
    const struct layout *layout = encoder->layout;
    memset((char *)entry + layout->key_words * 8, 0, layout->row_bytes - layout->key_words * 8);
    return encode_columns(encoder, 0, layout->key_count, record, entry, texts, error);
}

bool encode_values(const struct encoder *encoder, const void *record, void *entry, struct scratch *texts, struct error *error)
{
    const struct layout *layout = encoder->layout;
    if (layout->present_at) *(uint64_t *)((char *)entry + layout->present_at) = 0;
    return encode_columns(encoder, layout->key_count, layout->column_count, record, entry, texts, error);
}

void encode_key(const struct column *column, const void *member, uint64_t *words)
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
