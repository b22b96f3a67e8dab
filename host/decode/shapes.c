/* SPDX-License-Identifier: MIT
 * The life of shapes: creation, reviews, pauses, and the entry to the walk. */
#include "decode/shapes.h"
#include "base/compiler.h"
#include "base/cpu.h"
#include "decode/shapes_impl.h"

#include <stdlib.h>

enum { WINDOW = 1024, REST_FIRST = 8 * WINDOW, REST_MAX = 256 * WINDOW }; /* in lines */

/* Marks the bytes of the frame that a want writes to. Returns whether one was marked
 * before. */
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
        for (size_t k = 0; k < type->want_count; k++) shapes->overlapping[i] |= mark(marks, &type->wants[k], true);
        for (size_t k = 0; k < type->want_count; k++) mark(marks, &type->wants[k], false);
    }
    free(marks);
}

/* A literal that no line contains marks an empty place. */
void shapes_forget_types(struct shapes *shapes)
{
    for (size_t i = 0; i < SHAPE_TYPES; i++) shapes->types[i] = (struct shape_type){.literal = "\n", .mask = 1};
}

/* Forgets everything learned. */
static void forget(struct shapes *shapes)
{
    shapes->root = shapes->nodes;
    shapes->node_count = 1;
    shapes_forget_types(shapes);
    scratch_reset(&shapes->memory);
}

/* Compiled plainly and for AVX2 (measured). */
static shape_step *const *choose_steps(void)
{
#ifdef __x86_64__
    if (cpu_has_avx2()) return shape_steps_avx2;
#endif
    return shape_steps_plain;
}

/* A field that is wanted in several ways needs more than its text. */
static void find_texts(struct shapes *shapes)
{
    const struct schema *schema = shapes->schema;
    memset(shapes->only_text, true, schema->node_count);
    for (unsigned i = 0; i < schema->type_count; i++)
        for (size_t k = 0; k < schema->types[i].want_count; k++) {
            const struct want *want = &schema->types[i].wants[k];
            shapes->only_text[want->node] &= want->kind == ETL_KIND_STRING;
        }
}

struct shapes *shapes_create(const struct schema *schema, struct reading *reading)
{
    struct shapes *shapes = allocate(sizeof *shapes);
    shapes->schema = schema;
    shapes->reading = reading;
    shapes->steps = choose_steps();
    if (!(shapes->nodes = aligned_alloc(64, SHAPE_NODES_MAX * sizeof *shapes->nodes))) die_without_memory();
    shapes->nodes[0] = (struct shape_node){.op = SHAPE_NOWHERE, .step = shapes->steps[SHAPE_NOWHERE]};
    shapes->left = WINDOW;
    shapes->rest = REST_FIRST;
    forget(shapes);
    shapes->only_text = allocate(schema->node_count);
    find_texts(shapes);
    shapes->seen = allocate(schema->node_count);
    shapes->overlapping = allocate(schema->type_count);
    find_knots(shapes);
    return shapes;
}

void shapes_destroy(struct shapes *shapes)
{
    if (!shapes) return;
    scratch_finish(&shapes->memory);
    free(shapes->nodes);
    free(shapes->seen);
    free(shapes->overlapping);
    free(shapes->only_text);
    free(shapes);
}

/* ---- do they pay? */

COLD static void review(struct shapes *shapes)
{
    bool rest = !shapes->resting && shapes->missed > WINDOW / 2;
    shapes->left = rest ? shapes->rest : WINDOW;
    if (rest) forget(shapes);
    if (rest && shapes->rest < REST_MAX) shapes->rest *= 2;
    if (!rest && !shapes->resting) shapes->rest = REST_FIRST;
    shapes->resting = rest;
    shapes->missed = shapes->refusals = shapes->learned = 0;
}

/* ---- lines */

static inline const char *decode(struct shapes *shapes, const char *line)
{
    return shapes->root->step(shapes, shapes->root, line, (struct window){0});
}

COLD static const char *review_and_decode(struct shapes *shapes, const char *line)
{
    review(shapes);
    return decode(shapes, line);
}

const char *shapes_decode(struct shapes *shapes, const char *line)
{
    return UNLIKELY(!--shapes->left) ? review_and_decode(shapes, line) : decode(shapes, line);
}
