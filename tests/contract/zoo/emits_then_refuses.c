/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    emit_position(context, t);
    return etl_string_is(t->ticker, "A") ? etl_reject(context, "A is not traded") : ETL_OK;
}
