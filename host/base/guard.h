/* SPDX-License-Identifier: MIT
 * guard: who is to blame. While code of a plugin runs, a record names the plugin, the
 * handler and the logline, so that a crash, an exit() or a hang in it can be reported
 * by name. For a thread that a plugin started, the report says at least that. Setting
 * the record is a few plain loads and stores of the thread's own memory; a thread of
 * its own watches the time. */
#ifndef BASE_GUARD_H
#define BASE_GUARD_H

#include "base/compiler.h"
#include "base/logline.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>

/* Installs the signal handlers (for crashes, on their own stack; for signals that ask
 * the process to end, unless they are ignored), the exit handlers, the actions for
 * lack of memory and for a child that a plugin forks, and, if timeout_ns is not 0, the
 * watching thread. Once a process, by its main thread. */
void guard_install(int64_t timeout_ns);
/* Registers a cleanup to run before the process dies of a signal, of a plugin's exit()
 * or of a hang, and before the death is reported: it removes temporary outputs or
 * clears the terminal. Called in signal handlers and on any thread, so it may make
 * only async-signal-safe calls. Not called when the process ends normally. At most
 * GUARD_DEATHS_MAX. */
enum { GUARD_DEATHS_MAX = 4 };
void guard_on_death(void (*cleanup)(void));
/* Registers the function that says what has become of the outputs, for the last line
 * of a report ("nothing was published"). It must be async-signal-safe. With a
 * supervisor, both processes register it. */
void guard_ask_fate(const char *(*fate)(void));

/* The code that runs: its plugin, and which part: "handler 'buy'", "etl_plugin_init",
 * "a constructor". */
struct guard_call {
    const char *plugin, *what;
    /* the context with which it may call the host; the address of the call itself:
     * none */
    const void *lent;
};
/* Fills in a call, and keeps copies of its texts for the supervisor. Both texts must
 * live as long as the call does. */
void guard_call_init(struct guard_call *call, const char *plugin, const char *what);

/* What a thread is doing. Signal handlers of the same thread and the watching thread
 * read it. It is in memory shared with the supervisor, which reads it when this
 * process is gone. */
struct guard_record {
    atomic_bool taken; /* by a thread */
    atomic_bool began; /* a call began since the watch last looked */
    /* the host works for the running code: this time does not count */
    atomic_bool serving;
    _Atomic(const struct guard_call *) call;
    _Atomic(const struct logline *) line;
    struct logline logline; /* guard_logline() returns it; it refers to the next two */
    struct block block;
    char source[PATH_MAX];
    struct guard_record *next; /* another thread's */
};
/* Each thread's own. Unknown threads share one. */
extern _Thread_local struct guard_record *guard_record __attribute__((tls_model("initial-exec")));
/* This thread's current logline, for the caller to fill in. It is a line of `block`,
 * of which the record keeps a copy. */
struct logline *guard_logline(const struct block *block);
extern bool guard_in_child; /* this process is a child that a plugin forked */
NORETURN COLD void guard_end_child(void);

/* The call that runs on the thread of this record; guard_idle: no code of a plugin. */
extern const struct guard_call guard_idle;
static inline const struct guard_call *guard_call(const struct guard_record *record)
{
    return atomic_load_explicit(&record->call, memory_order_acquire);
}
/* The same; NULL: no code of a plugin. */
static inline const struct guard_call *guard_running(const struct guard_record *record)
{
    const struct guard_call *call = guard_call(record);
    return call == &guard_idle ? NULL : call;
}

/* Code of a plugin runs from here to guard_leave(). `line` may be NULL. Both arguments
 * must live until guard_leave(). Calls do not nest: reducers run when no handler does. */
static inline void guard_enter(const struct guard_call *call, const struct logline *line)
{
    struct guard_record *record = guard_record;
    atomic_store_explicit(&record->line, line, memory_order_relaxed);
    atomic_store_explicit(&record->began, true, memory_order_relaxed);
    atomic_store_explicit(&record->call, call, memory_order_release);
}

static inline void guard_leave(void)
{
    if (UNLIKELY(guard_in_child)) guard_end_child();
    atomic_store_explicit(&guard_record->call, &guard_idle, memory_order_release);
}

/* Between these two the host works for the plugin's code that runs here: waiting in
 * the host does not count as the plugin's time. */
static inline void guard_serve(void)
{
    atomic_store_explicit(&guard_record->serving, true, memory_order_relaxed);
}

static inline void guard_served(void)
{
    atomic_store_explicit(&guard_record->serving, false, memory_order_relaxed);
}

/* The logline of the code that runs here. */
static inline const struct logline *guard_line(void)
{
    return atomic_load_explicit(&guard_record->line, memory_order_relaxed);
}

/* Reports that the plugin whose code runs here did this ("asked for 2 GiB of memory"),
 * and ends the process with status 1. */
NORETURN void guard_stop(const char *did);

/* ---- for the supervisor, and for the normal end of the process */

/* Creates the memory that both processes share. The supervisor calls it before the
 * fork; without a supervisor guard_install() does. */
void guard_share(void);
/* The run is over and fully reported: whatever a plugin does from now on, the process
 * ends with this status. */
void guard_conclude(int status);
/* Was the end of the process reported, or concluded? */
bool guard_end_was_said(void);
/* Marks the end as reported elsewhere. Async-signal-safe. */
void guard_end_is_said(void);
/* Reports how the process, which is gone, ended ("was killed (SIGKILL)"), and what its
 * threads were doing. */
void guard_report_end(const char *how);

/* Registers a test for forbidden addresses: code that writes to one ends the process
 * and is reported. The test is called in signal handlers. */
void guard_forbid(bool (*is_forbidden)(const void *address));

/* Names what the host does on this thread from now on ("writing results"), for the
 * report of a crash in it. A thread that never calls this counts as a plugin's own.
 * Borrows the text for good. */
void guard_task(const char *task);

/* Called before and after a thread, other than the one of guard_install(), runs code
 * of plugins: gives it a signal stack of its own, and has its calls watched. */
void guard_thread_start(void);
void guard_thread_finish(void);

#endif
