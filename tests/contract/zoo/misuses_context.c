/* SPDX-License-Identifier: MIT
 * `how`: what it does with its context. */
#define ZOO_EXACT
#include "zoo.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static struct etl_context *_Atomic kept;
static atomic_bool done;
static char how[32];

static bool is(const char *what)
{
    return !strcmp(how, what);
}

static etl_result use(struct etl_context *context)
{
    struct trade none = {.ticker = ETL_STRING("none")};
    etl_log(context, ETL_INFO, "still here");
    etl_reject(context, "not any more");
    return emit_position(context, &none);
}

/* Without an end. */
static void *use_on(void *context)
{
    for (;;) {
        use(context);
        atomic_store(&done, true);
    }
    return NULL;
}

static void *use_later(void *context)
{
    usleep(20000);
    return use_on(context);
}

static void start(void *(*function)(void *), struct etl_context *context)
{
    pthread_t thread;
    if (!pthread_create(&thread, NULL, function, context)) pthread_detach(thread);
}

/* Not memset(), which a sanitizer would stop before the host can. */
__attribute__((no_sanitize("address"))) static void clear(volatile char *at, size_t size)
{
    while (size--) *at++ = 0;
}

static etl_result misuse(struct etl_context *context, const struct trade *t)
{
    struct etl_context copy = *context;
    bool first = !atomic_exchange(&kept, context);

    if (is("zeros")) memset(context, 0, sizeof *context);
    if (is("ones")) memset(context, 0xFF, sizeof *context);
    if (is("far")) clear((char *)context - 8, 4096);
    if (is("data")) context->data = context;
    if (is("copy")) use(&copy);
    if (is("nothing")) copy.emit(NULL, &position, t);
    if (is("thread") && first) start(use_on, context);
    if (is("later") && first) start(use_later, context);
    while ((is("thread") || (is("later") && !first)) && !atomic_load(&done)) usleep(100);
    return ETL_OK;
}

static etl_result handle(struct etl_context *context, const void *event)
{
    emit_position(context, event);
    return misuse(context, event);
}

struct total {
    etl_decimal amount;
};
ETL_ROW(total, ETL_FIELD(total, amount));

static void reduce(void *row ETL_UNUSED_, const void *effect ETL_UNUSED_)
{
    if (is("reducer")) use(kept);
}

ZOO_INIT
{
    snprintf(how, sizeof how, "%s", etl_config_string(host, "how", "none"));
    etl_reduce(host, .effect = &position, .row = &total, .reduce = reduce);
    return etl_handle(host, .event_type = "trade", .event = &trade, .handle = handle, .emits = {&position});
}
