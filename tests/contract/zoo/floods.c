/* SPDX-License-Identifier: MIT */
#define ZOO_EXACT
#include "zoo.h"

ZOO_HANDLER
{
    int64_t count = etl_string_is(t->ticker, "A") ? 65537 : 65536;
    etl_decimal one = etl_decimal_from_int64(1);
    for (int64_t i = 0; i < count; i++) etl_emit(context, position, .account_id = 1, .ticker = t->ticker, .amount = one);
    return ETL_OK;
}
