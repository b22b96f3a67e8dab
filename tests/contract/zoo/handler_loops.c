/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    for (volatile bool on = true; on;) {}
    return ETL_OK;
}
