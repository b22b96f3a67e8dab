/* SPDX-License-Identifier: MIT
 * The general parser of lines: it reads member by member, looks up each key, stores
 * values in slots, and copies them from there to where they are wanted. */
#include "base/compiler.h"
#include "decode/decoder.h"
#include "decode/target.h"

#define line_decode DECODE_TARGET(line_decode)

/* ---- reading: every value on a path is stored in its slot */

static const char *read_object(struct decoder *decoder, const char *at, uint32_t node, unsigned depth);

/* A key with escapes. One byte of a key is at most six bytes of text, so the buffer
 * holds the longest key. */
static uint32_t escaped_key(struct decoder *decoder, uint32_t parent, const char *start, const char *end)
{
    const struct keys *keys = &decoder->schema->keys;
    size_t size = (size_t)(end - start);
    if (size > keys->limit * 6) return NODE_ROOT;
    size = etl_json_unescape((etl_json){start - 1, size + 2}, decoder->key);
    return keys_find(keys, parent, decoder->key, size);
}

static inline struct known_key *find_known(struct decoder *decoder, const char *start, uint32_t parent)
{
    uint64_t word;
    memcpy(&word, start, sizeof word);
    return &decoder->known[(word ^ parent) * 0x9E3779B97F4A7C15u >> (64 - KNOWN_KEY_BITS)];
}

/* Reads a key that is new, or forgotten. */
NOINLINE static const char *read_new_key(struct decoder *decoder, const char *start, uint32_t parent,
                                                          uint32_t *node)
{
    struct scan *scan = &decoder->reading.scan;
    bool escaped = false;
    const char *end = scan_string(scan, start, &escaped);
    if (!end) return NULL;
    const size_t size = (size_t)(end - start);
    *node = !escaped ? keys_find(&decoder->schema->keys, parent, start, size) : escaped_key(decoder, parent, start, end);
    if (end[1] == ':' && !escaped && size + 2 <= LITERAL_SIZE) {
        struct known_key *known = find_known(decoder, start, parent);
        *known = (struct known_key){.size = (uint32_t)size + 2, .parent = parent, .node = *node};
        known->mask = (uint32_t)(((uint64_t)1 << known->size) - 1);
        memcpy(known->literal, start, known->size);
    }
    const char *at = scan_space(scan, end + 1);
    return *at == ':' ? at + 1 : scan_fail(scan, at, "expected ':'");
}

/* Reads a key, up to its value. */
static inline const char *read_key(struct decoder *decoder, const char *at, uint32_t parent, uint32_t *node)
{
    struct scan *scan = &decoder->reading.scan;
    if (*at != '"') return scan_fail(scan, at, "expected a key in quotes");
    const struct known_key *known = find_known(decoder, at + 1, parent);
    if (LIKELY(literal_matches(at + 1, known->literal, known->mask) && known->parent == parent)) {
        *node = known->node;
        at += 1 + known->size;
    } else if (!(at = read_new_key(decoder, at + 1, parent, node))) return NULL;
    return scan_space(scan, at);
}

static inline const char *read_value(struct decoder *decoder, const char *at, uint32_t node, unsigned depth)
{
    struct slot *slot = &decoder->reading.slots[node];
    slot->repeated = slot->line == decoder->line && node != NODE_ROOT;
    slot->line = decoder->line;
    decoder->repeated |= slot->repeated;
    if (*at != '{' || node == NODE_ROOT || !decoder->schema->nodes[node].inner)
        return read_any(&decoder->reading.scan, at, depth, slot);
    slot->type = JSON_OBJECT;
    slot->start = at;
    /* no path has more than DECODE_DEPTH_MAX keys, so `depth` is not used up on one */
    return slot->end = read_object(decoder, at, node, depth - 1);
}

/* Reads from the '{', with at most `depth` levels inside. The outermost object sets
 * the count of members last. */
static const char *read_object(struct decoder *decoder, const char *at, uint32_t node, unsigned depth)
{
    struct scan *scan = &decoder->reading.scan;
    size_t count = 0;
    at = scan_space(scan, at + 1);
    if (*at != '}') {
        for (uint32_t child = NODE_ROOT;;) {
            if (!(at = read_key(decoder, at, node, &child))) return NULL;
            if (!(at = read_value(decoder, at, child, depth))) return NULL;
            count++;
            at = scan_space(scan, at);
            if (*at != ',') break;
            at = scan_space(scan, at + 1);
        }
        if (*at != '}') return scan_fail(scan, at, "expected ',' or '}'");
    }
    decoder->reading.member_count = count;
    return at + 1;
}

