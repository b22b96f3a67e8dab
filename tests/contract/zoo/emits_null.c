/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    etl_emit_record(context, &position, NULL);
    return ETL_OK;
}
