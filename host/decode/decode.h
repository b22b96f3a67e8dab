/* SPDX-License-Identifier: MIT
 * decode: decodes the bytes of a logline into the structs that handlers asked for. The
 * whole line is judged first (malformed, then unhandled, then invalid); wanted values
 * are written straight into the handlers' structs.
 *
 * A schema says which values are wanted. It is built while plugins load, is constant
 * afterwards, and all threads share it. A decoder belongs to one thread and holds the
 * structs that it decodes into (its frame). */
#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

#include "base/error.h"

#include <etl.h>

/* nested arrays and objects in a logline; a line with more is malformed */
enum { DECODE_DEPTH_MAX = 128 };

struct schema;
struct decoder;

/* `event_type_path`: the path of the event type, in keys like etl_field.path. NULL:
 * the path is not valid. */
struct schema *schema_create(const char *event_type_path, struct error *error);
/* The number of an event type, which is added if it is new. Numbers count from 0, in
 * order. */
unsigned schema_event_type(struct schema *schema, const char *name);
size_t schema_event_type_count(const struct schema *schema);
/* Decodes lines of this type into one more struct (once, if the same declaration is
 * added again). Sets *offset to the struct's place in a decoder's frame. The
 * declaration was validated except for its paths. False: a path is not valid, and
 * nothing was added. */
bool schema_add_struct(struct schema *schema, unsigned event_type, const struct etl_event *event, size_t *offset,
                       struct error *error);
void schema_destroy(struct schema *schema);

/* The result of judging a logline. */
enum verdict {
    VERDICT_EVENT,     /* the structs of its type are filled */
    VERDICT_BLANK,     /* only spaces, tabs and CR, or nothing */
    VERDICT_MALFORMED, /* not one JSON object with one event type; see decoder_reason() */
    VERDICT_UNHANDLED, /* well-formed, but no handler for its type */
    VERDICT_INVALID, /* a wanted field is missing, null, repeated or of the wrong kind */
};

#define NO_EVENT_TYPE UINT32_MAX

struct decoder *decoder_create(const struct schema *schema);
/* A line as decoder_decode() (decoder.h) judged it. Small enough to be returned in
 * registers, because the next line begins where it ends. */
struct judged {
    const char *end; /* its LF or CRLF, or the limit of the text */
    unsigned event_type; /* for EVENT and INVALID; otherwise NO_EVENT_TYPE */
    enum verdict verdict;
};
/* The start of this decoder's frame. Structs are at the offsets that
 * schema_add_struct() set. */
void *decoder_frame(const struct decoder *decoder);
/* Why the last line was malformed or invalid, or which type was unhandled. Names the
 * field, or the JSON fault and its byte, from 1. */
const char *decoder_reason(const struct decoder *decoder);
/* The event type of the last line; empty if it was malformed. */
etl_string decoder_event_type(const struct decoder *decoder);
/* Number of members of the last line's outermost object, for callers that allow no
 * unknown ones. */
size_t decoder_member_count(const struct decoder *decoder);
void decoder_destroy(struct decoder *decoder);

/* Is this exactly one JSON value, with nothing around it? It may be put in an object,
 * so it has one level less than DECODE_DEPTH_MAX. */
bool json_valid(const char *data, size_t size);

#endif
