/* SPDX-License-Identifier: MIT
 * fields: what all stages know of the fields that plugins declare: what kinds and roles there are, and how to walk along a
 * declaration that was found to be good. */
#ifndef BASE_FIELDS_H
#define BASE_FIELDS_H

#include <etl.h>

enum { KIND_COUNT = ETL_KIND_JSON + 1, ROLE_COUNT = ETL_ROLE_VALUE + 1 }; /* with 0, which is none */

struct kind {
    const char *name;       /* as one declares it: "int64" */
    const char *phrase;     /* as people say it: "an integer" */
    size_t size, alignment; /* of a member of a struct */
};
extern const struct kind kinds[];       /* by enum etl_kind */
extern const char *const role_names[]; /* by enum etl_role */

/* The plugin's fields may be longer than those that this host knows. */
static inline const struct etl_field *record_field(const struct etl_record *record, size_t index)
{
    return (const struct etl_field *)(const void *)((const char *)record->fields + index * record->field_size);
}

#endif
