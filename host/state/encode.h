/* SPDX-License-Identifier: MIT
 * encode: from an author's struct to an entry. An encoder is a list of steps, one a column, made once for each declaration, so that
 * emitting an effect is a short loop with one branch a column; what is not quite ordinary (a long text, a decimal of more than 64 bits,
 * a value that cannot stand in state) leaves the loop for a function of its own. */
#ifndef STATE_ENCODE_H
#define STATE_ENCODE_H

#include "state/layout.h"
#include "state/text.h"

enum encode_op {
    ENCODE_WORD, ENCODE_INT64_SUM, ENCODE_DECIMAL, ENCODE_DECIMAL_KEY, ENCODE_STRING, ENCODE_JSON, ENCODE_DOUBLE, ENCODE_BOOL, ENCODE_COUNT,
    ENCODE_OPTIONAL, /* of whatever the column is */
};

struct encode_step {
    uint8_t op, column;
    uint16_t to;   /* bytes from the entry's start */
    uint32_t from; /* bytes from the struct's start */
};

struct encoder {
    const struct layout *layout;
    const struct members *members; /* borrowed */
    struct encode_step steps[COLUMNS_MAX];
};

void encoder_init(struct encoder *encoder, const struct layout *layout, const struct members *members);

/* One step, whatever its value. Texts of more than 15 bytes are copied into `texts`. False: the value cannot stand in state; the error
 * names the column. */
bool encode_step(const struct encoder *encoder, const struct encode_step *step, const void *record, void *entry, struct scratch *texts,
                 struct error *error);

/* Columns `from` up to `to`. */
static inline bool encode_columns(const struct encoder *encoder, uint32_t from, uint32_t to, const void *record, void *entry,
                                  struct scratch *texts, struct error *error)
{
    const struct encode_step *const end = encoder->steps + to;
    for (const struct encode_step *step = encoder->steps + from; step < end; step++) {
        const char *member = (const char *)record + step->from;
        uint64_t *words = (uint64_t *)((char *)entry + step->to);
        if (step->op == ENCODE_WORD) {
            memcpy(words, member, 8);
            continue;
        }
        if (step->op == ENCODE_STRING) {
            const etl_string *text = (const etl_string *)member;
            if (__builtin_expect(text->size - 1 < TEXT_INLINE_MAX && text->data, 1)) {
                text_pack_short(*text, words);
                if (__builtin_expect(!((words[0] | words[1]) & 0x8080808080808080u), 1)) continue; /* ASCII */
            }
        } else if (step->op == ENCODE_DECIMAL) {
            const etl_decimal *decimal = (const etl_decimal *)member;
            if (__builtin_expect((uint32_t)decimal->scale <= ETL_DECIMAL_SCALE_MAX && decimal->high == (int64_t)decimal->low >> 63, 1)) {
                words[0] = decimal->low, words[1] = (uint64_t)decimal->high, words[2] = (uint32_t)decimal->scale;
                continue;
            }
        }
        if (!encode_step(encoder, step, record, entry, texts, error)) return false;
    }
    return true;
}

/* The whole entry. */
static inline bool encode_entry(const struct encoder *encoder, const void *record, void *entry, struct scratch *texts, struct error *error)
{
    const struct layout *layout = encoder->layout;
    if (layout->present_at) *(uint64_t *)((char *)entry + layout->present_at) = 0;
    return encode_columns(encoder, 0, layout->column_count, record, entry, texts, error);
}

/* The keys, and zeros; or the values alone. */
bool encode_keys(const struct encoder *encoder, const void *record, void *entry, struct scratch *texts, struct error *error);
bool encode_values(const struct encoder *encoder, const void *record, void *entry, struct scratch *texts, struct error *error);

/* The words of one key, whose text, if it is a long one, stays where it is. */
void encode_key(const struct column *column, const void *member, uint64_t *words);

#endif
