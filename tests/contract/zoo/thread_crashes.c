/* SPDX-License-Identifier: MIT */
#include "zoo.h"

#include <pthread.h>

static void *leave(void *unused)
{
    abort();
    return unused;
}

ZOO_HANDLER
{
    pthread_t thread;
    if (!pthread_create(&thread, NULL, leave, NULL)) pthread_join(thread, NULL);
    return ETL_OK;
}
