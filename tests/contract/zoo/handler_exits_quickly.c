/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    quick_exit(0);
}
