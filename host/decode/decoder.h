/* SPDX-License-Identifier: MIT
 * decoder: judges lines. The ordinary way of one, which fits a shape, is compiled into those who ask, which takes 17 instructions
 * less than a function of its own. */
#ifndef DECODE_DECODER_H
#define DECODE_DECODER_H

#include "base/compiler.h"
#include "decode/decode.h"
#include "decode/literal.h"
#include "decode/shapes.h"

/* The full way, of a line that fits no shape: line.c; as decoder_decode(). Compiled plainly and for AVX2, which takes 6 % off a
 * job whose lines have their keys in random order. */
typedef struct judged line_decoder(struct decoder *decoder, const char *text, size_t limit);
line_decoder line_decode_plain, line_decode_avx2;

/* A key that was met, with the quote and the colon behind it, and where it leads. Most keys of a log come again, so that it
 * need not be found where they end, nor what they are. */
struct known_key {
    char literal[LITERAL_SIZE];
    uint32_t mask, size; /* of the bytes; how many */
    uint32_t parent, node;
};
enum { KNOWN_KEY_BITS = 7, KNOWN_KEYS = 1 << KNOWN_KEY_BITS };

struct decoder {
    const struct schema *schema;
    struct reading reading;
    struct shapes *shapes;
    line_decoder *decode_unshaped;
    uint32_t line;  /* slots of which this is the line are of the line at hand */
    bool repeated;  /* some slot is */
    bool unhandled; /* the reason is still to be made, of the event type */
    char *key;      /* room for one that has escapes */
    struct known_key known[KNOWN_KEYS]; /* by a hash of their first bytes; the last that was met counts */
    struct error *reason;
};

/* Judges the first line of `limit` bytes of text. It ends at a LF, or where there is none, at the limit, which LF or CRLF
 * follows; behind that there are SOURCE_PADDING readable bytes. What it gives (frame, strings, reason) lives until the next
 * call. */
static inline struct judged decoder_decode(struct decoder *decoder, const char *text, size_t limit)
{
    if (decoder->reading.scratch.used) scratch_reset(&decoder->reading.scratch);
    const char *end = shapes_decode(decoder->shapes, text);
    if (UNLIKELY(!end)) return decoder->decode_unshaped(decoder, text, limit);
    if (UNLIKELY(*end != '\n') && end + 1 == text + limit) end++; /* a CR without a LF is white space */
    struct judged judged = {end, decoder->reading.type_number - 1, VERDICT_EVENT}; /* 0, of none, becomes NO_EVENT_TYPE */
    if (UNLIKELY(judged.event_type == NO_EVENT_TYPE)) {
        decoder->unhandled = true;
        judged.verdict = VERDICT_UNHANDLED;
    }
    return judged;
}

#endif
