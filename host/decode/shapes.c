/* SPDX-License-Identifier: MIT */
#include "shapes.h"
#include "shapes_impl.h"

#include <stdlib.h>

enum { WINDOW = 1024, REST_FIRST = 8 * WINDOW, REST_MAX = 256 * WINDOW }; /* in lines */

/* Marks the bytes of the frame that a want writes to; returns whether one was marked before. */
static bool mark(bool *marks, const struct want *want, bool value)
{
    bool before = false;
    size_t size = want->kind == WANT_EVENT_TYPE ? sizeof(etl_string) : kind_size(want->kind);
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

struct shapes *shapes_create(const struct schema *schema, struct reading *reading)
{
    struct shapes *shapes = allocate(sizeof *shapes);
    shapes->schema = schema;
    shapes->reading = reading;
    shapes->left = WINDOW;
    shapes->rest = REST_FIRST;
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

/* ---- walking */

static inline const char *take_wants(struct reading *reading, const struct want *const *wants, const char *at, unsigned depth)
{
    struct slot slot;
    at = read_any(&reading->scan, at, depth, &slot);
    if (!at || slot.type == JSON_NULL) return NULL;
    for (; *wants; wants++)
        if (!read_into(reading, *wants, &slot)) return NULL;
    return at;
}

/* Finds the branch of the event type; what waited is what it wants before it goes on. */
static inline const char *take_type(struct shapes *shapes, const struct shape_branch *branches, const char *at,
                                    struct shape_node **next)
{
    const struct schema *schema = shapes->schema;
    struct reading *reading = shapes->reading;
    struct slot *slot = &reading->slots[schema->type_node];
    if (!(at = read_string(&reading->scan, at, slot))) return NULL;
    reading->event_type = convert_string(slot, &reading->scratch);
    shapes->type = keys_find(&schema->type_names, 0, reading->event_type.data, reading->event_type.size);
    const struct shape_branch *branch = &branches[shapes->type];
    if (!branch->next) return NULL;
    for (const struct want *const *want = branch->wants; *want; want++)
        if (!read_into(reading, *want, &reading->slots[(*want)->node])) return NULL;
    *next = branch->next;
    return at;
}

/* What is done behind a literal; sets *next by an event type. Returns what follows the value, or NULL: it does not fit. */
static inline __attribute__((always_inline)) const char *step(struct shapes *shapes, struct shape_node *node, const char *at,
                                                              struct shape_node **next)
{
    struct reading *reading = shapes->reading;
    struct scan *scan = &reading->scan;
    struct digits digits;
    struct slot slot;
    bool escaped;
    switch ((enum shape_op)node->op) {
    case SHAPE_STRING:
        return (at = read_string(scan, at, &slot)) && read_as(reading, ETL_KIND_STRING, node->offset, 0, &slot) ? at : NULL;
    case SHAPE_INT64:
        return (at = read_number(scan, at, &slot)) && read_as(reading, ETL_KIND_INT64, node->offset, 0, &slot) ? at : NULL;
    case SHAPE_DECIMAL:
        return (at = read_number(scan, at, &slot)) && read_as(reading, ETL_KIND_DECIMAL, node->offset, 0, &slot) ? at : NULL;
    case SHAPE_DOUBLE:
        return (at = read_number(scan, at, &slot)) && read_as(reading, ETL_KIND_DOUBLE, node->offset, 0, &slot) ? at : NULL;
    case SHAPE_WANTS:
        return take_wants(reading, node->wants, at, node->depth);
    case SHAPE_WAIT:
        return (at = read_any(scan, at, node->depth, node->slot)) && node->slot->type != JSON_NULL ? at : NULL;
    case SHAPE_TYPE:
        return take_type(shapes, node->branches, at, next);
    case SHAPE_SKIP_STRING:
        return scan_string(scan, at, &escaped);
    case SHAPE_SKIP_NUMBER:
        return scan_number(scan, at, &digits);
    case SHAPE_SKIP:
        return shape_skip(shapes, node, at);
    case SHAPE_END:
        shapes->ending = node->ending;
        return at == scan->end ? at : NULL;
    default:
        return at;
    }
}

/* Follows the line's shape to its end; false: it does not fit. */
static bool walk(struct shapes *shapes, const char *at)
{
    for (struct shape_node *node = shapes->root; node;) {
        struct shape_node *next = node->next;
        const char *after = literal_matches(at, node->literal, node->mask) ? step(shapes, node, at + node->size, &next) : NULL;
        if (!after) {
            node = node->sibling;
            continue;
        }
        if (node->op == SHAPE_END) return true;
        at = after;
        node = next;
    }
    return false;
}

static void settle_options(struct reading *reading, const struct shape_ending *ending)
{
    for (size_t i = 0; i < ending->option_count; i++) {
        const struct shape_option *option = &ending->options[i];
        if (option->there) *(bool *)(reading->frame + option->want->has_offset) = true;
        else read_nothing(reading, option->want);
    }
}

/* ---- are they worth it? */

static void forget(struct shapes *shapes)
{
    shapes->root = NULL;
    shapes->node_count = 0;
    scratch_reset(&shapes->memory);
}

__attribute__((cold, noinline)) static void review(struct shapes *shapes)
{
    bool rest = !shapes->resting && shapes->missed > WINDOW / 2;
    shapes->left = rest ? shapes->rest : WINDOW;
    if (rest) forget(shapes);
    if (rest && shapes->rest < REST_MAX) shapes->rest *= 2;
    if (!rest && !shapes->resting) shapes->rest = REST_FIRST;
    shapes->resting = rest;
    shapes->missed = shapes->refusals = 0;
}

enum shaped shapes_decode(struct shapes *shapes, const char *line, unsigned *event_type)
{
    struct reading *reading = shapes->reading;
    if (!--shapes->left) review(shapes);
    if (shapes->resting) return SHAPED_NOT;
    shapes->broken = false;
    if (!walk(shapes, line)) {
        shapes->missed++;
        return SHAPED_NOT;
    }
    reading->member_count = shapes->ending->member_count;
    if (!shapes->type) return SHAPED_UNHANDLED;
    if (shapes->ending->option_count) settle_options(reading, shapes->ending);
    *event_type = shapes->type - 1;
    return SHAPED_EVENT;
}
