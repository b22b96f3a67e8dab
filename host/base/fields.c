/* SPDX-License-Identifier: MIT
 * The tables of kinds and roles. */
#include "base/fields.h"

#define MEMBER(type) sizeof(type), _Alignof(type)

const struct kind kinds[] = {
    [ETL_KIND_STRING] = {"string", "a string", MEMBER(etl_string)},
    [ETL_KIND_INT64] = {"int64", "an integer", MEMBER(int64_t)},
    [ETL_KIND_DOUBLE] = {"double", "a number", MEMBER(double)},
    [ETL_KIND_BOOL] = {"bool", "a boolean", MEMBER(bool)},
    [ETL_KIND_DECIMAL] = {"decimal", "a decimal", MEMBER(etl_decimal)},
    [ETL_KIND_TIMESTAMP] = {"timestamp", "a time", MEMBER(etl_timestamp)},
    [ETL_KIND_JSON] = {"json", "a value", MEMBER(etl_json)},
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
