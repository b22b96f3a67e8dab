/* SPDX-License-Identifier: MIT
 * Ends the process where ZOO_WHERE says, in the way that ZOO_HOW says: for test_ends.py. */
#define _GNU_SOURCE
#include "zoo.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void end_by_exit(void) { exit(0); }
static void end_by_quick_exit(void) { quick_exit(0); }
static void end_by__exit(void) { _exit(0); }
static void end_by__exit_7(void) { _exit(7); }
static void end_by_exit_group(void) { syscall(SYS_exit_group, 0); }
static void end_by_exec(void) { execl("/bin/true", "true", (char *)NULL); }
static void end_by_kill(void) { kill(getpid(), SIGKILL); }
static void end_by_term(void) { kill(getpid(), SIGTERM); pause(); }
static void end_by_abort(void) { abort(); }
static void end_by_segv(void) { *(volatile int *)NULL = 1; }
/* The host's handlers of signals are gone, so that nobody reports it. */
static void end_by_silent_segv(void) { signal(SIGSEGV, SIG_DFL), end_by_segv(); }
static void end_by_thread_exit(void) { syscall(SYS_exit, 0); }

static const struct {
    const char *name;
    void (*end)(void);
} ways[] = {
    {"exit", end_by_exit}, {"quick_exit", end_by_quick_exit}, {"_exit", end_by__exit}, {"_exit_7", end_by__exit_7},
    {"exit_group", end_by_exit_group}, {"exec", end_by_exec}, {"kill", end_by_kill}, {"term", end_by_term},
    {"abort", end_by_abort}, {"segv", end_by_segv}, {"silent_segv", end_by_silent_segv}, {"thread_exit", end_by_thread_exit},
};

static void end_in(const char *where)
{
    const char *chosen = getenv("ZOO_WHERE"), *how = getenv("ZOO_HOW");
    if (!chosen || !how || strcmp(chosen, where)) return;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (!strcmp(ways[i].name, how)) ways[i].end();
}

struct total {
    double amount;
};
ETL_ROW(total, ETL_FIELD(total, amount));

static void reduce(void *row, const void *effect)
{
    const struct position *p = effect;
    if (etl_string_is(p->ticker, "B")) end_in("reducer");
    ((struct total *)row)->amount += p->amount;
}

static etl_result handle(struct etl_context *context, const void *event)
{
    const struct trade *t = event;
    if (etl_string_is(t->ticker, "B")) end_in("handler");
    return emit_position(context, t);
}

static void *wait_and_end(void *unused)
{
    usleep(1000);
    end_in("thread");
    return unused;
}

static void at_exit(void) { end_in("atexit"); }
__attribute__((constructor)) static void construct(void) { end_in("constructor"); }
__attribute__((destructor)) static void destruct(void) { end_in("destructor"); }

ZOO_INIT
{
    pthread_t id;
    const char *where = getenv("ZOO_WHERE");
    end_in("init");
    atexit(at_exit);
    if (where && !strcmp(where, "thread") && (pthread_create(&id, NULL, wait_and_end, NULL) || pthread_join(id, NULL)))
        return ETL_FAIL;
    etl_reduce(host, .effect = &position, .row = &total, .reduce = reduce);
    return etl_handle(host, .event_type = "trade", .event = &trade, .handle = handle, .emits = {&position});
}
