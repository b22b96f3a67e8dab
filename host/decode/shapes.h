/* SPDX-License-Identifier: MIT
 * shapes: lines of a log look alike, so what one line taught is used for the next: a tree of what may stand between values
 * (literals: keys, quotes, commas, all in one piece) and of where each value goes. A line that fits costs a comparison and a
 * conversion a value, and no look-up of keys. Only lines that the full way took are learned, and the keys of a shape are part of its
 * literals; so a line that fits has the same members, none missing or repeated, and needs no more of its judgement than its values do. A line
 * that does not fit, for whatever reason, is left to the full way, which alone finds fault with lines.
 *
 * Measured on this project's trading log, 109 bytes a line: SHAPES_FIGURES
 *
 * Members that nobody asks for have shapes, too, in a tree of their own by place: 
 * where a value does not fit, scan_value() skips it, and it is learned.
 *
 * What is learned is bounded: nodes, alternatives at a place, bytes. Where most lines do not fit (keys in random order), shapes rest
 * for some thousand lines, for up to SHAPES_REST_MAX in the end, and start anew. */
#ifndef DECODE_SHAPES_H
#define DECODE_SHAPES_H

#include "decode/reading.h"

struct shapes;

enum shaped { SHAPED_NOT, SHAPED_EVENT, SHAPED_UNHANDLED };

/* `reading` is what lines are decoded into; it is the caller's and outlives the shapes. */
struct shapes *shapes_create(const struct schema *schema, struct reading *reading);
/* Decodes a line that ends at reading->scan.end, if it fits a shape: the structs, event_type and member_count of `reading` are as the full way
 * would set them. Otherwise what the structs hold is not said. */
enum shaped shapes_decode(struct shapes *shapes, const char *line, unsigned *event_type);
/* Learns from a line that the full way took, as an event or as unhandled (type NULL), right after shapes_decode() did not. */
void shapes_learn(struct shapes *shapes, const char *line, const char *end, const struct event_type *type);
void shapes_destroy(struct shapes *shapes);

#endif
