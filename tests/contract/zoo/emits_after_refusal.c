/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    if (etl_string_is(t->ticker, "A")) etl_reject(context, "A is not traded");
    emit_position(context, t);
    etl_reject(context, "%s", etl_string_is(t->ticker, "A") ? "the second reason" : "B neither");
    return ETL_OK;
}
