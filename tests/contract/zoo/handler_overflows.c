/* SPDX-License-Identifier: MIT */
#include "zoo.h"

static int sink(volatile char *from, int depth)
{
    volatile char here[4096];
    here[depth & 4095] = from[0];
    return depth < 0 ? here[0] : sink(here, depth + 1) + here[1];
}

ZOO_HANDLER
{
    volatile char start[1] = {1};
    return sink(start, 0) ? ETL_OK : emit_position(context, t);
}
