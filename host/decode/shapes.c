/* SPDX-License-Identifier: MIT */
#include "shapes.h"
#include "base/cpu.h"
#include "shapes_impl.h"

#include <stdlib.h>

enum { WINDOW = 1024, REST_FIRST = 8 * WINDOW, REST_MAX = 256 * WINDOW }; /* in lines */

/* Marks the bytes of the frame that a want writes to; returns whether one was marked before. */
static bool mark(bool *marks, const struct want *want, bool value)
{
    bool before = false;
    size_t size = want->kind == WANT_EVENT_TYPE ? sizeof(etl_string) : kinds[want->kind].size;
    for (size_t at = want->offset; at < want->offset + size; at++) before |= marks[at], marks[at] = value;
    if (want->optional) before |= marks[want->has_offset], marks[want->has_offset] = value;
    return before;
}

static void find_knots(struct shapes *shapes)
{
    const struct schema *schema = shapes->schema;
    bool *marks = allocate(schema->frame_size);
    for (unsigned i = 0; i < schema->type_count; i++) {
        const struct event_type *type = &schema->types[i];
        for (size_t k = 0; k < type->want_count; k++) shapes->knotted[i] |= mark(marks, &type->wants[k], true);
        for (size_t k = 0; k < type->want_count; k++) mark(marks, &type->wants[k], false);
    }
    free(marks);
}

/* Names that no line can have: nothing is known of any event type yet. */
static void forget_types(struct shapes *shapes)
{
    for (size_t i = 0; i < SHAPE_TYPES; i++) shapes->types[i] = (struct shape_type){.literal = "\n", .mask = 1};
}

shapes_decoder *shapes_choose(void)
{
#ifdef __x86_64__
    if (cpu_has_avx2()) return shapes_decode_avx2;
#endif
    return shapes_decode_plain;
}

struct shapes *shapes_create(const struct schema *schema, struct reading *reading)
{
    struct shapes *shapes = allocate(sizeof *shapes);
    shapes->schema = schema;
    shapes->reading = reading;
    shapes->type_slot = &reading->slots[schema->type_node];
    shapes->left = WINDOW;
    shapes->rest = REST_FIRST;
    forget_types(shapes);
    shapes->seen = allocate(schema->node_count);
    shapes->knotted = allocate(schema->type_count);
    find_knots(shapes);
    return shapes;
}

void shapes_destroy(struct shapes *shapes)
{
    if (!shapes) return;
    scratch_finish(&shapes->memory);
    free(shapes->nodes);
    free(shapes->seen);
    free(shapes->knotted);
    free(shapes);
}

/* ---- are they worth it? */

static void forget(struct shapes *shapes)
{
    shapes->root = NULL;
    shapes->node_count = 0;
    forget_types(shapes);
    scratch_reset(&shapes->memory);
}

__attribute__((cold)) void shapes_review(struct shapes *shapes)
{
    bool rest = !shapes->resting && shapes->missed > WINDOW / 2;
    shapes->left = rest ? shapes->rest : WINDOW;
    if (rest) forget(shapes);
    if (rest && shapes->rest < REST_MAX) shapes->rest *= 2;
    if (!rest && !shapes->resting) shapes->rest = REST_FIRST;
    shapes->resting = rest;
    shapes->missed = shapes->refusals = 0;
}
