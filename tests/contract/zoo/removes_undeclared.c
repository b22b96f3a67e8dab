/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    etl_remove(context, note, .account_id = 1);
    return ETL_OK;
}
