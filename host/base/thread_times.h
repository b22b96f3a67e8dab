/* SPDX-License-Identifier: MIT
 * thread_times: how a thread spent its time, as another thread of the process sees it:
 * it worked, it slept, or it was ready and had no processor, or the process was
 * stopped. */
#ifndef BASE_THREAD_TIMES_H
#define BASE_THREAD_TIMES_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct thread_times {
    pid_t thread;
    clockid_t clock;
    /* as in /proc: 'R' running or ready, 'S' and 'D' sleeping; 0: not known */
    char state;
    int64_t work_ns;    /* on a processor, so far */
    int64_t waiting_ns; /* for a processor, so far; a wait counts when it is over */
};

/* Starts with the calling thread. */
void thread_times_init(struct thread_times *times);
/* Reads the times of a thread, which may be any that still exists. */
void thread_times_read(struct thread_times *times);
/* How long the thread worked or slept between two readings that are `elapsed_ns`
 * apart. An estimate: for a thread that works now, earlier sleep is not known and not
 * counted. */
int64_t thread_times_used(const struct thread_times *before, const struct thread_times *now, int64_t elapsed_ns);

#endif
