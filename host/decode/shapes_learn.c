/* SPDX-License-Identifier: MIT
 * Learning: adds the nodes of a line, or of an unwanted value, to the tree. */
#include "decode/shapes_impl.h"

/* TEXT: a string without escapes, met before the event type, or the event type itself. */
enum { SEEN_NOT, SEEN_NULL, SEEN, SEEN_TEXT };

/* The state while a line, or a value, is learned. Its text is known to be valid. */
struct learner {
    struct shapes *shapes;
    struct scan scan;
    const struct event_type *type; /* of a line; NULL: nothing is wanted */
    uint32_t number;               /* of the event type, from 1; 0: unhandled */
    bool typed;                    /* the event type has been met */
    struct shape_node **place;     /* where the next node is attached */
    const char *from;              /* first byte of its literal */
    bool lost; /* there was no room for a node: the rest is only scanned */
};

/* ---- nodes */

static bool has_room(const struct shapes *shapes, size_t bytes)
{
    return shapes->memory.total + bytes <= SHAPE_BYTES_MAX;
}

static void *hang(struct shapes *shapes, size_t bytes)
{
    return has_room(shapes, bytes) ? scratch_zeroed(&shapes->memory, bytes) : NULL;
}

/* Are these nodes the same? The path to them determines all that is attached, except
 * where a value goes. */
static bool same(const struct shape_node *a, const struct shape_node *b)
{
    if (a->op != b->op || a->size != b->size || memcmp(a->literal, b->literal, a->size)) return false;
    if (a->op == SHAPE_WANTS) return *a->wants == *b->wants;
    if (a->op >= SHAPE_WAIT && a->op <= SHAPE_WAIT_TEXT) return a->slot == b->slot;
    return a->op < SHAPE_STRING || a->op > SHAPE_DOUBLE || a->to == b->to;
}

/* Nodes that accept any value come after siblings that accept only some: the walk
 * never backtracks, so the most specific match must be tried first. */
static bool takes_any(const struct shape_node *node)
{
    return node->op == SHAPE_SKIP || node->op == SHAPE_WAIT || node->op == SHAPE_WANTS;
}

/* The node like this at a place, which is added if it is new. NULL: there are too
 * many. */
static struct shape_node *node_at(struct shapes *shapes, struct shape_node **place, const struct shape_node *like)
{
    /* the sibling to insert it behind */
    struct shape_node *before = NULL, *node = *place;
    unsigned siblings = 0;
    for (; shape_is_some(shapes, node); node = shape_sibling(shapes, node), siblings++) {
        if (same(node, like)) return node;
        if (takes_any(like) || !takes_any(node)) before = node;
    }
    if (siblings == SHAPE_SIBLINGS_MAX || shapes->node_count == SHAPE_NODES_MAX) return NULL;
    const uint32_t number = shapes->node_count++;
    node = &shapes->nodes[number];
    *node = *like;
    node->step = shapes->steps[node->op];
    node->next = shapes->nodes;
    node->sibling = before ? before->sibling : (uint32_t)(*place - shapes->nodes);
    if (node->op == SHAPE_SKIP || node->op == SHAPE_ELEMENTS) node->inner = shapes->nodes;
    if (before) before->sibling = number;
    else *place = node;
    return node;
}

static struct shape_node *go_part(struct learner *learner, size_t size, const struct shape_node *like)
{
    struct shape_node node = *like, *found;
    memcpy(node.literal, learner->from, size);
    node.size = (uint8_t)size;
    node.mask = (uint32_t)(((uint64_t)1 << size) - 1);
    if (!(found = node_at(learner->shapes, learner->place, &node))) return NULL;
    learner->from += size;
    learner->place = &found->next;
    return found;
}

/* Adds the literal up to `to`, and the node that follows it. No line contains a LF, so
 * no literal matches beyond a line's end. */
static struct shape_node *go(struct learner *learner, const char *to, const struct shape_node *like)
{
    static const struct shape_node more = {.op = SHAPE_MORE};
    while (!learner->lost && to - learner->from > SHAPE_LITERAL_MAX)
        learner->lost = !go_part(learner, SHAPE_LITERAL_MAX, &more);
    struct shape_node *node = learner->lost ? NULL : go_part(learner, (size_t)(to - learner->from), like);
    learner->lost = !node;
    return node;
}

/* ---- unwanted values: each is scanned once, learned or not */

static bool is_nested(const char *at)
{
    return *at == '{' || *at == '[';
}

