/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    abort();
}
