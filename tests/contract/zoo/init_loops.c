/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_INIT
{
    for (volatile bool on = true; on;) {}
    return ETL_OK;
}