/* Adds a SKIP node for a value, and learns the value as an alternative of it. */
static const char *learn_skipped(struct learner *learner, const char *at, unsigned depth)
{
    struct shape_node *node = go(learner, at, &(struct shape_node){.op = SHAPE_SKIP, .depth = (uint8_t)depth});
    bool inside = node && is_nested(at);
    return learner->from = inside ? shape_learn_value(learner->shapes, &node->inner, at, depth)
                                  : scan_value(&learner->scan, at, depth);
}

static bool begins_number(const char *at)
{
    return *at == '-' || is_digit(*at);
}

static const char *learn_scalar(struct learner *learner, const char *at, unsigned depth)
{
    if (*at == '"') {
        go(learner, at + 1, &(struct shape_node){.op = SHAPE_SKIP_STRING});
        /* the quote belongs to the next literal */
        learner->from = scan_value(&learner->scan, at, depth) - 1;
        return learner->from + 1;
    }
    if (!begins_number(at)) return learn_skipped(learner, at, depth);
    go(learner, at, &(struct shape_node){.op = SHAPE_SKIP_NUMBER});
    return learner->from = scan_value(&learner->scan, at, depth);
}

/* Passes a key and its colon, up to the value. */
static const char *pass_key(struct learner *learner, const char *at, const char **end, bool *escaped)
{
    *end = scan_string(&learner->scan, at + 1, escaped);
    return scan_space(&learner->scan, scan_space(&learner->scan, *end + 1) + 1);
}

static const char *learn_members(struct learner *learner, const char *at, unsigned depth)
{
    const char *end;
    bool escaped;
    for (at = scan_space(&learner->scan, at + 1); *at != '}'; at = scan_space(&learner->scan, at + 1)) {
        at = pass_key(learner, at, &end, &escaped);
        at = is_nested(at) ? learn_skipped(learner, at, depth) : learn_scalar(learner, at, depth);
        at = scan_space(&learner->scan, at);
        if (*at == '}') break;
    }
    return at + 1;
}

/* Learns the elements of an array at one node; their order is not learned. */
static const char *learn_elements(struct learner *learner, const char *at, unsigned depth)
{
    struct shape_node *node = go(learner, at + 1, &(struct shape_node){.op = SHAPE_ELEMENTS, .depth = (uint8_t)depth});
    const char *first = scan_space(&learner->scan, at + 1);
    if (*first == ']') return first + 1;
    if (!node) return scan_value(&learner->scan, at, depth + 1);
    while (*at != ']') at = shape_learn_element(learner->shapes, &node->inner, at + 1, depth);
    return at + 1;
}

const char *shape_learn_value(struct shapes *shapes, struct shape_node **inner, const char *start, unsigned depth)
{
    struct learner learner = {.shapes = shapes, .place = inner, .from = start};
    if (*start == '[') return learn_elements(&learner, start, depth - 1);
    const char *end = learn_members(&learner, start, depth - 1);
    go(&learner, end, &(struct shape_node){.op = SHAPE_END});
    return end;
}

const char *shape_learn_element(struct shapes *shapes, struct shape_node **inner, const char *start, unsigned depth)
{
    struct learner learner = {.shapes = shapes, .place = inner, .from = start};
    const char *at = scan_space(&learner.scan, start);
    if (*at == '[') at = learn_skipped(&learner, at, depth);
    else at = *at == '{' ? learn_members(&learner, at, depth - 1) : learn_scalar(&learner, at, depth);
    at = scan_space(&learner.scan, at);
    go(&learner, at, &(struct shape_node){.op = SHAPE_ELEMENT_END});
    return at;
}

/* ---- lines */

/* Is `above` on the path to this node, or the node itself? */
static bool leads_to(const struct schema *schema, uint32_t above, uint32_t node)
{
    while (node != NODE_ROOT && node != above) node = schema->nodes[node].parent;
    return node == above;
}

/* Is this want only for a deferred text? */
static bool wants_text(const struct shapes *shapes, const struct want *want)
{
    return shapes->seen[want->node] == SEEN_TEXT && (want->kind == ETL_KIND_STRING || want->kind == WANT_EVENT_TYPE);
}

/* The wants of this node; with NODE_ROOT, all wants seen so far except texts. Ends in
 * NULL. */
static const struct want **list_wants(struct learner *learner, uint32_t node)
{
    const struct event_type *type = learner->type;
    size_t count = 0, capacity = type ? type->want_count + 1 : 1;
    const struct want **wants = hang(learner->shapes, capacity * sizeof *wants);
    for (size_t i = 0; wants && i + 1 < capacity; i++) {
        const struct want *want = &type->wants[i];
        bool waits = learner->shapes->seen[want->node] >= SEEN && !wants_text(learner->shapes, want);
        if (node ? want->node == node : waits) wants[count++] = want;
    }
    return wants;
}

