/* SPDX-License-Identifier: MIT
 * decode: from the bytes of a logline to the structs that handlers asked for. The whole line is judged first (malformed, then
 * unhandled, then invalid); what is asked for is written straight into the handlers' structs.
 *
 * A schema says what is asked for; it is made while plugins load and is constant afterwards, shared by all threads. A decoder
 * is one thread's: it holds the structs that it decodes into (its frame). */
#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

#include "base/error.h"

#include <etl.h>

enum { DECODE_DEPTH_MAX = 128 }; /* nested arrays and objects in a logline; more is malformed */

struct schema;
struct decoder;

/* `event_type_path`: where the event type stands, a path of keys like etl_field.path. NULL where the path is not one. */
struct schema *schema_create(const char *event_type_path, struct error *error);
/* The number of an event type, which is added if it is new. Numbers count from 0, in order. */
unsigned schema_event_type(struct schema *schema, const char *name);
size_t schema_event_type_count(const struct schema *schema);
/* Lines of this type are decoded into one more struct (once, if the same declaration comes again). *offset: where in a decoder's
 * frame it will stand. The declaration was found to be good, but for its paths: false, and nothing is added: one is none. */
bool schema_add_struct(struct schema *schema, unsigned event_type, const struct etl_event *event, size_t *offset,
                       struct error *error);
void schema_destroy(struct schema *schema);

/* What a logline is. */
enum verdict {
    VERDICT_EVENT,     /* the structs of its type are filled */
    VERDICT_BLANK,     /* spaces, tabs and CR, or nothing */
    VERDICT_MALFORMED, /* not one JSON object with one event type; see decoder_reason() */
    VERDICT_UNHANDLED, /* well-formed, but nobody handles its type */
    VERDICT_INVALID,   /* a field that is asked for is missing, null, repeated or of the wrong kind */
};

#define NO_EVENT_TYPE UINT32_MAX

struct decoder *decoder_create(const struct schema *schema);
/* A line, as it was judged by decoder_decode() (decoder.h). Small enough to be returned in registers, for where it ends the next
 * one begins. */
struct judged {
    const char *end; /* its LF or CRLF, or the limit of the text */
    unsigned event_type; /* of EVENT and INVALID; otherwise NO_EVENT_TYPE */
    enum verdict verdict;
};
/* Where the structs of this decoder stand: frame + the offset of schema_add_struct(). */
void *decoder_frame(const struct decoder *decoder);
/* Why the last line was malformed or invalid, or which type was unhandled. Says the field, or what of JSON is wrong and at which
 * byte, from 1. */
const char *decoder_reason(const struct decoder *decoder);
/* The event type of the last line; empty where it was malformed. */
etl_string decoder_event_type(const struct decoder *decoder);
/* Members of the last line's outermost object; for whoever allows no unknown ones. */
size_t decoder_member_count(const struct decoder *decoder);
void decoder_destroy(struct decoder *decoder);

/* Is this exactly one JSON value, with nothing around it? It can stand in an object: one level less than DECODE_DEPTH_MAX. */
bool json_valid(const char *data, size_t size);

#endif
