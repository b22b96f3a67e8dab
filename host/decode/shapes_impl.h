/* SPDX-License-Identifier: MIT
 * shapes_impl: the tree that is walked (shapes_walk.c, shapes_rest.c; shapes_skip.c
 * for values that no handler wants) and learned (shapes_learn.c). */
#ifndef DECODE_SHAPES_IMPL_H
#define DECODE_SHAPES_IMPL_H

#include "decode/literal.h"
#include "decode/shapes.h"
#include "decode/target.h"
#include "decode/window.h"

enum {
    SHAPE_NODES_MAX = 2048,        /* 128 KiB */
    SHAPE_BYTES_MAX = 512 * 1024,  /* attached to nodes */
    SHAPE_SIBLINGS_MAX = 8,        /* alternatives at a place */
    SHAPE_LITERAL_MAX = 28,        /* bytes of a literal in one node */
    SHAPE_SKIPS_LEARNED_MAX = 32,  /* unwanted values learned at a place */
    SHAPE_TEXT_MAX = 16 * 1024,    /* bytes of one learned value or line */
    /* bytes learned in a window; a nested value is learned at each level that does not
     * fit */
    SHAPE_LEARNED_MAX = 512 * 1024,
    /* lines in a window that could not be learned before learning stops */
    SHAPE_REFUSALS_MAX = 64,
};

/* What a node does behind its literal. */
enum shape_op {
    SHAPE_NOWHERE,     /* there is no node */
    SHAPE_MORE,        /* nothing: the literal continues in the next node */
    /* stores a string in the frame, from behind its quote to the closing one */
    SHAPE_STRING,
    SHAPE_INT64,       /* stores a number in the frame */
    SHAPE_DECIMAL,
    SHAPE_DOUBLE,
    SHAPE_WANTS, /* stores any value but null, for several wants or for a rarer kind */
    /* stores any value but null in its slot, before the event type is known */
    SHAPE_WAIT,
    SHAPE_WAIT_NUMBER, /* the same for a number */
    /* the same for a string of ASCII without escapes, from behind its quote */
    SHAPE_WAIT_TEXT,
    /* the event type, from behind its quote: stores deferred values and branches by
     * type */
    SHAPE_TYPE,
    SHAPE_SKIP_STRING, /* from behind its quote */
    SHAPE_SKIP_NUMBER,
    SHAPE_SKIP,        /* any value */
    /* an unwanted array, from behind its bracket; its elements match `inner` */
    SHAPE_ELEMENTS,
    SHAPE_ELEMENT_END, /* a ',' or ']' follows */
    SHAPE_END,
};

struct shape_node;

/* Processes a node. If its literal and its value are at `at`, the step stores the
 * value and calls the step of the next node; if not, it calls the step of the sibling.
 * Returns the result of the last step: the end of the line; NULL: the line does not
 * fit. */
typedef const char *shape_step(struct shapes *shapes, struct shape_node *node, const char *at, struct window window);
/* By enum shape_op. */
extern shape_step *const shape_steps_plain[], *const shape_steps_avx2[];

/* A literal, a value, and the nodes that may follow. */
struct shape_node {
    char literal[SHAPE_LITERAL_MAX];
    /* a bit per byte of the literal; placed here so that 32 bytes can be read from
     * `literal` */
    uint32_t mask;
    uint8_t size, op;
    uint8_t depth;   /* levels of nesting allowed in this value */
    uint8_t learned; /* SKIP and ELEMENTS: number of values learned */
    uint32_t sibling; /* number of the alternative node; 0: none */
    union {
        char *to;                  /* STRING to DOUBLE: in the frame */
        struct slot *slot;         /* WAIT to WAIT_TEXT */
        const struct want **wants; /* WANTS: ends in NULL */
        /* TYPE: by number of the event type, from 1; 0: unhandled */
        struct shape_branch *branches;
        /* SKIP, ELEMENTS: alternatives for the value, or for each element */
        struct shape_node *inner;
        struct shape_ending *ending; /* END: of a line */
    };
    shape_step *step;
    struct shape_node *next; /* the node that follows */
} __attribute__((aligned(64)));
_Static_assert(sizeof(struct shape_node) == 64, "a node is a line of the cache");
_Static_assert(offsetof(struct shape_node, mask) + sizeof(uint32_t) == LITERAL_SIZE, "32 bytes are read of the literal");

