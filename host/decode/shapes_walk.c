/* SPDX-License-Identifier: MIT */
#include "shapes_impl.h"
#include "window.h"

static inline const char *take_wants(struct reading *reading, const struct want *const *wants, const char *at, unsigned depth)
{
    struct slot slot;
    at = read_any(&reading->scan, at, depth, &slot);
    if (!at || slot.type == JSON_NULL) return NULL;
    for (; *wants; wants++)
        if (!read_into(reading, *wants, &slot)) return NULL;
    return at;
}

static inline void set_text(struct slot *slot, const char *from, const char *quote)
{
    slot->start = from - 1;
    slot->end = quote + 1;
    slot->type = JSON_STRING;
    slot->plain = true;
}

static __attribute__((noinline)) bool take_waiting(struct reading *reading, const struct want *const *wants)
{
    for (; *wants; wants++)
        if (!read_into(reading, *wants, &reading->slots[(*wants)->node])) return false;
    return true;
}

/* What waited for the event type goes where it is wanted. */
static inline bool take_waited(struct reading *reading, const struct shape_branch *branch)
{
    for (const struct shape_text *text = branch->texts; text->slot; text++)
        put_text(text->to, text->slot->start + 1, (size_t)(text->slot->end - text->slot->start) - 2);
    return __builtin_expect(!*branch->wants, 1) || take_waiting(reading, branch->wants);
}

/* The type by its name, which becomes the one that is known in this place. */
static __attribute__((noinline)) const char *find_type(struct shapes *shapes, struct shape_type *known, const char *at,
                                                       struct slot *slot)
{
    struct reading *reading = shapes->reading;
    if (!(at = read_string(&reading->scan, at, slot)) || !slot->plain) return NULL;
    reading->event_type = convert_string(slot, &reading->scratch);
    etl_string name = reading->event_type;
    reading->type_number = keys_find(&shapes->schema->type_names, 0, name.data, name.size);
    if (name.size >= LITERAL_SIZE) return at;
    *known = (struct shape_type){.number = reading->type_number, .size = name.size};
    known->mask = (uint32_t)(((uint64_t)2 << name.size) - 1);
    memcpy(known->literal, name.data, name.size + 1); /* and its quote */
    return at;
}

/* The event type, at a TYPE node, with *next, how the line goes on; NULL: that is not known. The first bytes of the type, and
 * what follows them where it is short, mostly tell where it is if it is known. What comes next depends on it, so that it is
 * part of the chain of which window.h tells: hence it is kept with the type. The literal has the name's quote, so that where it
 * matches, the name is known to end. */
static inline const char *take_type(struct shapes *shapes, const struct shape_node *node, const char *at,
                                    struct shape_node **next)
{
    struct reading *reading = shapes->reading;
    const struct shape_branch *branch;
    const char *end;
    uint64_t word;
    memcpy(&word, at, sizeof word);
    struct shape_type *known = &shapes->types[word * 0x9E3779B97F4A7C15u >> (64 - SHAPE_TYPE_BITS)];
    if (__builtin_expect(!literal_matches(at, known->literal, known->mask), 0)) {
        if (!(end = find_type(shapes, known, at, shapes->type_slot))) return NULL;
        branch = &node->branches[reading->type_number];
    } else {
        end = at + known->size;
        reading->type_number = known->number;
        reading->event_type = (etl_string){at, known->size};
        if (__builtin_expect(known->place != node, 0)) known->place = node, known->branch = &node->branches[known->number];
        branch = known->branch;
        if (__builtin_expect(branch->names_type, 0)) set_text(shapes->type_slot, at, end);
    }
    *next = branch->next;
    return *next && take_waited(reading, branch) ? end : NULL;
}

/* Where the value is no short number or plain string. */
__attribute__((noinline)) static const char *take_rest(struct reading *reading, const struct shape_node *node, const char *at,
                                                             uint32_t kind)
{
    struct slot slot;
    at = kind == ETL_KIND_STRING ? read_string(&reading->scan, at, &slot) : read_number(&reading->scan, at, &slot);
    return at && read_as(reading, kind, 0, &slot, node->to) ? at : NULL;
}

static inline const char *take_string(struct reading *reading, struct window *window, const struct shape_node *node,
                                      const char *at)
{
    const char *end = window_text_end(window, at);
    if (__builtin_expect(!end, 0)) return take_rest(reading, node, at, ETL_KIND_STRING);
    put_text(node->to, at, (size_t)(end - at));
    return end;
}

