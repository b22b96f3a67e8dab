/* SPDX-License-Identifier: MIT
 * guard: who is to blame. While code of a plugin runs, a record says which plugin, which handler and which logline, so that a
 * crash, an exit() or a hang in it can be reported by name; of a thread that a plugin started, at least that it was one. Setting
 * it costs a few stores a call; the watch on time is a thread of its own. */
#ifndef DISPATCH_GUARD_H
#define DISPATCH_GUARD_H

#include "source/source.h"

#include <stdint.h>

/* Installs the signal handlers (of crashes, on their own stack; of signals that ask for the end of the process, unless they are
 * ignored), the exit handlers, what to do where memory runs out and in a child that a plugin forked, and where timeout_ns is not 0,
 * the thread that watches. Once a process, by its main thread. */
void guard_install(int64_t timeout_ns);
/* What to do before the process dies of a signal, of a plugin's exit() or of a hang, and before that is reported: removes
 * temporary outputs, clears the terminal. Called in signal handlers and on any thread, so only async-signal-safe calls; not
 * called where the process ends as it should. GUARD_DEATHS_MAX of them. */
enum { GUARD_DEATHS_MAX = 4 };
void guard_on_death(void (*cleanup)(void));

/* Code of this plugin runs from here: `what` says which ("handler 'buy'", "etl_plugin_init", "a constructor"); `line` may be
 * NULL. What it points to must live until guard_leave(). Calls nest (a handler that looks a row up may run a reducer): up to
 * GUARD_DEPTH_MAX; the time of the outermost counts. */
enum { GUARD_DEPTH_MAX = 4 };
void guard_enter(const char *plugin, const char *what, const struct logline *line);
void guard_leave(void);
/* Reports that the plugin whose code runs here did this ("asked for 2 GiB of memory"), and ends the process with status 1. */
__attribute__((noreturn)) void guard_stop(const char *did);

/* Before and after a thread other than the one of guard_install() enters plugins: its own signal stack, and its calls are
 * watched. */
void guard_thread_start(void);
void guard_thread_finish(void);

#endif
