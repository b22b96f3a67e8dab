/* SPDX-License-Identifier: MIT
 * guard: who is to blame. While code of a plugin runs, a record says which plugin, which handler and which logline, so that a
 * crash, an exit() or a hang in it can be reported by name; of a thread that a plugin started, at least that it was one. Setting
 * it costs some eight instructions a call, plain loads and stores of the thread's own memory; the watch on time is a thread of
 * its own. */
#ifndef BASE_GUARD_H
#define BASE_GUARD_H

#include "base/compiler.h"
#include "base/logline.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>

/* Installs the signal handlers (of crashes, on their own stack; of signals that ask for the end of the process, unless they are
 * ignored), the exit handlers, what to do where memory runs out and in a child that a plugin forked, and where timeout_ns is not
 * 0, the thread that watches. Once a process, by its main thread. */
void guard_install(int64_t timeout_ns);
/* What to do before the process dies of a signal, of a plugin's exit() or of a hang, and before that is reported: removes
 * temporary outputs, clears the terminal. Called in signal handlers and on any thread, so only async-signal-safe calls; not
 * called where the process ends as it should. GUARD_DEATHS_MAX of them. */
enum { GUARD_DEATHS_MAX = 4 };
void guard_on_death(void (*cleanup)(void));
/* Who knows what has become of the outputs, for the last line of a report ("nothing was published"). Async-signal-safe. In both
 * processes, where there is a supervisor. */
void guard_ask_fate(const char *(*fate)(void));

/* Whose code runs, and which: "handler 'buy'", "etl_plugin_init", "a constructor". */
struct guard_call {
    const char *plugin, *what;
    const void *lent; /* the context with which it may call the host; the address of the call itself: none */
};
/* Fills in a call, and keeps its texts for the supervisor. Both texts must live as long as the call does. */
void guard_call_init(struct guard_call *call, const char *plugin, const char *what);

/* What a thread is at. Read by signal handlers of the same thread and by the watching thread; and, as it is in memory that both
 * share, by the supervisor when this process is gone. */
struct guard_record {
    atomic_bool taken; /* by a thread */
    atomic_bool began; /* a call, since the watch last looked */
    atomic_bool serving; /* the host works for the code that runs: its time does not count */
    _Atomic(const struct guard_call *) call;
    _Atomic(const struct logline *) line;
    struct logline logline; /* of guard_logline(), and what it refers to: */
    struct block block;
    char source[PATH_MAX];
    struct guard_record *next; /* of another thread */
};
/* Each thread's own; of threads that are not known, the same one. */
extern _Thread_local struct guard_record *guard_record __attribute__((tls_model("initial-exec")));
/* The logline that this thread has at hand, for the caller to fill in. It is one of this block, of which a copy is kept. */
struct logline *guard_logline(const struct block *block);
extern bool guard_in_child; /* that a plugin forked */
NORETURN COLD void guard_end_child(void);

/* What runs on the thread of this record; guard_idle: no code of a plugin. */
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

/* Code of a plugin runs from here. `line` may be NULL. What the two point to must live until guard_leave(). Calls do not nest:
 * reducers run when no handler does. */
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

/* The host works for the code of a plugin that runs here, from the one to the other: what it waits for is not the plugin's time. */
static inline void guard_serve(void)
{
    atomic_store_explicit(&guard_record->serving, true, memory_order_relaxed);
}

static inline void guard_served(void)
{
    atomic_store_explicit(&guard_record->serving, false, memory_order_relaxed);
}

/* The logline of what runs here. */
static inline const struct logline *guard_line(void)
{
    return atomic_load_explicit(&guard_record->line, memory_order_relaxed);
}

/* Reports that the plugin whose code runs here did this ("asked for 2 GiB of memory"), and ends the process with status 1. */
NORETURN void guard_stop(const char *did);

/* ---- for the supervisor, and for what ends the process as it should */

/* Makes the memory that both processes share. Before the fork; guard_install() does it where there is no supervisor. */
void guard_share(void);
/* The run is over, and all of it is said: whatever a plugin does from here on, the process ends with this status. */
void guard_conclude(int status);
/* Was the end of the process reported, or concluded? */
bool guard_end_was_said(void);
/* It was reported by others. Async-signal-safe. */
void guard_end_is_said(void);
/* Reports that the process, which is gone, ended so ("was killed (SIGKILL)"), and what its threads were at. */
void guard_report_end(const char *how);

/* Whoever writes to an address of which this is true ends the process, and is reported. Called in signal handlers. */
void guard_forbid(bool (*is_forbidden)(const void *address));

/* What the host does on this thread from here on ("writing results"), for who reads that it crashed there. Of a thread that never
 * says so it is a plugin's own. Borrows the text for good. */
void guard_task(const char *task);

/* Before and after a thread other than the one of guard_install() enters plugins: its own signal stack, and its calls are
 * watched. */
void guard_thread_start(void);
void guard_thread_finish(void);

#endif
