/* SPDX-License-Identifier: MIT */
#include "zoo.h"

#include <signal.h>

ZOO_HANDLER
{
    raise(SIGUSR1);
    return ETL_OK;
}
