/* SPDX-License-Identifier: MIT
 * Steps for values that the ordinary steps do not take. */
#include "decode/shapes_step.h"

static inline const char *take_wants(struct reading *reading, const struct want *const *wants, const char *at, unsigned depth)
{
    struct slot slot;
    at = read_any(&reading->scan, at, depth, &slot);
    if (!at || slot.type == JSON_NULL) return NULL;
    for (; *wants; wants++)
        if (!read_into(reading, *wants, &slot)) return NULL;
    return at;
}

static inline const char *take_waiting(struct reading *reading, const struct shape_node *node, const char *at)
{
    const char *end = read_any(&reading->scan, at, node->depth, node->slot);
    return end && node->slot->type == JSON_NULL ? NULL : end;
}

static inline const char *take_waiting_text(struct reading *reading, const struct shape_node *node, const char *at)
{
    const char *end = string_special(at);
    if (*end != '"') return NULL;
    put_text(&node->slot->text, at, (size_t)(end - at));
    return end;
}

static inline const char *take_string(struct reading *reading, const struct shape_node *node, const char *at)
{
    struct slot slot;
    return (at = read_string(&reading->scan, at, &slot)) && read_as(reading, ETL_KIND_STRING, 0, &slot, node->to) ? at : NULL;
}

static inline const char *take_number(struct reading *reading, const struct shape_node *node, const char *at, uint32_t kind)
{
    struct slot slot;
    return (at = read_number(&reading->scan, at, &slot)) && read_as(reading, kind, 0, &slot, node->to) ? at : NULL;
}

/* Takes the value behind the node's literal. Returns what follows it; NULL: it does
 * not fit. */
static const char *take_any(struct shapes *shapes, struct shape_node *node, const char *at)
{
    struct reading *reading = shapes->reading;
    struct digits unused;
    bool escaped;
    switch ((enum shape_op)node->op) {
    case SHAPE_STRING: return take_string(reading, node, at);
    case SHAPE_INT64: return take_number(reading, node, at, ETL_KIND_INT64);
    case SHAPE_DECIMAL: return take_number(reading, node, at, ETL_KIND_DECIMAL);
    case SHAPE_DOUBLE: return take_number(reading, node, at, ETL_KIND_DOUBLE);
    case SHAPE_WANTS: return take_wants(reading, node->wants, at, node->depth);
    case SHAPE_WAIT: return take_waiting(reading, node, at);
    case SHAPE_WAIT_NUMBER: return read_number(&reading->scan, at, node->slot);
    case SHAPE_WAIT_TEXT: return take_waiting_text(reading, node, at);
    case SHAPE_SKIP_STRING: return scan_string(&reading->scan, at, &escaped);
    case SHAPE_SKIP_NUMBER: return scan_number(&reading->scan, at, &unused);
    case SHAPE_SKIP: return shape_skip(shapes, node, at);
    default: return NULL;
    }
}

const char *shape_any_step(SHAPE_STEP)
{
    target_leave();
    const char *end = literal_matches(at, node->literal, node->mask) ? take_any(shapes, node, at + node->size) : NULL;
    if (!end) return go_sibling(shapes, node, at, window);
    return go_on(shapes, node->next, end, (struct window){0});
}

/* Stores the deferred values that are not texts. */
static bool take_deferred(struct shapes *shapes, const struct want *const *wants)
{
    struct reading *reading = shapes->reading;
    for (; *wants; wants++) {
        struct slot *slot = &reading->slots[(*wants)->node], type;
        etl_string name = reading->event_type;
        if ((*wants)->node == shapes->schema->type_node) {
            type = (struct slot){.start = name.data - 1, .end = name.data + name.size + 1, .type = JSON_STRING, .plain = true};
            slot = &type;
        }
        if (!read_into(reading, *wants, slot)) return false;
    }
    return true;
}

const char *shape_deferred_step(struct shapes *shapes, struct shape_node *node, const struct shape_branch *branch)
{
    target_leave();
    const etl_string *name = &shapes->reading->event_type;
    if (!take_deferred(shapes, branch->wants)) return go_sibling(shapes, node, name->data - node->size, (struct window){0});
    return go_on(shapes, branch->next, name->data + name->size, (struct window){0});
}

const char *shape_new_type_step(struct shapes *shapes, struct shape_node *node, const char *start, struct shape_type *known)
{
    target_leave();
    struct reading *reading = shapes->reading;
    struct slot slot;
    if (!read_string(&reading->scan, start, &slot) || !slot.plain)
        return go_sibling(shapes, node, start - node->size, (struct window){0});
    etl_string name = convert_string(&slot, &reading->scratch);
    uint32_t number = keys_find(&shapes->schema->type_names, 0, name.data, name.size);
    const struct shape_branch *branch = &node->branches[number];
    reading->type_number = number;
    if (name.size < LITERAL_SIZE && number < SHAPE_TYPE_NUMBERS) {
        *known = (struct shape_type){.number = number, .size = (uint8_t)name.size, .place = node, .branch = branch,
                                     .next = branch->next};
        known->mask = (uint32_t)(((uint64_t)2 << name.size) - 1);
        memcpy(known->literal, name.data, name.size + 1); /* with its quote */
    }
    return go_by_type(shapes, node, name, branch, branch->next, (struct window){0});
}

const char *shape_options_step(struct shapes *shapes, const struct shape_ending *ending, const char *end)
{
    struct reading *reading = shapes->reading;
    for (size_t i = 0; i < ending->option_count; i++) {
        const struct shape_option *option = &ending->options[i];
        if (option->there) *(bool *)(reading->frame + option->want->has_offset) = true;
        else read_nothing(reading, option->want);
    }
    return end;
}
