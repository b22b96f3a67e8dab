/* SPDX-License-Identifier: MIT
 * Building the tree from libyaml's events, within limits, and expanding variables. */
#include "config/yaml_tree.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct reader {
    yaml_parser_t parser;
    const char *bytes, *file;
    size_t size;
    struct diagnostics *diagnostics;
    size_t nodes, expanded_bytes;
    bool stopped; /* reported: the rest of the file is not read */
};

static struct place place_of(const struct reader *reader, yaml_mark_t mark)
{
    return (struct place){reader->file, (unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

#define report(reader, place, ...) diagnostics_add((reader)->diagnostics, SEVERITY_ERROR, place, __VA_ARGS__)
#define stop(reader, place, ...) (report(reader, place, __VA_ARGS__), (reader)->stopped = true, NULL)

/* ---- faults that libyaml reports */

/* libyaml says what it could not read, but not how to mend it. */
static const struct hint {
    const char *said, *hint;
} hints[] = {
    {"while scanning an alias", "quote a value that begins with '*': \"*\""},
    {"while scanning an anchor", "quote a value that begins with '&'"},
    {"block sequence entries are not allowed", "quote '-' where it is a value: \"-\""},
    {"cannot start any token", "indent with spaces, not tabs, and quote a value that begins with '@', '`' or '%'"},
    {"mapping values are not allowed", "quote a value that has ': ' in it, and check the indentation"},
    {"did not find expected key", "check the indentation"},
    {"did not find expected '-' indicator", "check the indentation"},
    {"could not find expected ':'", "a key needs ': ' after it"},
    {"found unexpected end of stream", "is a quote left open?"},
    {"while parsing a flow", "is a bracket left open? a value with braces, such as \"${VAR}\", is quoted here"},
};

static const char *find_hint(const char *context, const char *problem)
{
    for (const struct hint *hint = hints; hint < hints + sizeof hints / sizeof *hints; hint++)
        if (strstr(problem, hint->said) || strstr(context, hint->said)) return hint->hint;
    return NULL;
}

/* A reader error (invalid bytes) has an offset, but no line and column. */
static struct place place_of_offset(const struct reader *reader, size_t offset)
{
    struct place place = {reader->file, 1, 1};
    for (size_t i = 0; i < offset && i < reader->size; i++) {
        if (reader->bytes[i] == '\n') place.line++, place.column = 1;
        else if (((unsigned char)reader->bytes[i] & 0xC0) != 0x80) place.column++;
    }
    return place;
}

static void report_parser_error(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR) die_without_memory();
    reader->stopped = true;
    const char *problem = parser->problem ? parser->problem : "unknown problem";
    const char *context = parser->context ? parser->context : "";
    if (parser->error == YAML_READER_ERROR) {
        report(reader, place_of_offset(reader, parser->problem_offset), "not YAML: %s", problem);
        return;
    }
    const char *hint = find_hint(context, problem);
    report(reader, place_of(reader, parser->problem_mark), "not YAML: %s%s%s%s%s%s", problem, *context ? ", " : "", context,
           hint ? " (" : "", hint ? hint : "", hint ? ")" : "");
}

static bool next_event(struct reader *reader, yaml_event_t *event)
{
    if (yaml_parser_parse(&reader->parser, event)) return true;
    report_parser_error(reader);
    return false;
}

/* ---- variables */

static size_t variable_name_size(const char *text)
{
    size_t size = 0;
    if (isdigit((unsigned char)*text)) return 0;
    while (isalnum((unsigned char)text[size]) || text[size] == '_') size++;
    return size;
}

/* Adds the value of the variable whose "${" is at `text`. Returns what follows its
 * '}'; NULL: a mistake. */
static const char *expand_variable(struct reader *reader, const char *text, struct place place, struct buffer *to)
{
    const char *name = text + 2, *end = strchr(name, '}');
    size_t size = variable_name_size(name);
    const char *fallback = size && !strncmp(name + size, ":-", 2) ? name + size + 2 : NULL;
    if (!end || !size || (!fallback && name + size != end)) {
        report(reader, place, "'${' begins a variable, ${NAME} or ${NAME:-default}; write $${ for '${' itself");
        return NULL;
    }
    char *variable = format_text("%.*s", (int)size, name);
    const char *value = getenv(variable);
    if (!value && !fallback) {
        report(reader, place, "the variable '%s' is not set: set it, or give a default, ${%s:-default}", variable, variable);
        end = NULL;
    } else if (fallback && (!value || !*value)) {
        buffer_add(to, fallback, (size_t)(end - fallback));
    } else {
        buffer_add_text(to, value);
    }
    free(variable);
    return end ? end + 1 : NULL;
}

/* Expands the variables in the text of a scalar value. */
static void expand(struct reader *reader, struct yaml_node *node)
{
    struct buffer to = {0};
    const char *text = node->text;
    if (!strstr(text, "${")) return;
    while (text && *text && to.size <= YAML_BYTES_MAX) {
        if (!strncmp(text, "$${", 3)) {
            buffer_add_text(&to, "${");
            text += 3;
        } else if (!strncmp(text, "${", 2)) {
            text = expand_variable(reader, text, node->place, &to);
        } else {
            buffer_add(&to, text++, 1);
        }
    }
    reader->expanded_bytes += to.size;
    if (reader->expanded_bytes > YAML_BYTES_MAX) {
        report(reader, node->place, "the variables expand to more than %d bytes", YAML_BYTES_MAX);
        reader->stopped = true;
        text = NULL;
    }
    if (text) {
        buffer_add(&to, "", 1);
        free(node->text);
        node->text = to.data;
    } else {
        node->broken = true;
        buffer_finish(&to);
    }
}

/* ---- nodes */

static void node_destroy(struct yaml_node *node)
{
    if (!node) return;
    for (struct yaml_node *next, *child = node->children; child; child = next) {
        next = child->next;
        node_destroy(child);
    }
    free(node->text);
    free(node->key);
    free(node);
}

static struct yaml_node *node_create(struct reader *reader, enum yaml_kind kind, yaml_mark_t mark)
{
    if (++reader->nodes > YAML_NODES_MAX)
        return stop(reader, place_of(reader, mark), "the file has more than %d values", YAML_NODES_MAX);
    struct yaml_node *node = allocate(sizeof *node);
    node->kind = kind;
    node->name = "";
    node->place = place_of(reader, mark);
    return node;
}

static void check_properties(struct reader *reader, yaml_mark_t mark, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor)
        report(reader, place_of(reader, mark), "anchors are not allowed here: write out the value, or quote '&%s'", anchor);
    if (tag) report(reader, place_of(reader, mark), "tags are not allowed here: leave out '%s'; quotes make a value text", tag);
}

/* Copies a scalar's text. A NUL, which only an escape can produce, ends the text and
 * is a mistake. */
static char *scalar_text(struct reader *reader, const yaml_event_t *event, bool *broken)
{
    const char *text = (const char *)event->data.scalar.value;
    if (strlen(text) != event->data.scalar.length) {
        report(reader, place_of(reader, event->start_mark), "text cannot hold a NUL character");
        *broken = true;
    }
    return copy_text(text);
}

static struct yaml_node *build_scalar(struct reader *reader, const yaml_event_t *event)
{
    struct yaml_node *node = node_create(reader, NODE_SCALAR, event->start_mark);
    if (!node) return NULL;
    check_properties(reader, event->start_mark, event->data.scalar.anchor, event->data.scalar.tag);
    node->text = scalar_text(reader, event, &node->broken);
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->null = node->plain && (!*node->text || !strcmp(node->text, "~") || !strcmp(node->text, "null"));
    return node;
}

static struct yaml_node *build_alias(struct reader *reader, const yaml_event_t *event)
{
    report(reader, place_of(reader, event->start_mark), "aliases are not allowed here: write out the value, or quote \"*%s\"",
           event->data.alias.anchor);
    struct yaml_node *node = node_create(reader, NODE_SCALAR, event->start_mark);
    if (!node) return NULL;
    node->text = copy_text("");
    node->broken = true;
    return node;
}

static struct yaml_node *build_node(struct reader *reader, const yaml_event_t *event, unsigned depth);

/* Builds the next value of the stream, which must exist. */
static struct yaml_node *build_next(struct reader *reader, unsigned depth)
{
    yaml_event_t event;
    if (!next_event(reader, &event)) return NULL;
    struct yaml_node *node = build_node(reader, &event, depth);
    yaml_event_delete(&event);
    return node;
}

/* Reads the next event of a list or mapping, which an event of type `end` closes.
 * Returns false there, and if reading stopped. */
static bool next_child(struct reader *reader, yaml_event_t *event, yaml_event_type_t end)
{
    if (reader->stopped || !next_event(reader, event)) return false;
    if (event->type != end) return true;
    yaml_event_delete(event);
    return false;
}

static void build_items(struct reader *reader, struct yaml_node *list, unsigned depth)
{
    yaml_event_t event;
    struct yaml_node **last = &list->children;
    while (next_child(reader, &event, YAML_SEQUENCE_END_EVENT)) {
        *last = build_node(reader, &event, depth + 1);
        yaml_event_delete(&event);
        if (!*last) return;
        if ((*last)->kind == NODE_SCALAR && !(*last)->broken) expand(reader, *last);
        last = &(*last)->next;
    }
}

/* Builds a key and its value. NULL: the key is not valid, or reading stopped. */
static struct yaml_node *build_pair(struct reader *reader, const yaml_event_t *event, unsigned depth)
{
    struct yaml_node *key = build_node(reader, event, depth + 1);
    struct yaml_node *value = key ? build_next(reader, depth + 1) : NULL;
    bool usable = false;
    if (!value) {
        node_destroy(key);
        return NULL;
    }
    if (key->kind != NODE_SCALAR)
        report(reader, key->place, "a key must be text, not %s", yaml_node_description(key));
    else if (!strcmp(key->text, "<<") && key->plain)
        report(reader, key->place, "merge keys are not allowed here: write out the keys");
    else
        usable = !key->broken;
    if (usable) {
        value->key = key->text;
        value->name = value->key;
        value->key_place = key->place;
        key->text = NULL;
        if (value->null) value->place = key->place;
        if (value->kind == NODE_SCALAR && !value->broken) expand(reader, value);
    } else {
        node_destroy(value);
        value = NULL;
    }
    node_destroy(key);
    return value;
}

static int compare_keys(const void *a, const void *b)
{
    const struct yaml_node *x = *(struct yaml_node *const *)a, *y = *(struct yaml_node *const *)b;
    int order = strcmp(x->key, y->key);
    if (order) return order;
    if (x->key_place.line != y->key_place.line) return x->key_place.line < y->key_place.line ? -1 : 1;
    return (x->key_place.column > y->key_place.column) - (x->key_place.column < y->key_place.column);
}

/* Sorts the keys, so that the time does not grow with the square of their number. */
static void check_repeated(struct reader *reader, struct yaml_node *mapping, size_t count)
{
    struct yaml_node **sorted = allocate(count * sizeof *sorted);
    size_t at = 0;
    for (struct yaml_node *child = mapping->children; child; child = child->next) sorted[at++] = child;
    qsort(sorted, count, sizeof *sorted, compare_keys);
    for (size_t i = 1, first = 0; i < count; i++) {
        if (strcmp(sorted[first]->key, sorted[i]->key)) {
            first = i;
            continue;
        }
        report(reader, sorted[i]->key_place, "the key '%s' is there twice: the first is in line %u", sorted[i]->key,
               sorted[first]->key_place.line);
        sorted[i]->repeated = true;
    }
    free(sorted);
}

static void drop_repeated(struct yaml_node *mapping)
{
    for (struct yaml_node **link = &mapping->children; *link;) {
        struct yaml_node *child = *link;
        if (child->repeated) {
            *link = child->next;
            node_destroy(child);
        } else {
            link = &child->next;
        }
    }
}

static void build_members(struct reader *reader, struct yaml_node *mapping, unsigned depth)
{
    yaml_event_t event;
    struct yaml_node **last = &mapping->children;
    size_t count = 0;
    while (next_child(reader, &event, YAML_MAPPING_END_EVENT)) {
        *last = build_pair(reader, &event, depth);
        yaml_event_delete(&event);
        if (!*last) continue;
        last = &(*last)->next;
        count++;
    }
    check_repeated(reader, mapping, count);
    drop_repeated(mapping);
}

static struct yaml_node *build_node(struct reader *reader, const yaml_event_t *event, unsigned depth)
{
    if (event->type == YAML_SCALAR_EVENT) return build_scalar(reader, event);
    if (event->type == YAML_ALIAS_EVENT) return build_alias(reader, event);
    if (depth > YAML_DEPTH_MAX)
        return stop(reader, place_of(reader, event->start_mark), "nested more than %d deep", YAML_DEPTH_MAX);

