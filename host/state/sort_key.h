/* SPDX-License-Identifier: MIT
 * sort_key: keys as numbers, so that sorting needs no comparisons. A key is read as words whose bits, from the first word's
 * highest to the last word's lowest, are in the order of keys. Bits that are the same in all rows decide nothing, and mostly few
 * are left: 1,000 accounts and 500 tickers of four letters vary in 30 of 192 bits. These are packed side by side, so that a key
 * and the number of its row fit 64 bits. Where more bits vary than fit, the packed key decides as far as it goes. */
#ifndef STATE_SORT_KEY_H
#define STATE_SORT_KEY_H

#include "base/compiler.h"
#include "row/layout.h"

enum {
    KEY_WORDS_MAX = 64,
    KEY_TEXT_WORDS = 8, /* of a long text, as many are looked at */
    KEY_ROOM = KEY_WORDS_MAX + KEY_TEXT_WORDS, /* the last column may be read beyond the words that count */
};

enum key_word { KEY_SIGNED, KEY_UNSIGNED, KEY_TEXT /* bytes as they lie in memory */, KEY_TEXT_SIZE /* after a text's words */ };

/* How keys are read. */
struct key_reader {
    const struct layout *layout;
    bool direct; /* the words of the row serve as they are */
    bool cut;    /* there are more words than are read */
    uint32_t count;
    uint8_t kinds[KEY_WORDS_MAX]; /* enum key_word */
};

/* Which bits of some rows' words are set anywhere, and everywhere. */
struct key_survey {
    uint64_t any[KEY_WORDS_MAX], all[KEY_WORDS_MAX];
};

/* How the bits that vary are packed, by runs of bits. */
struct key_packing {
    struct key_run {
        uint64_t mask;
        uint8_t word, shift, bits, to; /* bits from `shift` of a word go to `to` */
    } runs[64]; /* from the highest */
    uint32_t run_count, bits;
    uint64_t flip;  /* signs: negative comes first */
    bool decides;   /* two keys that differ never pack the same */
};

/* `long_texts`: some key has a text of more than 15 bytes. */
void key_reader_init(struct key_reader *reader, const struct layout *layout, bool long_texts);
void key_survey_init(struct key_survey *survey);
void key_survey_merge(struct key_survey *survey, const struct key_survey *other);
/* Packs at most `room` bits, the lowest of them to bit `low`. */
void key_packing_init(struct key_packing *packing, const struct key_reader *reader, const struct key_survey *survey, uint32_t low,
                      uint32_t room);

void key_expand(const struct key_reader *reader, const char *row, uint64_t *words);
/* The words of a row's key; `words` is for those that do not stand in the row. */
static inline const uint64_t *key_read(const struct key_reader *reader, const char *row, uint64_t words[KEY_ROOM])
{
    if (LIKELY(reader->direct)) return (const uint64_t *)row;
    key_expand(reader, row, words);
    return words;
}

static inline void key_survey_add(struct key_survey *survey, const struct key_reader *reader, const uint64_t *words)
{
    for (uint32_t i = 0; i < reader->count; i++) survey->any[i] |= words[i], survey->all[i] &= words[i];
}

/* Packs the first runs of a key. */
static inline uint64_t key_pack(const struct key_packing *packing, const uint64_t *words, uint32_t runs)
{
    uint64_t packed = packing->flip;
    for (uint32_t i = 0; i < runs; i++) {
        const struct key_run *run = &packing->runs[i];
        packed ^= (words[run->word] >> run->shift & run->mask) << run->to;
    }
    return packed;
}

/* The order of two rows of different keys, by comparing. */
int key_compare(const struct layout *layout, const char *a, const char *b);

#endif
