/* SPDX-License-Identifier: MIT */
#include "shapes_impl.h"

/* An element that fits nothing that is known: up to the ',' or ']' behind it. */
static const char *skip_unlike(struct shapes *shapes, struct shape_node *elements, const char *start)
{
    struct scan *scan = &shapes->reading->scan;
    if (shapes->broken) return NULL;
    const char *end = scan_value(scan, scan_space(scan, start), elements->depth);
    if (end) end = scan_space(scan, end);
    shapes->broken = !end || (*end != ',' && *end != ']');
    if (shapes->broken) return NULL;
    if (elements->learned < SHAPE_SKIPS_LEARNED_MAX) {
        elements->learned++;
        shape_learn_element(shapes, &elements->inner, start, end, elements->depth);
    }
    return end;
}

/* Where an array is being skipped. One that is an element itself has a walk of its own. */
struct walk {
    struct shape_node *elements; /* NULL: not in an array */
    const char *element;         /* where the one at hand begins */
};

/* From what follows an element. Returns where the walk goes on, with *next; NULL: it does not fit. */
static inline const char *next_element(struct walk *walk, const char *at, struct shape_node **next)
{
    if (*at == ',') {
        *next = walk->elements->inner;
        return walk->element = at + 1;
    }
    if (*at != ']') return NULL;
    *next = walk->elements->next;
    walk->elements = NULL;
    return at;
}

/* Follows the shape of a value from one of some alternatives on. Returns what follows the value; NULL: it does not fit. */
static const char *walk_value(struct shapes *shapes, struct shape_node *node, const char *at)
{
    struct scan *scan = &shapes->reading->scan;
    struct walk walk = {0};
    struct digits unused;
    bool escaped;
    for (;;) {
        if (!shape_is_some(shapes, node)) {
            if (!walk.elements || !(at = skip_unlike(shapes, walk.elements, walk.element))) return NULL;
            at = next_element(&walk, at, &node);
            continue;
        }
        const char *after = literal_matches(at, node->literal, node->mask) ? at + node->size : NULL;
        struct shape_node *next = node->next;
        if (after) switch ((enum shape_op)node->op) {
            case SHAPE_SKIP_STRING:
                after = scan_string(scan, after, &escaped);
                break;
            case SHAPE_SKIP_NUMBER:
                after = scan_number(scan, after, &unused);
                break;
            case SHAPE_SKIP:
                after = shape_skip(shapes, node, after);
                break;
            case SHAPE_ELEMENTS:
                if (*scan_space(scan, after) == ']') break;
                walk = (struct walk){node, after};
                next = node->inner;
                break;
            case SHAPE_ELEMENT_END:
                after = next_element(&walk, after, &next);
                break;
            case SHAPE_END:
                return after;
            default:
                break;
            }
        node = after ? next : shape_sibling(shapes, node);
        at = after ? after : at;
    }
}

/* true, false or null, without a branch that depends on which; NULL: none of them. */
static inline const char *skip_word(const char *at)
{
    bool is_false = !memcmp(at, "fals", 4) & (at[4] == 'e'), other = !memcmp(at, "true", 4) | !memcmp(at, "null", 4);
    return (is_false | other) ? at + 4 + is_false : NULL;
}

const char *shape_skip(struct shapes *shapes, struct shape_node *node, const char *start)
{
    bool nested = *start == '{' || *start == '[';
    const char *end = !nested ? skip_word(start) : walk_value(shapes, node->inner, start);
    if (end || shapes->broken) return end;
    end = scan_value(&shapes->reading->scan, start, node->depth);
    shapes->broken = !end;
    if (end && nested && node->learned < SHAPE_SKIPS_LEARNED_MAX) {
        node->learned++;
        shape_learn_value(shapes, &node->inner, start, end, node->depth);
    }
    return end;
}