/* The place of a node's deferred text. */
static const etl_string *text_of(const struct shapes *shapes, uint32_t node)
{
    struct reading *reading = shapes->reading;
    return node == shapes->schema->type_node ? &reading->event_type : &reading->slots[node].text;
}

/* The list of deferred texts, and where they go. */
static const struct shape_text *list_texts(struct learner *learner)
{
    const struct event_type *type = learner->type;
    const struct reading *reading = learner->shapes->reading;
    size_t count = 0, capacity = type ? type->want_count + 1 : 1;
    struct shape_text *texts = hang(learner->shapes, capacity * sizeof *texts);
    for (size_t i = 0; texts && i + 1 < capacity; i++) {
        const struct want *want = &type->wants[i];
        if (wants_text(learner->shapes, want))
            texts[count++] = (struct shape_text){text_of(learner->shapes, want->node), reading->frame + want->offset};
    }
    return texts;
}

/* The wants of an event type at a member's node, once the type is known. */
struct asked {
    const struct want *first;
    size_t count;
    bool beneath; /* a nested member is wanted, too */
};

static struct asked ask(const struct learner *learner, uint32_t node)
{
    const struct schema *schema = learner->shapes->schema;
    struct asked asked = {.beneath = !learner->typed && schema->nodes[node].inner};
    for (size_t i = 0; node && learner->type && i < learner->type->want_count; i++) {
        const struct want *want = &learner->type->wants[i];
        if (want->node == node && !asked.count++) asked.first = want;
        asked.beneath |= want->node != node && leads_to(schema, node, want->node);
    }
    asked.beneath &= node != NODE_ROOT;
    return asked;
}

/* The branches of a type node before anything is learned: no deferred values, no next
 * node. */
static struct shape_branch *make_branches(struct shapes *shapes)
{
    static const struct shape_text no_texts = {0};
    size_t count = shapes->schema->type_count + 1;
    struct shape_branch *branches = hang(shapes, count * sizeof *branches);
    for (size_t i = 0; i < count; i++) branches[i] = (struct shape_branch){.texts = &no_texts, .next = shapes->nodes};
    return branches;
}

static const char *learn_type(struct learner *learner, const char *at)
{
    struct shapes *shapes = learner->shapes;
    bool escaped = false;
    const char *end = scan_string(&learner->scan, at + 1, &escaped);
    if (escaped) return NULL;
    /* a node is permanent, so it must not be added without what is attached to it */
    if (!has_room(shapes, (shapes->schema->type_count + 1) * sizeof(struct shape_branch))) return NULL;
    struct shape_node *node = go(learner, at + 1, &(struct shape_node){.op = SHAPE_TYPE});
    if (!node) return NULL;
    if (!node->branches) node->branches = make_branches(shapes);
    struct shape_branch *branch = &node->branches[learner->number];
    if (!branch->wants) {
        const struct shape_text *texts = list_texts(learner);
        const struct want **wants = list_wants(learner, NODE_ROOT);
        if (!texts || !wants) return NULL;
        *branch = (struct shape_branch){.texts = texts, .wants = wants, .has_deferred = *wants, .next = branch->next};
    }
    learner->typed = true;
    learner->place = &branch->next;
    learner->from = end;
    return end + 1;
}

/* The operation for a value that is wanted once, of a kind that has one of its own. */
static enum shape_op direct_op(const struct asked *asked, const char *at)
{
    bool number = begins_number(at);
    uint32_t kind = asked->count == 1 ? asked->first->kind : ETL_KIND_JSON;
    if (kind == ETL_KIND_STRING && *at == '"') return SHAPE_STRING;
    if (kind == ETL_KIND_INT64 && number) return SHAPE_INT64;
    if (kind == ETL_KIND_DECIMAL && number) return SHAPE_DECIMAL;
    return kind == ETL_KIND_DOUBLE && number ? SHAPE_DOUBLE : SHAPE_WANTS;
}

/* The operation for a value before the event type is known. */
static enum shape_op waiting_op(const struct shapes *shapes, uint32_t node, const char *at)
{
    if (begins_number(at)) return SHAPE_WAIT_NUMBER;
    bool text = *at == '"' && shapes->only_text[node] && *string_special(at + 1) == '"';
    return text ? SHAPE_WAIT_TEXT : SHAPE_WAIT;
}

