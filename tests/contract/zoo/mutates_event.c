/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    ((struct trade *)(uintptr_t)t)->amount = 1000;
    ((struct trade *)(uintptr_t)t)->ticker = ETL_STRING("Z");
    return ETL_OK;
}
