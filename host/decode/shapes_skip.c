/* SPDX-License-Identifier: MIT
 * Skipping values that no handler wants, along shapes of their own. */
#include "decode/shapes_impl.h"
#include "base/compiler.h"

/* The last value that a walk took at a SKIP node that has nested values. */
struct taken {
    const char *start, *end; /* NULL: none */
};

/* Follows the shape of an object, or of an array's element, through its alternatives.
 * Returns what follows it; NULL: it does not fit, or is not valid. */
INLINE const char *walk(struct shapes *shapes, struct shape_node *node, const char *at,
                                                              struct taken *taken)
{
    struct scan *scan = &shapes->reading->scan;
    struct digits unused;
    bool escaped;
    while (shape_is_some(shapes, node)) {
        const char *value = literal_matches(at, node->literal, node->mask) ? at + node->size : NULL, *after = value;
        if (after) switch ((enum shape_op)node->op) {
            case SHAPE_SKIP_STRING:
                after = scan_string(scan, value, &escaped);
                break;
            case SHAPE_SKIP_NUMBER:
                after = scan_number(scan, value, &unused);
                break;
            case SHAPE_SKIP:
                if ((after = shape_skip(shapes, node, value))) *taken = (struct taken){value, after};
                break;
            case SHAPE_ELEMENT_END:
                if (*after == ',' || *after == ']') return after;
                after = NULL;
                break;
            case SHAPE_END:
                return after;
            default:
                break;
            }
        node = after ? node->next : shape_sibling(shapes, node);
        at = after ? after : at;
    }
    return NULL;
}

/* Scans the rest of an object, or element, that does not fit; nested values are not
 * scanned again. */
static const char *scan_rest(struct scan *scan, const char *start, const struct taken *taken, unsigned depth)
{
    if (!taken->end) return scan_value(scan, start, depth);
    bool inside = *start == '{' && taken->start != start;
    return inside ? scan_object_rest(scan, taken->end, depth - 1) : taken->end;
}

/* May an unknown value be learned at this node? */
static bool may_learn(struct shapes *shapes, struct shape_node *node, const char *start, const char *end)
{
    if (node->learned == SHAPE_SKIPS_LEARNED_MAX || !shape_may_learn(shapes, start, end)) return false;
    node->learned++;
    return true;
}

/* Skips an element, up to the ',' or ']' behind it. */
static const char *skip_element(struct shapes *shapes, struct shape_node *elements, const char *start)
{
    struct scan *scan = &shapes->reading->scan;
    struct taken taken = {0};
    const char *end = walk(shapes, elements->inner, start, &taken);
    if (end || shapes->broken) return end;
    end = scan_rest(scan, scan_space(scan, start), &taken, elements->depth);
    if (end) end = scan_space(scan, end);
    shapes->broken = !end || (*end != ',' && *end != ']');
    if (shapes->broken) return NULL;
    if (may_learn(shapes, elements, start, end)) shape_learn_element(shapes, &elements->inner, start, elements->depth);
    return end;
}

static const char *skip_elements(struct shapes *shapes, struct shape_node *elements, const char *start)
{
    const char *at = scan_space(&shapes->reading->scan, start + 1);
    if (*at == ']') return at + 1;
    for (at = start; at && (at == start || *at != ']');) at = skip_element(shapes, elements, at + 1);
    return at ? at + 1 : NULL;
}

/* The alternative that takes arrays. */
static struct shape_node *find_elements(const struct shapes *shapes, struct shape_node *node)
{
    while (shape_is_some(shapes, node) && node->op != SHAPE_ELEMENTS) node = shape_sibling(shapes, node);
    return node;
}

/* Skips true, false or null, branch-free; NULL: none of them. */
static inline const char *skip_word(const char *at)
{
    bool is_false = !memcmp(at, "fals", 4) & (at[4] == 'e'), other = !memcmp(at, "true", 4) | !memcmp(at, "null", 4);
    return (is_false | other) ? at + 4 + is_false : NULL;
}

const char *shape_skip(struct shapes *shapes, struct shape_node *node, const char *start)
{
    struct taken taken = {0};
    const char *end = NULL;
    bool nested = *start == '{' || *start == '[';
    struct shape_node *elements = *start == '[' ? find_elements(shapes, node->inner) : shapes->nodes;
    if (shape_is_some(shapes, elements)) return skip_elements(shapes, elements, start);
    if (*start == '{') end = walk(shapes, node->inner, start, &taken);
    else if (!nested) end = skip_word(start);
    if (end || shapes->broken) return end;
    end = scan_rest(&shapes->reading->scan, start, &taken, node->depth);
    shapes->broken = !end;
    if (end && nested && may_learn(shapes, node, start, end)) shape_learn_value(shapes, &node->inner, start, node->depth);
    return end;
}
