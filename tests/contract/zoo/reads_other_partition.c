/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER_WITH(.emits = {&position}, .reads = {&position})
{
    if (etl_string_is(t->ticker, "A")) return emit_position(context, t);
    etl_lookup(context, position, .account_id = 7, .ticker = t->ticker);
    return ETL_OK;
}
