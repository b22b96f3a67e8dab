/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    etl_emit_record(context, NULL, t);
    return ETL_OK;
}
