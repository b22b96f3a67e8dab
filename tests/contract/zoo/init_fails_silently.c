/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_INIT
{
    return ETL_FAIL;
}
