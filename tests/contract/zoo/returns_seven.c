/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    emit_position(context, t);
    return (etl_result)7;
}
