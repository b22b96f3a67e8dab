/* SPDX-License-Identifier: MIT
 * shapes: the fast path for lines. Lines of a log look alike, so one line serves as a
 * pattern for the next: a tree of the literals between values (keys, quotes and commas
 * in one piece) and of the place of each value. A line that fits costs one comparison
 * and one conversion a value, and no look-up of keys. Only lines that the general
 * parser accepted are learned, and keys are part of the literals: so a line that fits
 * has the same members, none missing or repeated, and only its values must be judged.
 * A line that does not fit goes to the general parser, which alone reports faults.
 * Values before the event type wait in slots until the type is known; then the tree
 * branches by type.
 *
 * Values that no handler wants have shapes of their own, by place: members of an
 * object, elements of an array. If one does not fit, it is scanned from the last
 * nested value that did, so that depth does not multiply the bytes read; then it is
 * learned.
 *
 * Learning is bounded: nodes, alternatives at a place, bytes attached to nodes, and
 * the size of a text to learn. If most lines do not fit (keys in random order), shapes
 * pause, longer each time, and then start anew. */
#ifndef DECODE_SHAPES_H
#define DECODE_SHAPES_H

#include "decode/reading.h"

struct shapes;

/* Lines are decoded into `reading`, which is the caller's and outlives the shapes. Its
 * frame and its slots must not move. */
struct shapes *shapes_create(const struct schema *schema, struct reading *reading);
/* Decodes the line that begins here if it fits a shape: the structs, event_type,
 * type_number and member_count of `reading` are set as the general parser would set
 * them. Returns its LF or CRLF; NULL: it does not fit, and these are unspecified. */
const char *shapes_decode(struct shapes *shapes, const char *line);
/* Learns from a line that the general parser accepted, as an event or as unhandled
 * (type NULL). Called right after shapes_decode() returned NULL for the line. */
void shapes_learn(struct shapes *shapes, const char *line, const char *end, const struct event_type *type);
void shapes_destroy(struct shapes *shapes);

#endif
