/* SPDX-License-Identifier: MIT
 * What a decoder reads of a schema. All paths of all event types form one tree of keys, whose nodes are numbered; a decoder has a
 * slot per node, which it fills as it meets members, before it need know the event type. */
#ifndef DECODE_SCHEMA_H
#define DECODE_SCHEMA_H

#include "decode/decode.h"
#include "decode/keys.h"

enum { NODE_ROOT = 0 }; /* the outermost object; also, as a key's node: nobody asks for this member */

struct node {
    uint32_t parent;
    bool inner; /* paths lead through it */
    char *path; /* for messages */
};

enum { WANT_EVENT_TYPE = 0 }; /* beside enum etl_kind */

/* One field of one struct of an event type. */
struct want {
    const char *path; /* as its author wrote it */
    uint32_t node, kind, unit;
    bool optional;
    size_t offset, has_offset; /* in the frame */
};

struct placed {
    const struct etl_event *event;
    size_t offset; /* in the frame */
};

struct event_type {
    char *name;
    struct want *wants; /* of all structs, in order */
    struct placed *structs;
    size_t want_count, struct_count;
};

struct schema {
    struct keys keys;       /* (node, key) to node */
    struct keys type_names; /* (0, name) to number + 1 */
    struct node *nodes;
    struct event_type *types;
    uint32_t node_count, type_node;
    unsigned type_count;
    size_t frame_size;
};

enum { FRAME_ALIGNMENT = 64 };

#endif
