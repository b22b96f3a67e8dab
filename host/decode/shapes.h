/* SPDX-License-Identifier: MIT
 * shapes: lines of a log look alike, so what one line taught serves the next: a tree of what stands between values (literals:
 * keys, quotes, commas, all in one piece) and of where each value goes. A line that fits costs a comparison and a conversion
 * a value, and no look-up of keys. Only lines that the full way took are learned, and keys are part of the literals: so a
 * line that fits has the same members, none of them missing or repeated, and only its values are left to be judged. A line
 * that does not fit, for whatever reason, is left to the full way, which alone finds fault with lines. What stands before the
 * event type waits in slots until the type is known, and then the tree goes on by type.
 *
 * Values that nobody asks for have shapes of their own, by place: members of an object, elements of an array. Where one does
 * not fit, what is left of it is scanned from the last value that did, so that depth does not multiply what is read; and it is
 * learned.
 *
 * What is learned is bounded: nodes, alternatives at a place, bytes that hang on nodes, the size of a text that is looked at.
 * Where most lines do not fit (keys in random order), shapes rest, longer each time, and then start anew.
 *
 * Measured by decoding alone, before there was a walk for AVX2, on this project's trading log of 109 bytes a line, in
 * nanoseconds a line, without shapes and with them: keys always in the same order 78 and 46, the event type as the last key 74
 * and 51, forty event types in random order 78 and 47, spaces after commas and colons 86 and 51, a nested payload of 1.6 KB
 * that nobody asks for 790 and 550. */
#ifndef DECODE_SHAPES_H
#define DECODE_SHAPES_H

#include "decode/reading.h"

struct shapes;

/* `reading` is what lines are decoded into; it is the caller's and outlives the shapes. Its frame and its slots stay where they
 * are. */
struct shapes *shapes_create(const struct schema *schema, struct reading *reading);
/* Decodes the line that begins here, if it fits a shape: the structs, event_type, type_number and member_count of `reading`
 * are as the full way would set them. Returns its LF or CRLF; NULL: it does not fit, and what these hold is not said. */
const char *shapes_decode(struct shapes *shapes, const char *line);
/* Learns from a line that the full way took, as an event or as unhandled (type NULL), right after the above did not. */
void shapes_learn(struct shapes *shapes, const char *line, const char *end, const struct event_type *type);
void shapes_destroy(struct shapes *shapes);

#endif
