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

static const char *walk(struct shapes *shapes, struct shape_node *node, const char *at);

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

static void learn_more(struct shapes *shapes, struct shape_node *node, const char *start, const char *end)
{
    if (node->learned == SHAPE_SKIPS_LEARNED_MAX) return;
    node->learned++;
    shape_learn_value(shapes, &node->inner, start, end, node->depth);
}

/* A value as it was before; where it is not, it is skipped without a shape, and learned. */
static const char *skip_value(struct shapes *shapes, struct shape_node *node, const char *start)
{
    const char *end = node->inner && (*start == '{' || *start == '[') ? walk(shapes, node->inner, start) : NULL;
    if (end || shapes->broken) return end;
    end = scan_value(&shapes->reading->scan, start, node->depth);
    shapes->broken = !end;
    if (end && (*start == '{' || *start == '[')) learn_more(shapes, node, start, end);
    return end;
}

static const char *skip_element(struct shapes *shapes, struct shape_node *node, const char *start)
{
    const char *end = node->inner ? walk(shapes, node->inner, start) : NULL;
    if (end && (*end == ',' || *end == ']')) return end;
    if (shapes->broken) return NULL;
    struct scan *scan = &shapes->reading->scan;
    end = scan_value(scan, scan_space(scan, start), node->depth);
    if (end) end = scan_space(scan, end);
    shapes->broken = !end || (*end != ',' && *end != ']');
    if (shapes->broken) return NULL;
    learn_more(shapes, node, start, end);
    return end;
}

/* From behind the '[', up to the ']', or where it should be. */
static const char *skip_elements(struct shapes *shapes, struct shape_node *node, const char *at)
{
    if (*scan_space(&shapes->reading->scan, at) == ']') return at;
    while ((at = skip_element(shapes, node, at)) && *at == ',') at++;
    return at;
}

/* What is done behind a literal; sets *next by an event type. Returns what follows the value, or NULL: it does not fit. */
static inline __attribute__((always_inline)) const char *step(struct shapes *shapes, struct shape_node *node, const char *at,
                                                              struct shape_node **next)
{
    struct reading *reading = shapes->reading;
    struct scan *scan = &reading->scan;
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
        return read_number(scan, at, &slot);
    case SHAPE_SKIP:
        return skip_value(shapes, node, at);
    case SHAPE_ELEMENTS:
        return skip_elements(shapes, node, at);
    case SHAPE_END:
        shapes->ending = node->ending;
        return !node->ending || at == scan->end ? at : NULL;
    case SHAPE_MORE:
        return at;
    }
    __builtin_unreachable();
}

/* Follows a shape from one of some alternatives on. Returns where it ends, or NULL: the text does not fit. */
static const char *walk(struct shapes *shapes, struct shape_node *node, const char *at)
{
    while (node) {
        struct shape_node *next = node->next;
        const char *after;
        if (!literal_matches(at, node->literal, node->mask) || !(after = step(shapes, node, at + node->size, &next))) {
            node = node->sibling;
            continue;
        }
        at = after;
        if (node->op == SHAPE_END) return at;
        node = next;
    }
    return NULL;
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
    if (!walk(shapes, shapes->root, line)) {
        shapes->missed++;
        return SHAPED_NOT;
    }
    reading->member_count = shapes->ending->member_count;
    if (!shapes->type) return SHAPED_UNHANDLED;
    if (shapes->ending->option_count) settle_options(reading, shapes->ending);
    *event_type = shapes->type - 1;
    return SHAPED_EVENT;
}
