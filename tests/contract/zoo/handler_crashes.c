/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    if (etl_string_is(t->ticker, "B")) *(volatile int *)NULL = 1;
    return emit_position(context, t);
}
