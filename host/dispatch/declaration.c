/* SPDX-License-Identifier: MIT
 * Checks of structs and declarations that plugins hand over. */
#include "base/fields.h"
#include "base/utf8.h"
#include "dispatch/dispatch_impl.h"

enum { STRUCT_MAX = 4096, RECORD_MAX = 1 << 20, FIELDS_MAX = 4096, NAME_MAX_BYTES = 255, PATH_MAX_BYTES = 4096 };

/* The roles that fields of each declaration may have, a bit each. */
#define ROLE(role) (1u << (role))
static const struct {
    const char *name;
    unsigned roles;
} declarations[] = {
    [DECLARATION_EVENT] = {"event", ROLE(ETL_ROLE_FIELD) | ROLE(ETL_ROLE_EVENT_TYPE)},
    [DECLARATION_EFFECT] = {"effect", ROLE(ETL_ROLE_KEY) | ROLE(ETL_ROLE_SUM) | ROLE(ETL_ROLE_LAST) | ROLE(ETL_ROLE_FIRST) |
                                          ROLE(ETL_ROLE_MIN) | ROLE(ETL_ROLE_MAX) | ROLE(ETL_ROLE_COUNT) | ROLE(ETL_ROLE_VALUE)},
    [DECLARATION_ROW] = {"row", ROLE(ETL_ROLE_FIELD)},
};

static const uint32_t units[] = {0, ETL_SECONDS, ETL_MILLISECONDS, ETL_MICROSECONDS, ETL_NANOSECONDS};

static bool is_zero(const char *data, size_t size)
{
    while (size && !*data) data++, size--;
    return !size;
}

bool struct_take(void *to, size_t known, size_t least, const void *from, size_t size, const char *what, struct error *error)
{
    if (size < least || size > STRUCT_MAX)
        return error_set(error, "%s has %zu bytes, where ABI 1.0 has %zu: build the plugin against this host's etl.h", what, size,
                         least);
    if (size > known && !is_zero((const char *)from + known, size - known))
        return error_set(error, "%s uses members beyond the %zu bytes that this host knows: run a newer etl-host", what, known);
    if (!to) return true;
    memset(to, 0, known);
    memcpy(to, from, size < known ? size : known);
    return true;
}

bool text_check(const char *text, const char *what, size_t most, struct error *error)
{
    if (!text) return error_set(error, "%s is NULL", what);
    size_t size = strnlen(text, most + 1);
    if (!size) return error_set(error, "%s is empty", what);
    if (size > most) return error_set(error, "%s has more than %zu bytes", what, most);
    return utf8_valid(text, size) || error_set(error, "%s is not UTF-8", what);
}

bool name_check(const char *name, const char *what, size_t most, struct error *error)
{
    if (!text_check(name, what, most, error)) return false;
    for (const char *at = name; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7F) return error_set(error, "%s has a control character", what);
    return true;
}

/* Does a member of this size and alignment fit inside the struct? */
static bool fits(const struct etl_record *record, uint32_t offset, size_t size, size_t alignment)
{
    return offset % alignment == 0 && offset <= record->struct_size && size <= record->struct_size - offset;
}

static bool check_unit(const struct etl_field *field)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (field->unit == units[i]) return !field->unit || field->kind == ETL_KIND_TIMESTAMP;
    return false;
}

static bool check_values(const struct etl_record *record, const struct etl_field *field, enum declaration what,
                         struct error *error)
{
    if (!field->kind || field->kind >= KIND_COUNT) return error_set(error, "unknown kind %u", field->kind);
    if (field->role >= ROLE_COUNT || !(declarations[what].roles & ROLE(field->role)))
        return error_set(error, "%s fields cannot have role %u", declarations[what].name, field->role);
    if (!fits(record, field->offset, kinds[field->kind].size, kinds[field->kind].alignment))
        return error_set(error, "offset %u does not stand in a struct of %u bytes", field->offset, record->struct_size);
    if (field->optional > 1) return error_set(error, ".optional is %u, neither 0 nor 1", field->optional);
    if (field->optional && !fits(record, field->has_offset, 1, 1))
        return error_set(error, ".has_offset %u does not stand in a struct of %u bytes", field->has_offset, record->struct_size);
    if (field->optional && field->role == ETL_ROLE_KEY) return error_set(error, "a key cannot be optional");
    if (field->role == ETL_ROLE_EVENT_TYPE && (field->kind != ETL_KIND_STRING || field->optional))
        return error_set(error, "an event type is a string, and not optional");
    if (!check_unit(field)) return error_set(error, "unit %u is none of an integer epoch", field->unit);
    return !field->path || text_check(field->path, "the path", PATH_MAX_BYTES, error);
}

static bool check_field(const struct etl_record *record, size_t index, enum declaration what, struct error *error)
{
    const struct etl_field *field = record_field(record, index);
    struct error why;
    if (!name_check(field->name, "the name", NAME_MAX_BYTES, &why))
        return error_set(error, "%s '%s', field %zu: %s", declarations[what].name, record->name, index + 1, why.text);
    if (!struct_take(NULL, sizeof *field, sizeof *field, field, record->field_size, "etl_field", &why) ||
        !check_values(record, field, what, &why))
        return error_set(error, "%s '%s', field '%s': %s", declarations[what].name, record->name, field->name, why.text);
    return true;
}

bool declaration_check(const struct etl_record *record, enum declaration what, struct error *error)
{
    const char *name = declarations[what].name;
    struct error why;
    if (!struct_take(NULL, sizeof *record, sizeof *record, record, record->size, name, error)) return false;
    if (!name_check(record->name, "the name", NAME_MAX_BYTES, &why)) return error_set(error, "%s: %s", name, why.text);
    if (!record->struct_size || record->struct_size > RECORD_MAX)
        return error_set(error, "%s '%s': its struct has %u bytes, not 1 to %d", name, record->name, record->struct_size,
                         RECORD_MAX);
    if (record->field_count > FIELDS_MAX)
        return error_set(error, "%s '%s' has %u fields, more than %d", name, record->name, record->field_count, FIELDS_MAX);
    if (record->field_count && !record->fields) return error_set(error, "%s '%s': its fields are NULL", name, record->name);
    if (record->field_count && (record->field_size < sizeof(struct etl_field) || record->field_size % _Alignof(struct etl_field)))
        return error_set(error, "%s '%s': a field has %u bytes, where ABI 1.0 has %zu", name, record->name, record->field_size,
                         sizeof(struct etl_field));
    for (size_t i = 0; i < record->field_count; i++)
        if (!check_field(record, i, what, error)) return false;
    return true;
}

const struct etl_field *declaration_find(const struct etl_record *record, const char *name)
{
    for (size_t i = 0; i < record->field_count; i++)
        if (!strcmp(record_field(record, i)->name, name)) return record_field(record, i);
    return NULL;
}
