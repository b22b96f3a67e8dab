/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    double zero = 0;
    etl_emit(context, position, .account_id = 1, .ticker = t->ticker, .amount = zero / zero);
    return ETL_OK;
}
