/* SPDX-License-Identifier: MIT
 * schema: the layout that a decoder reads. All paths of all event types form one tree
 * of keys with numbered nodes. A decoder has a slot per node and fills it when it
 * meets the member, before the event type is known. */
#ifndef DECODE_SCHEMA_H
#define DECODE_SCHEMA_H

#include "decode/decode.h"
#include "decode/keys.h"

/* the outermost object; as a key's node: the member is not wanted */
enum { NODE_ROOT = 0 };

struct node {
    uint32_t parent;
    bool inner; /* paths lead through it */
    char *path; /* for messages */
};

enum { WANT_EVENT_TYPE = 0 }; /* a value beside enum etl_kind */

/* One field of one struct of an event type. */
struct want {
    const char *path; /* as the plugin's author wrote it */
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
