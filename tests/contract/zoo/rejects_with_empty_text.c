/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    etl_reject(context, "%s", "");
    return ETL_OK;
}
