/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    return etl_allocate(context, SIZE_MAX / 2) ? ETL_OK : ETL_OK;
}
