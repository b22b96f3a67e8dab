/* SPDX-License-Identifier: MIT
 * A line is walked along its shape step by step: each node has a function, its step, which ends by calling that of the next
 * node. These calls are jumps, so that what is at hand (the place in the line, the window) stays in registers from a line's
 * first byte to its last, and a step saves nothing. Steps of what is ordinary are in shapes_walk.c, and call nothing else; they
 * leave the rest to the steps of shapes_rest.c. In one loop with a switch, a line of the trading job took 440 instructions; now it
 * takes 360. */
#ifndef DECODE_SHAPES_STEP_H
#define DECODE_SHAPES_STEP_H

#include "base/compiler.h"
#include "decode/shapes_impl.h"

#define SHAPE_INLINE INLINE
/* The value is taken as it is now: what it was made of is not kept as well. A step with a register too many has to save some. */

/* What a step is called with. */
#define SHAPE_STEP struct shapes *shapes, struct shape_node *node, const char *at, struct window window

/* The step of the next node, behind the value of this one. */
SHAPE_INLINE const char *go_on(struct shapes *shapes, struct shape_node *next, const char *at, struct window window)
{
    return next->step(shapes, next, at, window);
}

/* The step of the node that may stand here instead of this one. */
SHAPE_INLINE const char *go_aside(SHAPE_STEP)
{
    return go_on(shapes, shape_sibling(shapes, node), at, window);
}

#define shape_any_step DECODE_TARGET(shape_any_step)
#define shape_new_type_step DECODE_TARGET(shape_new_type_step)
#define shape_waiters_step DECODE_TARGET(shape_waiters_step)
#define shape_options_step DECODE_TARGET(shape_options_step)

/* A value that has no step of its own, or that its step did not take. */
shape_step shape_any_step;
/* The event type that begins here, by its name; it becomes the one that is known in this place. */
const char *shape_new_type_step(struct shapes *shapes, struct shape_node *node, const char *name, struct shape_type *known);
/* Behind an event type, where something else than texts waited for it. */
const char *shape_waiters_step(struct shapes *shapes, struct shape_node *node, const struct shape_branch *branch);
/* Where the line ends, and it is of an event with optional fields: which of them it has. */
const char *shape_options_step(struct shapes *shapes, const struct shape_ending *ending, const char *end);

/* What waited for the type goes where it is wanted, and the line goes on by the type. */
SHAPE_INLINE const char *go_by_type(struct shapes *shapes, struct shape_node *node, etl_string name,
                                    const struct shape_branch *branch, struct shape_node *next, struct window window)
{
    put_text(&shapes->reading->event_type, name.data, name.size);
    for (const struct shape_text *text = branch->texts; text->from; text++) memcpy(text->to, text->from, sizeof *text->from);
    if (UNLIKELY(branch->waits)) return shape_waiters_step(shapes, node, branch);
    return go_on(shapes, next, name.data + name.size, window);
}

#endif