static inline const char *take_text(struct window *window, const char *at, struct slot *slot)
{
    const char *end = window_text_end(window, at);
    if (end) set_text(slot, at, end);
    return end;
}

static inline const char *take_number(struct scan *scan, struct window *window, const char *at, struct slot *slot)
{
    struct digits digits;
    const char *end = window_number(window, at, &digits, true);
    if (__builtin_expect(!end, 0)) return read_number(scan, at, slot);
    return set_number(slot, at, end, &digits);
}

static inline const char *take_int64(struct reading *reading, struct window *window, const struct shape_node *node,
                                     const char *at)
{
    struct digits digits;
    const char *end = window_number(window, at, &digits, false);
    if (__builtin_expect(!end, 0)) return take_rest(reading, node, at, ETL_KIND_INT64);
    memcpy(node->to, &digits.value, sizeof digits.value);
    return end;
}

static inline const char *take_decimal(struct reading *reading, struct window *window, const struct shape_node *node,
                                       const char *at)
{
    struct digits digits;
    const char *end = window_number(window, at, &digits, true);
    if (__builtin_expect(!end, 0)) return take_rest(reading, node, at, ETL_KIND_DECIMAL);
    put_decimal(node->to, digits.value, digits.scale);
    return end;
}

static inline const char *skip_string(struct scan *scan, struct window *window, const char *at)
{
    bool escaped;
    const char *end = window_text_end(window, at);
    return __builtin_expect(end != NULL, 1) ? end : scan_string(scan, at, &escaped);
}

static inline const char *skip_number(struct scan *scan, struct window *window, const char *at)
{
    struct digits digits;
    const char *end = window_number(window, at, &digits, true);
    return __builtin_expect(end != NULL, 1) ? end : scan_number_rest(scan, at, &digits);
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
    struct window window;
    window_open(&window, at);
    for (struct shape_node *next, *node = shapes->root; node;) {
        const char *value = at + node->size, *end = NULL; /* of the value behind the literal */
        if (literal_matches(at, node->literal, node->mask)) switch ((enum shape_op)node->op) {
            case SHAPE_STRING: end = take_string(reading, &window, node, value); break;
            case SHAPE_INT64: end = take_int64(reading, &window, node, value); break;
            case SHAPE_DECIMAL: end = take_decimal(reading, &window, node, value); break;
            case SHAPE_DOUBLE: end = take_rest(reading, node, value, ETL_KIND_DOUBLE); break;
            case SHAPE_WANTS: end = take_wants(reading, node->wants, value, node->depth); break;
            case SHAPE_WAIT:
                end = read_any(&reading->scan, value, node->depth, node->slot);
                if (end && node->slot->type == JSON_NULL) end = NULL;
                break;
            case SHAPE_WAIT_NUMBER: end = take_number(&reading->scan, &window, value, node->slot); break;
            case SHAPE_WAIT_TEXT: end = take_text(&window, value, node->slot); break;
            case SHAPE_TYPE:
                if (!(end = take_type(shapes, node, value, &next))) break;
                node = next;
                at = end;
                continue;
            case SHAPE_SKIP_STRING: end = skip_string(&reading->scan, &window, value); break;
            case SHAPE_SKIP_NUMBER: end = skip_number(&reading->scan, &window, value); break;
            case SHAPE_SKIP: end = shape_skip(shapes, node, value); break;
            case SHAPE_END:
                if (!ends_here(value)) break;
                reading->member_count = node->ending->member_count;
                if (node->ending->option_count) settle_options(reading, node->ending);
                return value;
            case SHAPE_MORE:
            case SHAPE_ELEMENTS:
            case SHAPE_ELEMENT_END: end = value; break; /* the last two stand in values that are skipped alone */
            default: __builtin_unreachable();
            }
        if (__builtin_expect(!end, 0)) {
            node = node->sibling;
            continue;
        }
        at = end;
        node = node->next;
    }
    return NULL;
}

const char *shapes_decode(struct shapes *shapes, const char *line)
{
    if (!--shapes->left) shapes_review(shapes);
    shapes->broken = false;
    const char *end = shapes->root ? walk(shapes, line) : NULL; /* NULL: nothing is known yet, or they rest */
    if (!end) shapes->missed++;
    return end;
}
