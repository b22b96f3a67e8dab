/* SPDX-License-Identifier: MIT
 * encode_known: entries whose columns are known where this is compiled into. It is for encode.c, and for the services that
 * handlers call (dispatch/context.c), where an effect is encoded on the way, without a call. */
#ifndef STATE_ENCODE_KNOWN_H
#define STATE_ENCODE_KNOWN_H

#include "base/compiler.h"
#include "base/memory.h"
#include "base/word.h"
#include "row/encode.h"
#include "row/hash.h"
#include "row/signatures.h"

/* One column whose operation is known. False: its value is not ordinary, and left to encode_step(). */
INLINE bool encode_plainly(const struct encode_step *step, enum encode_op op,
                                                                 const void *record, uint64_t *words)
{
    const char *member = (const char *)record + step->from;
    if (op == ENCODE_STRING) return text_pack_ascii(*(const etl_string *)member, words);
    if (op == ENCODE_WORD) {
        memcpy(words, member, 8);
        return true;
    }
    if (op != ENCODE_DECIMAL) return false;
    const etl_decimal *decimal = (const etl_decimal *)member;
    const uint64_t low = decimal->low, high = (uint64_t)decimal->high;
    const uint32_t scale = (uint32_t)decimal->scale;
    if (UNLIKELY(scale > ETL_DECIMAL_SCALE_MAX || high != (uint64_t)((int64_t)low >> 63))) return false;
    put_word(words, low);
    put_word(words + 1, high);
    put_word(words + 2, scale);
    return true;
}

enum { LONG_ORDINARY = 1024 }; /* bytes of a long text that is worth no check of its size */

INLINE enum encode_op encode_op_of(enum signature_column column)
{
    return column == COLUMN_TEXT ? ENCODE_STRING : column == COLUMN_SUM ? ENCODE_DECIMAL : ENCODE_WORD;
}

/* Is a text among the columns a long one? */
INLINE bool encode_finds_long(const struct signature *known, const struct encoder *encoder,
                                                                    const void *record)
{
#pragma GCC unroll 8
    for (uint32_t i = 0; i < known->count; i++)
        if (known->columns[i] == COLUMN_TEXT)
            return ((const etl_string *)((const char *)record + encoder->steps[i].from))->size > TEXT_INLINE_MAX;
    return false;
}

/* With `long_texts` a text may be a long one. False: the entry is not ordinary, or in error, and has to be encoded anew. */
INLINE bool encode_known(const struct signature *known, bool long_texts,
                                                               const struct encoder *encoder, const void *record, void *entry,
                                                               uint32_t *hash, struct scratch *texts)
{
    uint64_t keys[2 * SIGNATURE_MAX]; /* as they are hashed: of a long text, not where it lies */
    const uint32_t key_words = signature_words_of(known, known->keys);
#pragma GCC unroll 8
    for (uint32_t i = 0; i < known->count; i++) {
        const uint32_t at = signature_words_of(known, i), words = signature_words(known->columns[i]);
        uint64_t *to = (uint64_t *)entry + at;
        bool is_long = false;
        if (UNLIKELY(!encode_plainly(&encoder->steps[i], encode_op_of(known->columns[i]), record, to))) {
            if (!long_texts || known->columns[i] != COLUMN_TEXT) return false;
            const etl_string *text = (const etl_string *)((const char *)record + encoder->steps[i].from);
            if (text->size <= TEXT_INLINE_MAX || text->size > LONG_ORDINARY || !text->data) return false;
            is_long = text_copy_long(*text, scratch_allocate(texts, text->size), to);
            if (!is_long) return false;
        }
        if (i >= known->keys) continue;
        memcpy(keys + at, to, words * 8);
        if (is_long) keys[at] = 0;
    }
    *hash = hash_words(keys, key_words);
    return true;
}

#endif