    bool list = event->type == YAML_SEQUENCE_START_EVENT;
    struct yaml_node *node = node_create(reader, list ? NODE_SEQUENCE : NODE_MAPPING, event->start_mark);
    if (!node) return NULL;
    if (list) {
        check_properties(reader, event->start_mark, event->data.sequence_start.anchor, event->data.sequence_start.tag);
        build_items(reader, node, depth);
    } else {
        check_properties(reader, event->start_mark, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        build_members(reader, node, depth);
    }
    if (!reader->stopped) return node;
    node_destroy(node);
    return NULL;
}

/* ---- the file */

/* How a token changes the number of open brackets. */
static int token_depth(const yaml_token_t *token)
{
    switch (token->type) {
    case YAML_FLOW_SEQUENCE_START_TOKEN: case YAML_FLOW_MAPPING_START_TOKEN: return 1;
    case YAML_FLOW_SEQUENCE_END_TOKEN: case YAML_FLOW_MAPPING_END_TOKEN: return -1;
    default: return 0;
    }
}

/* At the start of a document libyaml compares each tag directive with all earlier
 * ones, so they are counted first, on tokens. For each token libyaml looks at all open
 * brackets, so the scan stops where these are too many. Other faults are found when
 * the file is parsed. */
static void check_directives(struct reader *reader)
{
    yaml_parser_t parser;
    yaml_token_t token;
    int count = 0, depth = 0;
    if (!yaml_parser_initialize(&parser)) die_without_memory();
    yaml_parser_set_input_string(&parser, (const unsigned char *)reader->bytes, reader->size);
    for (bool more = true; more && yaml_parser_scan(&parser, &token); yaml_token_delete(&token)) {
        count += token.type == YAML_TAG_DIRECTIVE_TOKEN;
        depth += token_depth(&token);
        if (count > YAML_TAGS_MAX)
            (void)stop(reader, place_of(reader, token.start_mark),
                       "more than %d %%TAG lines: leave them out, a pipeline file has no tags", YAML_TAGS_MAX);
        more = token.type != YAML_STREAM_END_TOKEN && depth <= YAML_DEPTH_MAX && !reader->stopped;
    }
    yaml_parser_delete(&parser);
}

/* Skips one event. Returns its type; YAML_NO_EVENT: there is none. */
static yaml_event_type_t skip_event(struct reader *reader, struct place *place)
{
    yaml_event_t event;
    if (!next_event(reader, &event)) return YAML_NO_EVENT;
    yaml_event_type_t type = event.type;
    *place = place_of(reader, event.start_mark);
    yaml_event_delete(&event);
    return type;
}

static struct yaml_node *build_document(struct reader *reader)
{
    struct place place = {reader->file, 1, 1};
    if (skip_event(reader, &place) != YAML_STREAM_START_EVENT) return NULL;
    yaml_event_type_t type = skip_event(reader, &place);
    if (type == YAML_STREAM_END_EVENT) return stop(reader, ((struct place){reader->file, 0, 0}), "the file is empty");
    if (type != YAML_DOCUMENT_START_EVENT) return NULL;
    struct yaml_node *root = build_next(reader, 1);
    if (!root) return NULL;
    if (skip_event(reader, &place) == YAML_DOCUMENT_END_EVENT && skip_event(reader, &place) == YAML_DOCUMENT_START_EVENT)
        report(reader, place, "a second document begins here: one file holds one pipeline");
    if (!reader->stopped) return root;
    node_destroy(root);
    return NULL;
}

/* Gives items of a list the name of the list. Runs last, because a list gets its key
 * only after its items are built. */
static void name_items(struct yaml_node *node)
{
    for (struct yaml_node *child = node->children; child; child = child->next) {
        if (!child->key) child->name = node->name;
        name_items(child);
    }
}

struct yaml_node *yaml_tree_parse(const char *bytes, size_t size, const char *file, struct diagnostics *diagnostics)
{
    struct reader reader = {.bytes = bytes, .size = size, .file = file, .diagnostics = diagnostics};
    if (size > YAML_BYTES_MAX)
        return stop(&reader, ((struct place){file, 0, 0}), "the file is larger than %d bytes", YAML_BYTES_MAX);
    if (!yaml_parser_initialize(&reader.parser)) die_without_memory();
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)bytes, size);
    check_directives(&reader);
    struct yaml_node *root = reader.stopped ? NULL : build_document(&reader);
    yaml_parser_delete(&reader.parser);
    if (root) name_items(root);
    return root;
}

void yaml_tree_destroy(struct yaml_node *root)
{
    node_destroy(root);
}

const char *yaml_node_description(const struct yaml_node *node)
{
    if (node->kind == NODE_SEQUENCE) return "a list";
    if (node->kind == NODE_MAPPING) return "a mapping";
    return node->null ? "nothing" : "text";
}

const struct yaml_node *yaml_node_find(const struct yaml_node *mapping, const char *key)
{
    for (const struct yaml_node *child = mapping ? mapping->children : NULL; child; child = child->next)
        if (child->key && !strcmp(child->key, key)) return child;
    return NULL;
}