static bool malformed(struct decoder *decoder, const char *line)
{
    const struct scan *scan = &decoder->reading.scan;
    /* white space may be scanned past a CR */
    const char *at = scan->at < scan->end ? scan->at : scan->end;
    return error_set(decoder->reason, "invalid JSON at byte %zu: %s", (size_t)(at - line) + 1, scan->what);
}

static bool read_line(struct decoder *decoder, const char *line, const char *start)
{
    struct scan *scan = &decoder->reading.scan;
    const char *at = start;
    if (*at != '{') return error_set(decoder->reason, "not a JSON object, at byte %zu", (size_t)(start - line) + 1);
    if (!(at = read_object(decoder, at, NODE_ROOT, DECODE_DEPTH_MAX - 1))) return malformed(decoder, line);
    at = scan_space(scan, at);
    if (at >= scan->end) return true;
    scan_fail(scan, at, "something follows the object");
    return malformed(decoder, line);
}

/* ---- judging paths */

enum finding { FOUND, MISSING, FOUND_NULL, REPEATED, NO_OBJECT };

/* What the line has at a node, given the objects that lead to it. *where: the node
 * that decides. */
static enum finding look(const struct decoder *decoder, uint32_t node, uint32_t *where)
{
    const struct node *nodes = decoder->schema->nodes;
    const struct slot *slot = &decoder->reading.slots[node];
    if (nodes[node].parent != NODE_ROOT) {
        enum finding above = look(decoder, nodes[node].parent, where);
        if (above == FOUND && decoder->reading.slots[*where].type != JSON_OBJECT) above = NO_OBJECT;
        if (above != FOUND) return above == FOUND_NULL ? MISSING : above;
    }
    *where = node;
    if (slot->line != decoder->line) return MISSING;
    return slot->repeated ? REPEATED : slot->type == JSON_NULL ? FOUND_NULL : FOUND;
}

static void explain_finding(const struct decoder *decoder, const char *what, const char *path, enum finding finding,
                            uint32_t where)
{
    struct error *reason = decoder->reason;
    if (finding == MISSING) error_set(reason, "%s '%s' is missing", what, path);
    else if (finding == FOUND_NULL) error_set(reason, "%s '%s' is null", what, path);
    else if (finding == REPEATED) error_set(reason, "%s '%s' is repeated", what, path);
    else
        error_set(reason, "%s '%s' is missing: '%s' is %s, not an object", what, path, decoder->schema->nodes[where].path,
                  json_type_name(decoder->reading.slots[where].type));
}

static bool find_event_type(struct decoder *decoder)
{
    uint32_t node = decoder->schema->type_node, where;
    const struct slot *slot = &decoder->reading.slots[node];
    bool plainly = slot->line == decoder->line && slot->type == JSON_STRING && !decoder->repeated;
    enum finding finding = plainly ? FOUND : look(decoder, node, &where);
    const char *path = decoder->schema->nodes[node].path;
    if (finding != FOUND) {
        explain_finding(decoder, finding == REPEATED ? "two event types:" : "no event type:", path, finding, where);
        return false;
    }
    if (slot->type != JSON_STRING)
        return error_set(decoder->reason, "no event type: '%s' is %s, not a string", path, json_type_name(slot->type));
    decoder->reading.event_type = convert_string(slot, &decoder->reading.scratch);
    return true;
}

/* ---- converting */

/* Handles a field that is not there exactly once. */
COLD static bool take_unusual(struct decoder *decoder, const struct want *want)
{
    uint32_t where;
    enum finding finding = look(decoder, want->node, &where);
    if (want->optional && (finding == MISSING || finding == FOUND_NULL)) {
        read_nothing(&decoder->reading, want);
        return true;
    }
    if (finding != FOUND) {
        explain_finding(decoder, "field", want->path, finding, where);
        return false;
    }
    if (want->optional) *(bool *)(decoder->reading.frame + want->has_offset) = true;
    if (read_into(&decoder->reading, want, &decoder->reading.slots[want->node])) return true;
    convert_explain(want, &decoder->reading.slots[want->node], decoder->reason);
    return false;
}

