/* SPDX-License-Identifier: MIT */
#define ZOO_EXACT
#include "zoo.h"

ZOO_HANDLER
{
    emit_position(context, t);
    etl_emit_record(context, &position, NULL);
    return ETL_OK;
}
