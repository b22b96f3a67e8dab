/* SPDX-License-Identifier: MIT
 * fields: what all stages know about the fields that plugins declare: the kinds and
 * roles, and access to the fields of a validated declaration. */
#ifndef BASE_FIELDS_H
#define BASE_FIELDS_H

#include <etl.h>

/* including 0, which is none */
enum { KIND_COUNT = ETL_KIND_JSON + 1, ROLE_COUNT = ETL_ROLE_VALUE + 1 };

struct kind {
    const char *name;       /* as in a declaration: "int64" */
    const char *phrase;     /* as in a message: "an integer" */
    size_t size, alignment; /* of the member in a struct */
    uint32_t words;         /* of a value in a row, except for sums of int64 */
    bool is_text;           /* a row may own the bytes of the value */
    bool is_number;         /* a table shows it on the right */
    uint32_t roles;         /* bit n: a field may have role n of enum etl_role in an effect or row */
};
extern const struct kind kinds[];       /* by enum etl_kind */
extern const char *const role_names[]; /* by enum etl_role */

/* Field `index` of a record. A plugin's struct etl_field may be longer than this
 * host's. */
static inline const struct etl_field *record_field(const struct etl_record *record, size_t index)
{
    return (const struct etl_field *)(const void *)((const char *)record->fields + index * record->field_size);
}

#endif