static const char *learn_wanted(struct learner *learner, const char *at, uint32_t node, const struct asked *asked, unsigned depth)
{
    const char *end = scan_value(&learner->scan, at, depth);
    enum shape_op op = learner->typed ? direct_op(asked, at) : waiting_op(learner->shapes, node, at);
    struct shape_node like = {.depth = (uint8_t)depth, .op = (uint8_t)op};
    learner->shapes->seen[node] = *at == 'n' ? SEEN_NULL : op == SHAPE_WAIT_TEXT ? SEEN_TEXT : SEEN;
    if (*at == 'n') return end; /* the null becomes part of a literal */
    if (!learner->typed) like.slot = &learner->shapes->reading->slots[node];
    else if (op != SHAPE_WANTS) like.to = learner->shapes->reading->frame + asked->first->offset;
    else if (!(like.wants = list_wants(learner, node))) return NULL;
    bool quoted = op == SHAPE_STRING || op == SHAPE_WAIT_TEXT;
    if (!go(learner, at + quoted, &like)) return NULL;
    learner->from = end - quoted;
    return end;
}

static const char *learn_object(struct learner *learner, const char *at, uint32_t parent, unsigned depth, size_t *count);

static const char *learn_member(struct learner *learner, const char *at, uint32_t parent, unsigned depth)
{
    const struct schema *schema = learner->shapes->schema;
    bool escaped = false;
    const char *start = at + 1, *end;
    size_t count;
    at = pass_key(learner, at, &end, &escaped);
    if (escaped) return NULL; /* rare, and its look-up is more complex */
    uint32_t node = keys_find(&schema->keys, parent, start, (size_t)(end - start));
    if (node == schema->type_node) return learner->shapes->seen[node] = SEEN_TEXT, learn_type(learner, at);
    struct asked asked = ask(learner, node);
    /* wanted as a whole and in parts: not by shapes */
    if (*at == '{' && asked.beneath && asked.count) return NULL;
    if (*at == '{' && asked.beneath) {
        learner->shapes->seen[node] = SEEN;
        return learn_object(learner, at, node, depth - 1, &count);
    }
    if (node && (asked.count || asked.beneath || !learner->typed)) return learn_wanted(learner, at, node, &asked, depth);
    at = is_nested(at) ? learn_skipped(learner, at, depth) : learn_scalar(learner, at, depth);
    return learner->lost ? NULL : at;
}

static const char *learn_object(struct learner *learner, const char *at, uint32_t parent, unsigned depth, size_t *count)
{
    *count = 0;
    for (at = scan_space(&learner->scan, at + 1); *at != '}'; at = scan_space(&learner->scan, at + 1)) {
        if (!(at = learn_member(learner, at, parent, depth))) return NULL;
        ++*count;
        at = scan_space(&learner->scan, at);
        if (*at == '}') break;
    }
    return at + 1;
}

static size_t ending_bytes(const struct event_type *type)
{
    return sizeof(struct shape_ending) + (type ? type->want_count : 0) * sizeof(struct shape_option);
}

static struct shape_ending *make_ending(struct learner *learner, size_t member_count)
{
    const struct event_type *type = learner->type;
    struct shape_ending *ending = hang(learner->shapes, ending_bytes(type));
    ending->member_count = member_count;
    for (size_t i = 0; type && i < type->want_count; i++) {
        const struct want *want = &type->wants[i];
        if (want->optional)
            ending->options[ending->option_count++] = (struct shape_option){want, learner->shapes->seen[want->node] >= SEEN};
    }
    return ending;
}

static bool learn_line(struct learner *learner, const char *line)
{
    size_t count;
    const char *at = scan_space(&learner->scan, line);
    /* white space that looks like a CRLF */
    if (learner->scan.end[-1] == '\r') return false;
    if (!learn_object(learner, at, NODE_ROOT, DECODE_DEPTH_MAX - 1, &count)) return false;
    if (!has_room(learner->shapes, ending_bytes(learner->type))) return false;
    struct shape_node *node = go(learner, learner->scan.end, &(struct shape_node){.op = SHAPE_END});
    if (node && !node->ending) node->ending = make_ending(learner, count);
    return node;
}

void shapes_learn(struct shapes *shapes, const char *line, const char *end, const struct event_type *type)
{
    uint32_t number = type ? (uint32_t)(type - shapes->schema->types) + 1 : 0;
    struct learner learner = {shapes, {.end = end}, type, number, false, &shapes->root, line, false};
    const uint32_t nodes_before = shapes->node_count;
    if (shapes->resting || shapes->refusals == SHAPE_REFUSALS_MAX || !shape_may_learn(shapes, line, end)) return;
    memset(shapes->seen, SEEN_NOT, shapes->schema->node_count);
    if ((type && shapes->overlapping[number - 1]) || !learn_line(&learner, line)) shapes->refusals++;
    /* they may continue differently now */
    if (shapes->node_count != nodes_before) shapes_forget_types(shapes);
}
