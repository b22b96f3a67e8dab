/* SPDX-License-Identifier: MIT
 * The tables of kinds and roles. */
#include "base/fields.h"

#define MEMBER(type) .size = sizeof(type), .alignment = _Alignof(type)
#define ROLE(name) (1u << ETL_ROLE_##name)

/* The roles that every kind may have; and, on top, those of kinds that have an order. */
#define PLAIN_ROLES (ROLE(FIELD) | ROLE(EVENT_TYPE) | ROLE(FIRST) | ROLE(LAST) | ROLE(VALUE))
#define ORDERED_ROLES (PLAIN_ROLES | ROLE(MIN) | ROLE(MAX))

const struct kind kinds[] = {
    [ETL_KIND_STRING] = {"string", "a string", MEMBER(etl_string), .words = 2, .is_text = true,
        .roles = ORDERED_ROLES | ROLE(KEY)},
    [ETL_KIND_INT64] = {"int64", "an integer", MEMBER(int64_t), .words = 1, .is_number = true,
        .roles = ORDERED_ROLES | ROLE(KEY) | ROLE(SUM) | ROLE(COUNT)},
    [ETL_KIND_DOUBLE] = {"double", "a number", MEMBER(double), .words = 1, .is_number = true,
        .roles = ORDERED_ROLES | ROLE(SUM)},
    [ETL_KIND_BOOL] = {"bool", "a boolean", MEMBER(bool), .words = 1,
        .roles = ORDERED_ROLES | ROLE(KEY)},
    [ETL_KIND_DECIMAL] = {"decimal", "a decimal", MEMBER(etl_decimal), .words = 3, .is_number = true,
        .roles = ORDERED_ROLES | ROLE(KEY) | ROLE(SUM)},
    [ETL_KIND_TIMESTAMP] = {"timestamp", "a time", MEMBER(etl_timestamp), .words = 1,
        .roles = ORDERED_ROLES | ROLE(KEY)},
    [ETL_KIND_JSON] = {"json", "a value", MEMBER(etl_json), .words = 2, .is_text = true,
        .roles = PLAIN_ROLES},
};
_Static_assert(sizeof kinds / sizeof *kinds == KIND_COUNT, "a row for each kind");

const char *const role_names[] = {
    [ETL_ROLE_FIELD] = "field",
    [ETL_ROLE_EVENT_TYPE] = "event type",
    [ETL_ROLE_KEY] = "key",
    [ETL_ROLE_SUM] = "sum",
    [ETL_ROLE_LAST] = "last",
    [ETL_ROLE_FIRST] = "first",
    [ETL_ROLE_MIN] = "min",
    [ETL_ROLE_MAX] = "max",
    [ETL_ROLE_COUNT] = "count",
    [ETL_ROLE_VALUE] = "value",
};
_Static_assert(sizeof role_names / sizeof *role_names == ROLE_COUNT, "a name for each role");