/* A deferred text, and its place in the frame. */
struct shape_text {
    const etl_string *from; /* NULL: the end of the list */
    char *to;
};

struct shape_branch {
    const struct shape_text *texts;
    const struct want **wants; /* other deferred values; ends in NULL */
    bool has_deferred;         /* `wants` is not empty */
    struct shape_node *next;
};

/* Work that is left at the end of the line. */
struct shape_ending {
    size_t member_count, option_count;
    struct shape_option {
        const struct want *want;
        bool there;
    } options[];
};

/* A known event type: its name with the closing quote, and how its lines continued at
 * the last place, as far as learned by then. */
struct shape_type {
    char literal[LITERAL_SIZE];
    uint32_t mask;        /* a bit per byte */
    uint32_t number : 24; /* of the type, from 1; 0: unhandled */
    uint32_t size : 8;    /* of the name */
    const struct shape_node *place; /* NULL: not known */
    const struct shape_branch *branch;
    /* the branch's next node, copied so that the walk need not wait for the branch */
    struct shape_node *next;
};
_Static_assert(sizeof(struct shape_type) == 64, "a type is a line of the cache");
enum { SHAPE_TYPE_BITS = 8, SHAPE_TYPES = 1 << SHAPE_TYPE_BITS, SHAPE_TYPE_NUMBERS = 1 << 24 };

struct shapes {
    const struct schema *schema;
    struct reading *reading;
    /* the first node is "nowhere": it means no node, and lines that do not fit end
     * there */
    struct shape_node *root, *nodes;
    uint32_t node_count;
    shape_step *const *steps;
    struct scratch memory; /* holds what is attached to nodes */
    /* by event type: two fields share bytes of the struct, so the order of writes
     * matters; such types are not learned */
    bool *overlapping;
    /* by node of the schema: it is wanted as a text and in no other way */
    bool *only_text;
    uint8_t *seen; /* by node of the schema: seen in the line that is being learned */

    /* the current line */
    /* the line is not JSON: no more alternatives are tried before it fails */
    bool broken;

    /* the rate of success */
    uint32_t left;     /* lines until the next review */
    uint32_t missed;   /* lines since the last review that did not fit */
    uint32_t refusals; /* lines since then that could not be learned */
    uint32_t learned;  /* bytes learned since then */
    uint32_t rest;     /* length of the next pause */
    bool resting;

    /* by a hash of their first bytes; a newer type replaces an older one */
    struct shape_type types[SHAPE_TYPES];
};

#define shape_steps DECODE_TARGET(shape_steps)
#define shape_skip DECODE_TARGET(shape_skip)

/* Is this a node, rather than "nowhere"? */
static inline bool shape_is_some(const struct shapes *shapes, const struct shape_node *node)
{
    return node != shapes->nodes;
}
static inline struct shape_node *shape_sibling(const struct shapes *shapes, const struct shape_node *node)
{
    return &shapes->nodes[node->sibling];
}

/* Forgets all known event types. */
void shapes_forget_types(struct shapes *shapes);
/* May this text be learned, too? */
static inline bool shape_may_learn(struct shapes *shapes, const char *start, const char *end)
{
    const size_t size = (size_t)(end - start);
    if (size > SHAPE_TEXT_MAX || size > SHAPE_LEARNED_MAX - shapes->learned) return false;
    shapes->learned += (uint32_t)size;
    return true;
}

/* Skips an unwanted value at a SKIP node. A value that fits no shape there is scanned.
 * NULL: there is no valid value. */
const char *shape_skip(struct shapes *shapes, struct shape_node *node, const char *start);
/* Adds a valid object or array as one more alternative at *inner; an element includes
 * the white space around it. Return what follows it. */
const char *shape_learn_value(struct shapes *shapes, struct shape_node **inner, const char *start, unsigned depth);
const char *shape_learn_element(struct shapes *shapes, struct shape_node **inner, const char *start, unsigned depth);

#endif
