/* SPDX-License-Identifier: MIT */
#include "zoo.h"

#include <pthread.h>

ZOO_HANDLER
{
    pthread_exit(NULL);
    return ETL_OK;
}
