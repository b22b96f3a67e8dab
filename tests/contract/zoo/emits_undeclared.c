/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    emit_position(context, t);
    etl_emit(context, note, .account_id = 1, .text = ETL_STRING("nobody said so"));
    return ETL_OK;
}
