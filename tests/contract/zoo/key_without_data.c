/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER_WITH(.emits = {&position}, .reads = {&position})
{
    if (etl_string_is(t->ticker, "A")) return emit_position(context, t);
    return etl_emit(context, position, .account_id = t->account_id, .ticker = {NULL, t->ticker.size}, .amount = t->amount);
}
