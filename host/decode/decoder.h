/* SPDX-License-Identifier: MIT
 * decoder: judges lines. The fast path, for a line that fits a shape, is inlined into
 * the callers (measured). */
#ifndef DECODE_DECODER_H
#define DECODE_DECODER_H

#include "base/compiler.h"
#include "decode/decode.h"
#include "decode/literal.h"
#include "decode/shapes.h"

/* The general parser, for a line that fits no shape; same contract as
 * decoder_decode(). Defined in line.c and compiled twice, plainly and for AVX2
 * (measured). */
typedef struct judged line_decoder(struct decoder *decoder, const char *text, size_t limit);
line_decoder line_decode_plain, line_decode_avx2;

/* A known key: its text with the closing quote and the colon, and the node it leads
 * to. Most keys of a log come again, so neither their end nor their node need be
 * searched. */
struct known_key {
    char literal[LITERAL_SIZE];
    uint32_t mask, size; /* a bit per byte; number of bytes */
    uint32_t parent, node;
};
enum { KNOWN_KEY_BITS = 7, KNOWN_KEYS = 1 << KNOWN_KEY_BITS };

struct decoder {
    const struct schema *schema;
    struct reading reading;
    struct shapes *shapes;
    line_decoder *decode_unshaped;
    /* number of the current line; only slots with this number belong to it */
    uint32_t line;
    bool repeated;  /* the current line repeats a slot */
    bool unhandled; /* the reason is not yet made from the event type */
    char *key;      /* buffer for a key that has escapes */
    /* by a hash of their first bytes; a newer key replaces an older one */
    struct known_key known[KNOWN_KEYS];
    struct error *reason;
};

/* Judges the first line of `limit` bytes of text. The line ends at a LF; without one,
 * at the limit, and LF or CRLF follows there. SOURCE_PADDING readable bytes must
 * follow that. Results (frame, strings, reason) live until the next call. */
static inline struct judged decoder_decode(struct decoder *decoder, const char *text, size_t limit)
{
    if (decoder->reading.scratch.used) scratch_reset(&decoder->reading.scratch);
    const char *end = shapes_decode(decoder->shapes, text);
    if (UNLIKELY(!end)) return decoder->decode_unshaped(decoder, text, limit);
    /* a CR without a LF is white space */
    if (UNLIKELY(*end != '\n') && end + 1 == text + limit) end++;
    /* 0, which is none, becomes NO_EVENT_TYPE */
    struct judged judged = {end, decoder->reading.type_number - 1, VERDICT_EVENT};
    if (UNLIKELY(judged.event_type == NO_EVENT_TYPE)) {
        decoder->unhandled = true;
        judged.verdict = VERDICT_UNHANDLED;
    }
    return judged;
}

#endif
