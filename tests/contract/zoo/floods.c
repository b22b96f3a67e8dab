/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    int64_t count = etl_string_is(t->ticker, "A") ? 65537 : 65536;
    for (int64_t i = 0; i < count; i++) etl_emit(context, position, .account_id = 1, .ticker = t->ticker, .amount = 1);
    return ETL_OK;
}
