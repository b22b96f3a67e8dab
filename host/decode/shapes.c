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

/* Where the value is no short number or plain string. */
__attribute__((noinline)) static const char *take_rest(struct reading *reading, const struct shape_node *node, const char *at,
                                                             uint32_t kind)
{
    struct slot slot;
    at = kind == ETL_KIND_STRING ? read_string(&reading->scan, at, &slot) : read_number(&reading->scan, at, &slot);
    return at && read_as(reading, kind, node->offset, 0, &slot) ? at : NULL;
}

static inline const char *take_string(struct reading *reading, const struct shape_node *node, const char *at)
{
    const char *end = string_special(at);
    if (__builtin_expect(*end != '"', 0)) return take_rest(reading, node, at, ETL_KIND_STRING);
    put_text(reading->frame + node->offset, at, (size_t)(end - at));
    return end;
}

static inline const char *take_int64(struct reading *reading, const struct shape_node *node, const char *at)
{
    struct digits digits;
    const char *end = number_short(at, &digits);
    if (__builtin_expect(!end || digits.scale, 0)) return take_rest(reading, node, at, ETL_KIND_INT64);
    memcpy(reading->frame + node->offset, &digits.value, sizeof digits.value);
    return end;
}

static inline const char *take_decimal(struct reading *reading, const struct shape_node *node, const char *at)
{
    struct digits digits;
    const char *end = number_short(at, &digits);
    if (__builtin_expect(!end, 0)) return take_rest(reading, node, at, ETL_KIND_DECIMAL);
    put_decimal(reading->frame + node->offset, digits.value, digits.scale);
    return end;
}

/* A line feed, or CRLF. */
static inline bool ends_here(const char *at)
{
    return *at == '\n' || (*at == '\r' && at[1] == '\n');
}

/* Follows the line's shape to its end, which it returns; NULL: it does not fit. */
static const char *walk(struct shapes *shapes, const char *at)
{
    struct reading *reading = shapes->reading;
    struct scan *scan = &reading->scan;
    struct digits digits;
    bool escaped;
    for (struct shape_node *node = shapes->root; node;) {
        if (!literal_matches(at, node->literal, node->mask)) {
            node = node->sibling;
            continue;
        }
        struct shape_node *next = node->next;
        const char *after = at + node->size;
        switch ((enum shape_op)node->op) {
        case SHAPE_STRING: after = take_string(reading, node, after); break;
        case SHAPE_INT64: after = take_int64(reading, node, after); break;
        case SHAPE_DECIMAL: after = take_decimal(reading, node, after); break;
        case SHAPE_DOUBLE: after = take_rest(reading, node, after, ETL_KIND_DOUBLE); break;
        case SHAPE_WANTS: after = take_wants(reading, node->wants, after, node->depth); break;
        case SHAPE_WAIT:
            after = read_any(scan, after, node->depth, node->slot);
            if (after && node->slot->type == JSON_NULL) after = NULL;
            break;
        case SHAPE_WAIT_STRING: after = read_string(scan, after, node->slot); break;
        case SHAPE_TYPE: after = take_type(shapes, node->branches, after, &next); break;
        case SHAPE_SKIP_STRING: after = scan_string(scan, after, &escaped); break;
        case SHAPE_SKIP_NUMBER: after = scan_number(scan, after, &digits); break;
        case SHAPE_SKIP: after = shape_skip(shapes, node, after); break;
        case SHAPE_END:
            shapes->ending = node->ending;
            if (ends_here(after)) return after;
            after = NULL;
            break;
        case SHAPE_MORE:
        case SHAPE_ELEMENTS:
        case SHAPE_ELEMENT_END: break; /* the last two stand in values that are skipped alone */
        }
        node = after ? next : node->sibling;
        at = after ? after : at;
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

enum shaped shapes_decode(struct shapes *shapes, const char *line, const char **end, unsigned *event_type)
{
    struct reading *reading = shapes->reading;
    if (!--shapes->left) review(shapes);
    if (shapes->resting) return SHAPED_NOT;
    shapes->broken = false;
    if (!(*end = walk(shapes, line))) {
        shapes->missed++;
        return SHAPED_NOT;
    }
    reading->member_count = shapes->ending->member_count;
    if (!shapes->type) return SHAPED_UNHANDLED;
    if (shapes->ending->option_count) settle_options(reading, shapes->ending);
    *event_type = shapes->type - 1;
    return SHAPED_EVENT;
}
