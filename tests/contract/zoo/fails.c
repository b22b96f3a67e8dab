/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    return etl_fail(context, "the price list is from %d", 1999);
}
