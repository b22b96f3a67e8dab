/* SPDX-License-Identifier: MIT
 * Building a schema: paths, nodes, event types and the frame. */
#include "decode/schema.h"
#include "base/fields.h"
#include "base/memory.h"
#include "base/utf8.h"

#include <stdlib.h>

static uint32_t node_add(struct schema *schema, uint32_t parent, const char *path, size_t path_size)
{
    schema->nodes = reallocate(schema->nodes, (schema->node_count + 1) * sizeof *schema->nodes);
    char *copy = allocate(path_size + 1);
    memcpy(copy, path, path_size);
    schema->nodes[schema->node_count] = (struct node){.parent = parent, .path = copy};
    return schema->node_count++;
}

/* Takes a key off the front of a path, and removes its backslashes. Returns what
 * follows it, or NULL. */
static const char *key_take(const char *path, char *key, size_t *size, struct error *error)
{
    const char *at = path;
    for (*size = 0; *at && *at != '.'; at++) {
        if (*at == '\\' && *++at != '.' && *at != '\\') {
            error_set(error, "a backslash stands before '.' or '\\', nowhere else");
            return NULL;
        }
        key[(*size)++] = *at;
    }
    if (*size) return at;
    error_set(error, "there is an empty key in it");
    return NULL;
}

/* Is this a path? If not, `error` says why. */
static bool path_check(const char *path, struct error *error)
{
    size_t keys = 0, size;
    if (!utf8_valid(path, strlen(path))) return error_set(error, "it is not UTF-8");
    char *key = allocate(strlen(path) + 1);
    const char *rest = path;
    while ((rest = key_take(rest, key, &size, error)) && ++keys && *rest == '.') rest++;
    free(key);
    if (rest && keys > DECODE_DEPTH_MAX) return error_set(error, "it has more than %d keys", DECODE_DEPTH_MAX);
    return rest;
}

/* The node of a checked path, which is added if it is new. */
static uint32_t path_node(struct schema *schema, const char *path)
{
    struct error unused;
    char *key = allocate(strlen(path) + KEY_PADDING);
    uint32_t node = NODE_ROOT;
    size_t size;
    for (const char *rest = path;; rest++) {
        rest = key_take(rest, key, &size, &unused);
        uint32_t child = keys_find(&schema->keys, node, key, size);
        if (!child) {
            child = node_add(schema, node, path, (size_t)(rest - path));
            keys_add(&schema->keys, node, key, size, child);
        }
        schema->nodes[node].inner = true;
        node = child;
        if (!*rest) break;
    }
    free(key);
    return node;
}

struct schema *schema_create(const char *event_type_path, struct error *error)
{
    struct error why;
    if (!path_check(event_type_path, &why)) {
        error_set(error, "'%s' is not a path of keys: %s", event_type_path, why.text);
        return NULL;
    }
    struct schema *schema = allocate(sizeof *schema);
    node_add(schema, NODE_ROOT, "", 0);
    schema->type_node = path_node(schema, event_type_path);
    return schema;
}

unsigned schema_event_type(struct schema *schema, const char *name)
{
    size_t size = strlen(name);
    char *padded = allocate(size + KEY_PADDING);
    memcpy(padded, name, size);
    uint32_t number = keys_find(&schema->type_names, 0, padded, size);
    if (!number) {
        schema->types = reallocate(schema->types, (schema->type_count + 1) * sizeof *schema->types);
        schema->types[schema->type_count] = (struct event_type){.name = copy_text(name)};
        number = ++schema->type_count;
        keys_add(&schema->type_names, 0, padded, size, number);
    }
    free(padded);
    return number - 1;
}

size_t schema_event_type_count(const struct schema *schema)
{
    return schema->type_count;
}

static bool paths_check(const struct etl_record *record, struct error *error)
{
    for (size_t i = 0; i < record->field_count; i++) {
        const struct etl_field *field = record_field(record, i);
        struct error why;
        if (field->path && !path_check(field->path, &why))
            return error_set(error, "event '%s', field '%s': '%s' is not a path of keys: %s", record->name, field->name,
                             field->path, why.text);
    }
    return true;
}

/* The node of a name, which is one key whatever it contains. */
static uint32_t name_node(struct schema *schema, const char *name)
{
    char *path = allocate(strlen(name) * 2 + 1);
    for (char *to = path; *name; *to++ = *name++)
        if (*name == '.' || *name == '\\') *to++ = '\\';
    uint32_t node = path_node(schema, path);
    free(path);
    return node;
}

static struct want want_of(struct schema *schema, const struct etl_field *field, size_t offset)
{
    bool typed = field->role == ETL_ROLE_EVENT_TYPE;
    return (struct want){
        .path = field->path ? field->path : field->name,
        .node = typed ? schema->type_node : field->path ? path_node(schema, field->path) : name_node(schema, field->name),
        .kind = typed ? (uint32_t)WANT_EVENT_TYPE : field->kind,
        .unit = field->unit ? field->unit : ETL_SECONDS,
        .optional = field->optional,
        .offset = offset + field->offset,
        .has_offset = offset + field->has_offset,
    };
}

static void struct_place(struct schema *schema, struct event_type *type, const struct etl_event *event)
{
    const struct etl_record *record = &event->record;
    size_t offset = schema->frame_size, size = record->struct_size;
    schema->frame_size += (size + FRAME_ALIGNMENT - 1) & ~(size_t)(FRAME_ALIGNMENT - 1);
    type->structs = reallocate(type->structs, (type->struct_count + 1) * sizeof *type->structs);
    type->structs[type->struct_count++] = (struct placed){event, offset};
    type->wants = reallocate(type->wants, (type->want_count + record->field_count) * sizeof *type->wants);
    for (size_t i = 0; i < record->field_count; i++)
        type->wants[type->want_count++] = want_of(schema, record_field(record, i), offset);
}

bool schema_add_struct(struct schema *schema, unsigned event_type, const struct etl_event *event, size_t *offset,
                       struct error *error)
{
    struct event_type *type = &schema->types[event_type];
    for (size_t i = 0; i < type->struct_count; i++) {
        if (type->structs[i].event != event) continue;
        *offset = type->structs[i].offset;
        return true;
    }
    if (!paths_check(&event->record, error)) return false;
    *offset = schema->frame_size;
    struct_place(schema, type, event);
    return true;
}

void schema_destroy(struct schema *schema)
{
    if (!schema) return;
    for (unsigned i = 0; i < schema->type_count; i++) {
        free(schema->types[i].name);
        free(schema->types[i].wants);
        free(schema->types[i].structs);
    }
    for (uint32_t i = 0; i < schema->node_count; i++) free(schema->nodes[i].path);
    keys_finish(&schema->keys);
    keys_finish(&schema->type_names);
    free(schema->types);
    free(schema->nodes);
    free(schema);
}