static inline bool take(struct decoder *decoder, const struct want *want)
{
    const struct slot *slot = &decoder->reading.slots[want->node];
    if (slot->line != decoder->line || decoder->repeated || slot->type == JSON_NULL) return take_unusual(decoder, want);
    if (want->optional) *(bool *)(decoder->reading.frame + want->has_offset) = true;
    if (read_into(&decoder->reading, want, slot)) return true;
    convert_explain(want, slot, decoder->reason);
    return false;
}

static bool take_all(struct decoder *decoder, const struct event_type *type)
{
    for (size_t i = 0; i < type->want_count; i++)
        if (!take(decoder, &type->wants[i])) return false;
    return true;
}

/* ---- a line */

/* Resets the state that shapes left behind, for the general parser. */
static void begin(struct decoder *decoder, const char *end)
{
    decoder->reading.scan = (struct scan){.end = end};
    decoder->reading.member_count = 0;
    decoder->reading.event_type = (etl_string){0};
    if (decoder->reading.scratch.used) scratch_reset(&decoder->reading.scratch);
}

/* Invalidates the slots of earlier lines before this line fills them. */
static void begin_slots(struct decoder *decoder)
{
    decoder->repeated = false;
    if (++decoder->line) return;
    memset(decoder->reading.slots, 0, decoder->schema->node_count * sizeof *decoder->reading.slots);
    decoder->line = 1; /* line numbers start anew */
}

/* Judges an object that was read, and converts its wanted values. */
static enum verdict judge(struct decoder *decoder, unsigned *event_type)
{
    const struct schema *schema = decoder->schema;
    if (!find_event_type(decoder)) return VERDICT_MALFORMED;
    uint32_t number = keys_find(&schema->type_names, 0, decoder->reading.event_type.data, decoder->reading.event_type.size);
    if (!number) return VERDICT_UNHANDLED;
    *event_type = number - 1;
    return take_all(decoder, &schema->types[number - 1]) ? VERDICT_EVENT : VERDICT_INVALID;
}

/* Decodes a line whose end is known, and reports its faults. */
NOINLINE static enum verdict decode_fully(struct decoder *decoder, const char *line, const char *end,
                                                           unsigned *event_type)
{
    begin(decoder, end);
    const char *start = scan_space(&decoder->reading.scan, line);
    if (start >= end) return VERDICT_BLANK;
    begin_slots(decoder);
    return read_line(decoder, line, start) ? judge(decoder, event_type) : VERDICT_MALFORMED;
}

/* The end of the first line of the text. */
static const char *find_end(const char *text, size_t limit)
{
    const char *feed = memchr(text, '\n', limit);
    if (!feed) return text + limit;
    return feed > text && feed[-1] == '\r' ? feed - 1 : feed;
}

/* Reads the line as one object with nothing behind it, which saves searching for its
 * end. Returns its end; NULL: it is something else, or has a fault. `limit`: of the
 * text. */
static const char *read_object_line(struct decoder *decoder, const char *line, const char *limit)
{
    begin(decoder, NULL);
    if (*line != '{') return NULL;
    begin_slots(decoder);
    const char *end = read_object(decoder, line, NODE_ROOT, DECODE_DEPTH_MAX - 1);
    if (!end) return NULL;
    bool crlf = *end == '\r' && end[1] == '\n' && end + 1 != limit;
    return *end == '\n' || crlf ? end : NULL;
}

struct judged line_decode(struct decoder *decoder, const char *line, size_t limit)
{
    struct judged judged = {.end = read_object_line(decoder, line, line + limit), .event_type = NO_EVENT_TYPE};
    if (judged.end) judged.verdict = judge(decoder, &judged.event_type);
    else {
        judged.end = find_end(line, limit);
        judged.verdict = decode_fully(decoder, line, judged.end, &judged.event_type);
    }
    decoder->unhandled = judged.verdict == VERDICT_UNHANDLED;
    if (judged.verdict == VERDICT_EVENT)
        shapes_learn(decoder->shapes, line, judged.end, &decoder->schema->types[judged.event_type]);
    else if (judged.verdict == VERDICT_UNHANDLED) shapes_learn(decoder->shapes, line, judged.end, NULL);
    decoder->reading.scan.end = NULL; /* shapes scan without a known end */
    return judged;
}
