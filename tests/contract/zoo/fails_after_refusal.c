/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    return etl_emit(context, position, .ticker = {"\xFF", 1}) == ETL_OK ? ETL_OK : ETL_FAIL;
}
