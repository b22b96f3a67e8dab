/* SPDX-License-Identifier: MIT
 * guard: who is to blame. While code of a plugin runs, a record says which plugin, which handler and which logline, so that a crash, an
 * exit() or a hang in it can be reported by name. Setting it costs a few stores a call; the watch on time is a thread of its own. */
#ifndef DISPATCH_GUARD_H
#define DISPATCH_GUARD_H

#include "source/source.h"

#include <stdint.h>

/* Installs the signal handlers (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, on their own stack), the exit handler and, where
 * timeout_ns is not 0, the thread that watches. Once a process. */
void guard_install(int64_t timeout_ns);
/* Code of this plugin runs from here: `what` says which ("handler 'buy'", "etl_plugin_init", "its constructors"); `line` may be NULL. */
void guard_enter(const char *plugin, const char *what, const struct logline *line);
void guard_leave(void);

#endif
