/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_INIT
{
    *(volatile int *)NULL = 1;
    return ETL_OK;
}
