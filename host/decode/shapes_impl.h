/* SPDX-License-Identifier: MIT
 * What walking a shape (shapes_walk.c and shapes_rest.c; shapes_skip.c where nobody asks for what is there) and learning one
 * (shapes_learn.c) share. */
#ifndef DECODE_SHAPES_IMPL_H
#define DECODE_SHAPES_IMPL_H

#include "decode/literal.h"
#include "decode/shapes.h"
#include "decode/target.h"
#include "decode/window.h"

enum {
    SHAPE_NODES_MAX = 2048,        /* 128 KiB */
    SHAPE_BYTES_MAX = 512 * 1024,  /* of what hangs on nodes */
    SHAPE_SIBLINGS_MAX = 8,        /* alternatives at a place */
    SHAPE_LITERAL_MAX = 28,        /* bytes of a literal in one node */
    SHAPE_SKIPS_LEARNED_MAX = 32,  /* values learned at a place that nobody asks for */
    SHAPE_TEXT_MAX = 16 * 1024,    /* bytes of a value, or line, that is learned, */
    SHAPE_LEARNED_MAX = 512 * 1024, /* and of all in a window: what is nested is learned at each level that does not fit */
    SHAPE_REFUSALS_MAX = 64,       /* lines in a window that could not be learned, until no more are tried */
};

/* What is done behind a node's literal. */
enum shape_op {
    SHAPE_NOWHERE,     /* there is no node */
    SHAPE_MORE,        /* nothing: the literal goes on in the next node */
    SHAPE_STRING,      /* a string, behind its quote and up to the other: into the frame */
    SHAPE_INT64,       /* a number: into the frame */
    SHAPE_DECIMAL,
    SHAPE_DOUBLE,
    SHAPE_WANTS,       /* any value but null, for several wants or of a kind that is rarer */
    SHAPE_WAIT,        /* any value but null, before the event type is known: into its slot */
    SHAPE_WAIT_NUMBER, /* the same of a number, */
    SHAPE_WAIT_TEXT,   /* and of a string of ASCII without escapes, behind its quote */
    SHAPE_TYPE,        /* the event type, behind its quote: takes what waits, and goes on by type */
    SHAPE_SKIP_STRING, /* behind its quote */
    SHAPE_SKIP_NUMBER,
    SHAPE_SKIP,        /* any value */
    SHAPE_ELEMENTS,    /* of an array that nobody asks for, behind its bracket: each is in `inner` */
    SHAPE_ELEMENT_END, /* a ',' or ']' follows */
    SHAPE_END,
};

struct shape_node;

/* Takes a node: where its literal stands at `at` and its value behind it, puts the value where it is wanted, and goes on by the
 * step of what follows; where not, by that of what may stand here instead. Returns what the last step does: where the line ends,
 * or NULL, it does not fit. */
typedef const char *shape_step(struct shapes *shapes, struct shape_node *node, const char *at, struct window window);
/* By enum shape_op. */
extern shape_step *const shape_steps_plain[], *const shape_steps_avx2[];

/* A literal, a value, and what may come next. */
struct shape_node {
    char literal[SHAPE_LITERAL_MAX];
    uint32_t mask; /* a bit per byte of the literal; so that 32 bytes can be read of it, this stands here */
    uint8_t size, op;
    uint8_t depth;   /* levels that may be nested in this value */
    uint8_t learned; /* of SKIP and ELEMENTS: how often */
    uint32_t sibling; /* the number of the node that may stand here instead; 0: none */
    union {
        char *to;                  /* STRING to DOUBLE: in the frame */
        struct slot *slot;         /* WAIT to WAIT_TEXT */
        const struct want **wants; /* WANTS: NULL ends them */
        struct shape_branch *branches; /* TYPE: by number of the event type, from 1; 0: unhandled */
        struct shape_node *inner;  /* SKIP, ELEMENTS: what the value, or each element, may look like */
        struct shape_ending *ending; /* END of a line */
    };
    shape_step *step;
    struct shape_node *next; /* what follows */
} __attribute__((aligned(64)));
_Static_assert(sizeof(struct shape_node) == 64, "a node is a line of the cache");
_Static_assert(offsetof(struct shape_node, mask) + sizeof(uint32_t) == LITERAL_SIZE, "32 bytes are read of the literal");

