/* SPDX-License-Identifier: MIT */
#include "shapes_impl.h"

static inline const char *take_wants(struct reading *reading, const struct want *const *wants, const char *at, unsigned depth)
{
    struct slot slot;
    at = read_any(&reading->scan, at, depth, &slot);
    if (!at || slot.type == JSON_NULL) return NULL;
    for (; *wants; wants++)
        if (!read_into(reading, *wants, &slot)) return NULL;
    return at;
}

/* The type by its name, which becomes the one that is known in this place. */
static __attribute__((noinline)) const char *find_type(struct shapes *shapes, struct shape_type *known, const char *at, struct slot *slot)
{
    struct reading *reading = shapes->reading;
    if (!(at = read_string(&reading->scan, at, slot)) || !slot->plain) return NULL;
    reading->event_type = convert_string(slot, &reading->scratch);
    etl_string name = reading->event_type;
    reading->type_number = keys_find(&shapes->schema->type_names, 0, name.data, name.size);
    if (name.size < LITERAL_SIZE) {
        known->number = reading->type_number;
        known->size = name.size;
        known->mask = (uint32_t)(((uint64_t)2 << name.size) - 1);
        memcpy(known->literal, name.data, name.size + 1); /* and its quote */
    }
    return at;
}

/* The event type. Its first bytes, and what follows them where it is short, mostly tell where it is if it is known. */
static inline const char *take_type(struct shapes *shapes, const char *at)
{
    struct reading *reading = shapes->reading;
    struct slot *slot = shapes->type_slot;
    uint64_t word;
    memcpy(&word, at, sizeof word);
    struct shape_type *known = &shapes->types[word * 0x9E3779B97F4A7C15u >> (64 - SHAPE_TYPE_BITS)];
    if (__builtin_expect(!literal_matches(at, known->literal, known->mask), 0)) return find_type(shapes, known, at, slot);
    reading->type_number = known->number;
    reading->event_type = (etl_string){at, known->size};
    slot->start = at - 1;
    slot->end = at + known->size + 1;
    slot->type = JSON_STRING;
    slot->plain = true;
    return at + known->size;
}

static __attribute__((noinline)) bool take_waiting(struct reading *reading, const struct want *const *wants)
{
    for (; *wants; wants++)
        if (!read_into(reading, *wants, &reading->slots[(*wants)->node])) return false;
    return true;
}

/* What waited for the event type goes where it is wanted. Returns how the line goes on; NULL: that is not known. */
static inline struct shape_node *take_branch(struct reading *reading, const struct shape_branch *branch)
{
    if (!branch->next) return NULL;
    for (const struct shape_text *text = branch->texts; text->slot; text++)
        put_text(reading->frame + text->offset, text->slot->start + 1, (size_t)(text->slot->end - text->slot->start) - 2);
    return !*branch->wants || take_waiting(reading, branch->wants) ? branch->next : NULL;
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

static inline const char *take_text(const char *at, struct slot *slot)
{
    const char *end = string_special(at);
    slot->start = at - 1;
    slot->end = end + 1;
    slot->type = JSON_STRING;
    slot->plain = true;
    return *end == '"' ? end : NULL;
}

static inline const char *take_int64(struct reading *reading, const struct shape_node *node, const char *at)
{
    struct digits digits;
    const char *end = integer_short(at, &digits);
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

__attribute__((noinline)) static void settle_options(struct reading *reading, const struct shape_ending *ending)
{
    for (size_t i = 0; i < ending->option_count; i++) {
        const struct shape_option *option = &ending->options[i];
        if (option->there) *(bool *)(reading->frame + option->want->has_offset) = true;
        else read_nothing(reading, option->want);
    }
}

/* Follows the line's shape to its end, which it returns; NULL: it does not fit. */
static inline const char *walk(struct shapes *shapes, const char *at)
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
        case SHAPE_WAIT_TEXT: after = take_text(after, node->slot); break;
        case SHAPE_TYPE:
            after = take_type(shapes, after);
            next = after ? take_branch(reading, &node->branches[reading->type_number]) : NULL;
            if (!next) after = NULL;
            break;
        case SHAPE_SKIP_STRING: after = scan_string(scan, after, &escaped); break;
        case SHAPE_SKIP_NUMBER: after = scan_number(scan, after, &digits); break;
        case SHAPE_SKIP: after = shape_skip(shapes, node, after); break;
        case SHAPE_END:
            if (!ends_here(after)) {
                after = NULL;
                break;
            }
            reading->member_count = node->ending->member_count;
            if (node->ending->option_count) settle_options(reading, node->ending);
            return after;
        case SHAPE_MORE:
        case SHAPE_ELEMENTS:
        case SHAPE_ELEMENT_END: break; /* the last two stand in values that are skipped alone */
        default: __builtin_unreachable();
        }
        node = after ? next : node->sibling;
        at = after ? after : at;
    }
    return NULL;
}

const char *shapes_decode(struct shapes *shapes, const char *line)
{
    if (!--shapes->left) shapes_review(shapes);
    if (shapes->resting) return NULL;
    shapes->broken = false;
    const char *end = walk(shapes, line);
    if (!end) shapes->missed++;
    return end;
}
