/* SPDX-License-Identifier: MIT */
#include "effects/binding.h"
#include "base/fields.h"
#include "base/memory.h"

static bool add_column(struct layout *layout, struct members **members, const struct etl_field *field, struct error *error)
{
    if (!strcmp(field->name, "effect") || !strcmp(field->name, "remove"))
        return error_set(error, "field '%s': the names 'effect' and 'remove' are reserved", field->name);
    if (!(kinds[field->kind].roles >> field->role & 1))
        return error_set(error, "field '%s': a member of kind %s cannot have role %s", field->name, kinds[field->kind].name,
                         role_names[field->role]);
    if (layout->column_count == COLUMNS_MAX) return error_set(error, "more than %d fields", COLUMNS_MAX);
    for (uint32_t i = 0; i < layout->column_count; i++)
        if (!strcmp(layout->columns[i].column.name, field->name))
            return error_set(error, "two fields are named '%s'", field->name);

    *members = reallocate(*members, (layout->column_count + 1) * sizeof **members);
    (*members)[layout->column_count] = (struct members){field->offset, field->has_offset};
    layout_add(layout, &(struct column){field->name, field->kind, field->role, field->optional != 0});
    return true;
}

bool effect_columns(const struct etl_effect *effect, struct layout *layout, struct members **members, struct error *error)
{
    for (uint32_t i = 0; i < effect->record.field_count; i++) {
        const struct etl_field *field = record_field(&effect->record, i);
        if (field->role == ETL_ROLE_KEY && layout->key_count != layout->column_count)
            return error_set(error, "key '%s' stands behind a value: keys come first", field->name);
        if (!add_column(layout, members, field, error)) return false;
    }
    if (!layout->key_count) return error_set(error, "it has no key: declare one with ETL_KEY");
    return true;
}

bool row_columns(const struct etl_row *row, const struct layout *effect, struct layout *layout, struct members **members,
                 struct error *error)
{
    *members = allocate(effect->key_count * sizeof **members);
    for (uint32_t i = 0; i < effect->key_count; i++) layout_add(layout, &effect->columns[i].column);
    for (uint32_t i = 0; i < row->record.field_count; i++)
        if (!add_column(layout, members, record_field(&row->record, i), error)) return false;
    if (layout->column_count == layout->key_count) return error_set(error, "it has no field");
    return true;
}

bool layouts_agree(const struct layout *a, const struct layout *b, struct error *error)
{
    uint32_t most = a->column_count > b->column_count ? a->column_count : b->column_count;
    for (uint32_t i = 0; i < most; i++) {
        if (i >= a->column_count) return error_set(error, "field '%s' is only here", b->columns[i].column.name);
        if (i >= b->column_count) return error_set(error, "field '%s' is only there", a->columns[i].column.name);
        const struct column *x = &a->columns[i].column, *y = &b->columns[i].column;
        if (strcmp(x->name, y->name)) return error_set(error, "field %u is '%s' there and '%s' here", i + 1, x->name, y->name);
        if (x->kind != y->kind || x->role != y->role || x->optional != y->optional)
            return error_set(error, "field '%s' is %s%s of kind %s there and %s%s of kind %s here", x->name,
                             x->optional ? "optional " : "", role_names[x->role], kinds[x->kind].name,
                             y->optional ? "optional " : "", role_names[y->role], kinds[y->kind].name);
    }
    return true;
}