/* A text that waits, and where in the frame it goes. */
struct shape_text {
    const etl_string *from; /* NULL: the last */
    char *to;
};

struct shape_branch {
    const struct shape_text *texts;
    const struct want **wants; /* of other values that waited; NULL ends them; */
    bool waits;                /* there are some */
    struct shape_node *next;
};

/* What is left to be done where the line ends. */
struct shape_ending {
    size_t member_count, option_count;
    struct shape_option {
        const struct want *want;
        bool there;
    } options[];
};

/* An event type that was met: its name and the quote behind it; and how lines of it go on where it stood last, as of what had
 * been learned then. */
struct shape_type {
    char literal[LITERAL_SIZE];
    uint32_t mask;        /* of the bytes */
    uint32_t number : 24; /* of the type, from 1, or 0: unhandled */
    uint32_t size : 8;    /* of the name */
    const struct shape_node *place; /* NULL: not known */
    const struct shape_branch *branch;
    struct shape_node *next; /* the branch's; here, so that the walk need not wait for the branch */
};
_Static_assert(sizeof(struct shape_type) == 64, "a type is a line of the cache");
enum { SHAPE_TYPE_BITS = 8, SHAPE_TYPES = 1 << SHAPE_TYPE_BITS, SHAPE_TYPE_NUMBERS = 1 << 24 };

struct shapes {
    const struct schema *schema;
    struct reading *reading;
    struct shape_node *root, *nodes; /* the first node is nowhere: what stands for no node, where lines that do not fit end */
    uint32_t node_count;
    shape_step *const *steps;
    struct scratch memory; /* what hangs on nodes */
    bool *knotted;         /* by event type: two wants write to the same bytes, so that their order matters */
    bool *only_text;       /* by node of the schema: it is wanted as a text, and not otherwise */
    uint8_t *seen;         /* by node of the schema, of the line that is learned */

    /* at hand */
    bool broken;   /* the line is not JSON: nothing else need be tried, until it is found not to fit */

    /* how well it goes */
    uint32_t left;     /* lines to the next look at it */
    uint32_t missed;   /* since the last one */
    uint32_t refusals; /* lines since then that could not be learned */
    uint32_t learned;  /* bytes since then that were */
    uint32_t rest;     /* how long the next rest is */
    bool resting;

    struct shape_type types[SHAPE_TYPES]; /* by a hash of their first bytes; the last that was met counts */
};

#define shape_steps DECODE_TARGET(shape_steps)
#define shape_skip DECODE_TARGET(shape_skip)

/* Is there a node, or is it the one for none? */
static inline bool shape_is_some(const struct shapes *shapes, const struct shape_node *node)
{
    return node != shapes->nodes;
}
static inline struct shape_node *shape_sibling(const struct shapes *shapes, const struct shape_node *node)
{
    return &shapes->nodes[node->sibling];
}

/* No event type was met. */
void shapes_forget_types(struct shapes *shapes);
/* May this text be learned, too? */
static inline bool shape_may_learn(struct shapes *shapes, const char *start, const char *end)
{
    const size_t size = (size_t)(end - start);
    if (size > SHAPE_TEXT_MAX || size > SHAPE_LEARNED_MAX - shapes->learned) return false;
    shapes->learned += (uint32_t)size;
    return true;
}

/* Skips a value that nobody asks for, at a SKIP node. Where it does not fit the shapes there, as any value. NULL: it is none. */
const char *shape_skip(struct shapes *shapes, struct shape_node *node, const char *start);
/* An object or array that is good becomes one more alternative at *inner; an element with the white space around it. Return what
 * follows it. */
const char *shape_learn_value(struct shapes *shapes, struct shape_node **inner, const char *start, unsigned depth);
const char *shape_learn_element(struct shapes *shapes, struct shape_node **inner, const char *start, unsigned depth);

#endif
