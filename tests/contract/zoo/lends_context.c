/* SPDX-License-Identifier: MIT */
#define ZOO_EXACT
#include "zoo.h"

#include <pthread.h>

struct loan {
    struct etl_context *context;
    const struct trade *trade;
};

static void *emit(void *loan)
{
    emit_position(((struct loan *)loan)->context, ((struct loan *)loan)->trade);
    return NULL;
}

ZOO_HANDLER
{
    struct loan loan = {context, t};
    pthread_t thread;
    emit_position(context, t);
    if (!pthread_create(&thread, NULL, emit, &loan)) pthread_join(thread, NULL);
    return ETL_OK;
}
