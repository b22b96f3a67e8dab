/* SPDX-License-Identifier: MIT
 * Steps for ordinary values, compiled once for each target. */
#include "decode/shapes_step.h"
#include "base/compiler.h"

/* ---- ordinary values: each function takes the value at the cursor, behind the
 * literal, and moves the cursor behind it; NULL: not taken */

static inline const char *take_string(struct shape_node *node, const char *at, struct window *window)
{
    const char *end = window_text(window, at);
    if (end) put_text(node->to, at, (size_t)(end - at));
    return end;
}

static inline const char *take_waiting_text(struct shape_node *node, const char *at, struct window *window)
{
    const char *end = window_text(window, at);
    if (end) put_text(&node->slot->text, at, (size_t)(end - at));
    return end;
}

static inline const char *take_skipped_string(struct shape_node *node, const char *at, struct window *window)
{
    (void)node;
    return window_text(window, at);
}

/* Leaves a value that its step did not take to the step for any value. The literal has
 * matched. */
static const char *leave_value(SHAPE_STEP)
{
    (void)window;
    return shape_any_step(shapes, node, at - node->size, (struct window){0});
}

#define PUT_INT64(node, at, end, digits) memcpy((node)->to, &(digits)->value, sizeof (digits)->value)
#define PUT_DECIMAL(node, at, end, digits) put_decimal((node)->to, (digits)->value, (digits)->scale)
#define PUT_IN_SLOT(node, at, end, digits) set_number((node)->slot, at, end, digits)
#define PUT_NOWHERE(node, at, end, digits) (void)(digits)

/* Takes a number. Numbers with a sign are rare and separate. */
#define NUMBER(kind, scaled, put) \
    static inline const char *take_##kind(struct shape_node *node, const char *at, struct window *window) \
    { \
        struct digits digits; \
        const char *end = window_number(window, at, &digits, scaled); \
        if (end) put(node, at, end, &digits); \
        return end; \
    } \
    static NOINLINE const char *leave_##kind(SHAPE_STEP) \
    { \
        struct digits digits; \
        const char *end = window_negative(&window, at, &digits, scaled); \
        if (!end) return leave_value(shapes, node, at, window); \
        put(node, at, end, &digits); \
        return go_on(shapes, node->next, end, window); \
    }
NUMBER(int64, false, PUT_INT64)
NUMBER(decimal, true, PUT_DECIMAL)
NUMBER(waiting_number, true, PUT_IN_SLOT)
NUMBER(skipped_number, true, PUT_NOWHERE)

/* Defines a step that takes a value; `leave` handles a value that it does not take. */
#define STEP(value, leave) \
    static const char *value##_step(SHAPE_STEP) \
    { \
        if (UNLIKELY(!literal_matches(at, node->literal, node->mask))) return go_sibling(shapes, node, at, window); \
        at += node->size; \
        ONE_REGISTER(at); \
        window_pass(&window, node->size); \
        const char *end = take_##value(node, at, &window); \
        if (UNLIKELY(!end)) return leave(shapes, node, at, window); \
        return go_on(shapes, node->next, end, window); \
    }
STEP(string, leave_value)
STEP(waiting_text, leave_value)
STEP(skipped_string, leave_value)
STEP(int64, leave_int64)
STEP(decimal, leave_decimal)
STEP(waiting_number, leave_waiting_number)
STEP(skipped_number, leave_skipped_number)

/* The literal continues in the next node. */
static const char *more_step(SHAPE_STEP)
{
    if (!literal_matches(at, node->literal, node->mask)) return go_sibling(shapes, node, at, window);
    window_pass(&window, node->size);
    return go_on(shapes, node->next, at + node->size, window);
}

/* ---- the event type */

/* The first bytes of the type usually select its place if it is known. The node that
 * follows depends on it and is part of the serial chain described in window.h, so it
 * is stored with the type. The literal includes the closing quote, so a match includes
 * the name's end. */
static const char *type_step(SHAPE_STEP)
{
    uint64_t word;
    if (UNLIKELY(!literal_matches(at, node->literal, node->mask))) return go_sibling(shapes, node, at, window);
    at += node->size;
    ONE_REGISTER(at);
    window_pass(&window, node->size);
    memcpy(&word, at, sizeof word);
    struct shape_type *known = &shapes->types[word * 0x9E3779B97F4A7C15u >> (64 - SHAPE_TYPE_BITS)];
    ONE_REGISTER(known);
    if (UNLIKELY(!literal_matches(at, known->literal, known->mask)))
        return shape_new_type_step(shapes, node, at, known);
    if (UNLIKELY(known->place != node)) {
        known->place = node;
        known->branch = &node->branches[known->number];
        known->next = known->branch->next;
    }
    shapes->reading->type_number = known->number;
    window_pass(&window, known->size);
    return go_by_type(shapes, node, (etl_string){at, known->size}, known->branch, known->next, window);
}

/* ---- where lines end */

/* Is this a LF, or CRLF? */
static inline bool ends_here(const char *at)
{
    return *at == '\n' || (*at == '\r' && at[1] == '\n');
}

static const char *end_step(SHAPE_STEP)
{
    const char *end = at + node->size;
    if (UNLIKELY(!literal_matches(at, node->literal, node->mask) || !ends_here(end)))
        return go_sibling(shapes, node, at, window);
    target_leave();
    shapes->reading->member_count = node->ending->member_count;
    return node->ending->option_count ? shape_options_step(shapes, node->ending, end) : end;
}

/* There is no other alternative: the line does not fit. */
static const char *no_step(SHAPE_STEP)
{
    (void)node, (void)at, (void)window;
    target_leave();
    shapes->missed++;
    shapes->broken = false;
    return NULL;
}

/* Skipped values also have END, ELEMENTS and ELEMENT_END nodes, but no steps for them. */
shape_step *const shape_steps[] = {
    [SHAPE_NOWHERE] = no_step,
    [SHAPE_MORE] = more_step,
    [SHAPE_STRING] = string_step,
    [SHAPE_INT64] = int64_step,
    [SHAPE_DECIMAL] = decimal_step,
    [SHAPE_DOUBLE] = shape_any_step,
    [SHAPE_WANTS] = shape_any_step,
    [SHAPE_WAIT] = shape_any_step,
    [SHAPE_WAIT_NUMBER] = waiting_number_step,
    [SHAPE_WAIT_TEXT] = waiting_text_step,
    [SHAPE_TYPE] = type_step,
    [SHAPE_SKIP_STRING] = skipped_string_step,
    [SHAPE_SKIP_NUMBER] = skipped_number_step,
    [SHAPE_SKIP] = shape_any_step,
    [SHAPE_ELEMENTS] = no_step,
    [SHAPE_ELEMENT_END] = no_step,
    [SHAPE_END] = end_step,
};
