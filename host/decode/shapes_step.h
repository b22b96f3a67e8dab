/* SPDX-License-Identifier: MIT
 * shapes_step: the walk along a shape. Each node has a function, its step, which ends
 * in a tail call to the step of the next node, so the cursor and the window stay in
 * registers for the whole line. Steps for ordinary values are in shapes_walk.c and
 * call no other functions; they leave the rest to the steps in shapes_rest.c. Tail
 * calls instead of a loop with a switch: measured. */
#ifndef DECODE_SHAPES_STEP_H
#define DECODE_SHAPES_STEP_H

#include "base/compiler.h"
#include "decode/shapes_impl.h"

#define SHAPE_INLINE INLINE

/* The parameters of a step. */
#define SHAPE_STEP struct shapes *shapes, struct shape_node *node, const char *at, struct window window

/* Calls the step of the next node, behind this node's value. */
SHAPE_INLINE const char *go_on(struct shapes *shapes, struct shape_node *next, const char *at, struct window window)
{
    return next->step(shapes, next, at, window);
}

/* Calls the step of the sibling, the alternative to this node. */
SHAPE_INLINE const char *go_sibling(SHAPE_STEP)
{
    return go_on(shapes, shape_sibling(shapes, node), at, window);
}

#define shape_any_step DECODE_TARGET(shape_any_step)
#define shape_new_type_step DECODE_TARGET(shape_new_type_step)
#define shape_deferred_step DECODE_TARGET(shape_deferred_step)
#define shape_options_step DECODE_TARGET(shape_options_step)

/* For a value without a step of its own, or that its step did not take. */
shape_step shape_any_step;
/* Looks up the event type that begins here by its name, and makes it the known one at
 * this place. */
const char *shape_new_type_step(struct shapes *shapes, struct shape_node *node, const char *name, struct shape_type *known);
/* Behind an event type, for deferred values other than texts. */
const char *shape_deferred_step(struct shapes *shapes, struct shape_node *node, const struct shape_branch *branch);
/* At the end of a line of an event with optional fields: notes which of them it has. */
const char *shape_options_step(struct shapes *shapes, const struct shape_ending *ending, const char *end);

/* Stores the deferred values, and branches by type. */
SHAPE_INLINE const char *go_by_type(struct shapes *shapes, struct shape_node *node, etl_string name,
                                    const struct shape_branch *branch, struct shape_node *next, struct window window)
{
    put_text(&shapes->reading->event_type, name.data, name.size);
    for (const struct shape_text *text = branch->texts; text->from; text++) memcpy(text->to, text->from, sizeof *text->from);
    if (UNLIKELY(branch->has_deferred)) return shape_deferred_step(shapes, node, branch);
    return go_on(shapes, next, name.data + name.size, window);
}

#endif
