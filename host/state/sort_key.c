/* SPDX-License-Identifier: MIT */
#include "state/sort_key.h"
#include "row/decimal_sum.h"
#include "row/packed_string.h"

enum { TEXT_BYTES = KEY_TEXT_WORDS * 8 };

/* ---- reading */

static void add_word(struct key_reader *reader, enum key_word kind)
{
    if (reader->count < KEY_WORDS_MAX) reader->kinds[reader->count++] = (uint8_t)kind;
    else reader->cut = true;
}

static void add_column(struct key_reader *reader, enum etl_kind kind)
{
    switch (kind) {
    case ETL_KIND_STRING:
        for (int i = 0; i < (reader->direct ? 2 : KEY_TEXT_WORDS); i++) add_word(reader, KEY_TEXT);
        if (!reader->direct) add_word(reader, KEY_TEXT_SIZE); /* which otherwise is the last byte of the text's words */
        return;
    case ETL_KIND_DECIMAL:
        add_word(reader, KEY_SIGNED);
        for (int i = 1; i < WIDE_WORDS; i++) add_word(reader, KEY_UNSIGNED);
        return;
    default: add_word(reader, KEY_SIGNED); return;
    }
}

void key_reader_init(struct key_reader *reader, const struct layout *layout, bool long_texts)
{
    *reader = (struct key_reader){.layout = layout, .direct = !long_texts};
    for (uint32_t i = 0; i < layout->key_count; i++)
        if (layout->columns[i].column.kind == ETL_KIND_DECIMAL) reader->direct = false;
    for (uint32_t i = 0; i < layout->key_count; i++) add_column(reader, layout->columns[i].column.kind);
}

static uint64_t *expand_text(const uint64_t *from, uint64_t *to)
{
    etl_string text = text_view(from);
    size_t size = text.size < TEXT_BYTES ? text.size : TEXT_BYTES;
    memset(to, 0, TEXT_BYTES);
    memcpy(to, text.data, size);
    to[KEY_TEXT_WORDS] = text.size;
    return to + KEY_TEXT_WORDS + 1;
}

/* As a wide sum has it: all values at one scale. */
static uint64_t *expand_decimal(const uint64_t *from, uint64_t *to)
{
    struct wide wide = decimal_sum_wide((const struct decimal_sum *)from);
    for (int i = WIDE_WORDS; i--;) *to++ = wide.words[i];
    return to;
}

void key_expand(const struct key_reader *reader, const char *row, uint64_t *words)
{
    const struct layout *layout = reader->layout;
    uint64_t *end = words + reader->count;
    for (uint32_t i = 0; i < layout->key_count && words < end; i++) {
        const uint64_t *from = (const uint64_t *)(row + layout->columns[i].at);
        switch (layout->columns[i].column.kind) {
        case ETL_KIND_STRING: words = expand_text(from, words); break;
        case ETL_KIND_DECIMAL: words = expand_decimal(from, words); break;
        default: *words++ = from[0];
        }
    }
}

/* ---- surveys */

void key_survey_init(struct key_survey *survey)
{
    memset(survey->any, 0, sizeof survey->any);
    memset(survey->all, 0xFF, sizeof survey->all);
}

void key_survey_merge(struct key_survey *survey, const struct key_survey *other)
{
    for (uint32_t i = 0; i < KEY_WORDS_MAX; i++) survey->any[i] |= other->any[i], survey->all[i] &= other->all[i];
}

/* ---- packing */

/* Takes the high end of a run where not all of it fits. */
static void add_run(struct key_packing *packing, uint32_t word, uint32_t shift, uint32_t bits, uint32_t room)
{
    uint32_t left = room - packing->bits, taken = bits < left ? bits : left;
    packing->decides &= taken == bits;
    if (!taken) return;
    packing->runs[packing->run_count++] = (struct key_run){.word = (uint8_t)word, .shift = (uint8_t)(shift + bits - taken),
        .bits = (uint8_t)taken, .mask = ~(uint64_t)0 >> (64 - taken)};
    packing->bits += taken;
}

/* The runs of ones in bits `from` up to `to` of `vary`, the highest first. */
static void add_runs(struct key_packing *packing, uint32_t word, uint64_t vary, uint32_t from, uint32_t to, uint32_t room)
{
    while (to > from) {
        uint32_t bits = 0;
        while (bits < to - from && vary >> (to - 1 - bits) & 1) bits++;
        if (bits) add_run(packing, word, to - bits, bits, room);
        to -= bits ? bits : 1;
    }
}

static void add_word_runs(struct key_packing *packing, uint32_t word, enum key_word kind, uint64_t vary, uint32_t room)
{
    if (kind != KEY_TEXT) add_runs(packing, word, vary, 0, 64, room);
    else /* bytes from the lowest: no byte is ever moved to its place of order, its runs are */
        for (uint32_t at = 0; at < 64; at += 8) add_runs(packing, word, vary, at, at + 8, room);
}

void key_packing_init(struct key_packing *packing, const struct key_reader *reader, const struct key_survey *survey, uint32_t low,
                      uint32_t room)
{
    packing->run_count = packing->bits = 0;
    packing->flip = 0;
    packing->decides = true;
    for (uint32_t i = 0; i < reader->count && packing->decides; i++) {
        /* of texts that go on, neither size nor what comes after them is in the order of keys */
        if (reader->kinds[i] == KEY_TEXT_SIZE && survey->any[i] >= TEXT_BYTES) packing->decides = false;
        else add_word_runs(packing, i, reader->kinds[i], survey->any[i] & ~survey->all[i], room);
    }
    packing->decides &= !reader->cut;
    for (uint32_t i = 0, at = low + packing->bits; i < packing->run_count; i++) {
        struct key_run *run = &packing->runs[i];
        run->to = (uint8_t)(at -= run->bits);
        bool has_sign = reader->kinds[run->word] == KEY_SIGNED && run->shift + run->bits == 64;
        if (has_sign) packing->flip |= (uint64_t)1 << (at + run->bits - 1);
    }
}

/* ---- comparing */

static int compare_column(const struct layout_column *c, const uint64_t *a, const uint64_t *b)
{
    switch (c->column.kind) {
    case ETL_KIND_STRING: return text_compare(a, b);
    case ETL_KIND_DECIMAL:
        return etl_decimal_compare((etl_decimal){a[0], (int64_t)a[1], (int32_t)a[2]},
                                   (etl_decimal){b[0], (int64_t)b[1], (int32_t)b[2]});
    default: return ((int64_t)a[0] > (int64_t)b[0]) - ((int64_t)a[0] < (int64_t)b[0]);
    }
}

int key_compare(const struct layout *layout, const char *a, const char *b)
{
    int order = 0;
    for (uint32_t i = 0; i < layout->key_count && !order; i++) {
        const struct layout_column *c = &layout->columns[i];
        order = compare_column(c, (const uint64_t *)(a + c->at), (const uint64_t *)(b + c->at));
    }
    return order;
}
