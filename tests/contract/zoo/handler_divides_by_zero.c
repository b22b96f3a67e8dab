/* SPDX-License-Identifier: MIT */
#include "zoo.h"

#include <signal.h>

ZOO_HANDLER
{
    raise(SIGFPE); /* what a division by zero does, on every processor and under every sanitizer */
    return ETL_OK;
}
