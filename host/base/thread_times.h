/* SPDX-License-Identifier: MIT
 * thread_times: what a thread did with the time, as another thread of the process sees it: it worked, it slept, or it could have
 * worked and did not, for want of a processor or because the process was stopped. */
#ifndef BASE_THREAD_TIMES_H
#define BASE_THREAD_TIMES_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct thread_times {
    pid_t thread;
    clockid_t clock;
    char state;         /* as in /proc: 'R' it works or could, 'S' and 'D' it sleeps; 0: not known */
    int64_t work_ns;    /* on a processor, so far */
    int64_t waiting_ns; /* for a processor, so far; a wait counts when it is over */
};

/* Of the calling thread. */
void thread_times_init(struct thread_times *times);
/* Of any thread; it is still there. */
void thread_times_read(struct thread_times *times);
/* How long it worked or slept between two readings, which are `elapsed_ns` apart: a sample, for of a thread that works now it is
 * not known how long it slept before. */
int64_t thread_times_used(const struct thread_times *before, const struct thread_times *now, int64_t elapsed_ns);

#endif
