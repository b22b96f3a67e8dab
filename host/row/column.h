/* SPDX-License-Identifier: MIT
 * column: a field of a row or an effect. */
#ifndef ROW_COLUMN_H
#define ROW_COLUMN_H

#include <etl.h>

struct column {
    const char *name;
    enum etl_kind kind;
    enum etl_role role; /* KEY, a fold, or FIELD: kept by a reducer */
    bool optional;
};

#endif
