/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    return etl_lookup(context, position, .account_id = 1, .ticker = t->ticker) ? ETL_OK : ETL_OK;
}
