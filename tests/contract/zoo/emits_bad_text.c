/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    etl_emit(context, position, .account_id = 1, .ticker = {"\xC3", 1});
    return ETL_OK;
}
