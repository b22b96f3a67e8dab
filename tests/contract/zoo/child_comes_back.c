/* SPDX-License-Identifier: MIT */
#include "zoo.h"

#include <unistd.h>

ZOO_HANDLER
{
    fork();
    return emit_position(context, t);
}
