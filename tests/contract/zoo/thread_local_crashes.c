/* SPDX-License-Identifier: MIT */
#include "zoo.h"

#include <unistd.h>
#include <sys/syscall.h>

/* What a C++ compiler calls for a thread_local with a destructor. */
int __cxa_thread_atexit_impl(void (*destructor)(void *), void *object, void *library);
extern char __dso_handle __attribute__((visibility("hidden")));

static void destroy(void *object)
{
    (void)object;
    if (syscall(SYS_gettid) != getpid()) abort();
}

static etl_result handle(struct etl_context *context, const void *event)
{
    static _Thread_local int known;
    const struct trade *t = event;
    if (!known++) __cxa_thread_atexit_impl(destroy, &known, &__dso_handle);
    etl_lookup(context, position, .account_id = t->account_id, .ticker = t->ticker);
    return emit_position(context, event);
}

ZOO_INIT
{
    return etl_handle(host, .event_type = "trade", .event = &trade, .handle = handle, .emits = {&position}, .reads = {&position});
}
