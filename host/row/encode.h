/* SPDX-License-Identifier: MIT
 * encode: from an author's struct to an entry. An encoder is a list of steps, one a column, made once for each declaration,
 * so that emitting an effect is a short loop with one branch a column; what is not quite ordinary (a long text, a decimal
 * of more than 64 bits, a value that cannot stand in state) leaves the loop for a function of its own. For a few common
 * signatures (kinds and roles of all columns) the loop is compiled with the steps known, which leaves straight code: worth
 * some 4 ns an effect. */
#ifndef STATE_ENCODE_H
#define STATE_ENCODE_H

#include "row/layout.h"
#include "row/packed_string.h"
#include "row/signatures.h"

enum encode_op {
    ENCODE_WORD, ENCODE_INT64_SUM, ENCODE_DECIMAL, ENCODE_DECIMAL_KEY, ENCODE_STRING, ENCODE_JSON, ENCODE_DOUBLE, ENCODE_BOOL,
    ENCODE_COUNT,
    ENCODE_OPTIONAL, /* of whatever the column is */
};

struct encode_step {
    uint8_t op, column;
    uint16_t to;   /* bytes from the entry's start */
    uint32_t from; /* bytes from the struct's start */
};

struct encoder;
typedef bool encode_function(const struct encoder *encoder, const void *record, void *entry, uint32_t *hash,
                             struct scratch *texts, struct error *error);

struct encoder {
    enum signature_id signature;
    encode_function *encode; /* a whole entry */
    const struct layout *layout;
    const struct members *members; /* borrowed */
    struct encode_step steps[COLUMNS_MAX];
};

void encoder_init(struct encoder *encoder, const struct layout *layout, const struct members *members);

/* One step, whatever its value. Texts of more than 15 bytes are copied into `texts`. False: the value cannot stand in
 * state; the error names the column. */
bool encode_step(const struct encoder *encoder, const struct encode_step *step, const void *record, void *entry,
                 struct scratch *texts, struct error *error);

/* The whole entry, and the hash of its keys as table_hash() has it. False: it cannot stand in state. */
static inline bool encode_entry(const struct encoder *encoder, const void *record, void *entry, uint32_t *hash,
                                struct scratch *texts, struct error *error)
{
    return encoder->encode(encoder, record, entry, hash, texts, error);
}

/* The keys, and zeros; or the values alone. */
bool encode_keys(const struct encoder *encoder, const void *record, void *entry, struct scratch *texts, struct error *error);
bool encode_values(const struct encoder *encoder, const void *record, void *entry, struct scratch *texts, struct error *error);

/* The words of one key, whose text, if it is a long one, stays where it is. */
void encode_key(const struct column *column, const void *member, uint64_t *words);

#endif
