/* SPDX-License-Identifier: MIT
 * Times of a thread from its clock and from /proc. */
#define _GNU_SOURCE
#include "base/thread_times.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECOND = 1000000000 };

void thread_times_init(struct thread_times *times)
{
    *times = (struct thread_times){.thread = gettid()};
    if (pthread_getcpuclockid(pthread_self(), &times->clock)) times->clock = -1;
}

/* The start of a file of the thread, as a string; empty if it cannot be read. */
static const char *read_file(pid_t thread, const char *name, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/%s", (int)thread, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? 0 : read(file, text, size - 1);
    if (file >= 0) close(file);
    text[got > 0 ? got : 0] = 0;
    return text;
}

/* The state follows the thread's name, which may contain any characters. */
static char read_state(pid_t thread)
{
    char text[256];
    const char *name_end = strrchr(read_file(thread, "stat", text, sizeof text), ')');
    return name_end && name_end[1] == ' ' ? name_end[2] : 0;
}

static int64_t read_waiting(pid_t thread)
{
    char text[128];
    const char *waiting = strchr(read_file(thread, "schedstat", text, sizeof text), ' ');
    return waiting ? strtoll(waiting, NULL, 10) : 0;
}

static int64_t read_work(clockid_t clock)
{
    struct timespec time;
    return clock == -1 || clock_gettime(clock, &time) ? 0 : (int64_t)time.tv_sec * SECOND + time.tv_nsec;
}

void thread_times_read(struct thread_times *times)
{
    times->state = read_state(times->thread);
    times->waiting_ns = read_waiting(times->thread);
    times->work_ns = read_work(times->clock);
}

int64_t thread_times_used(const struct thread_times *before, const struct thread_times *now, int64_t elapsed_ns)
{
    const int64_t waited_ns = now->waiting_ns - before->waiting_ns;
    if (now->state == 'R') return now->work_ns - before->work_ns;
    if (now->state && now->state != 'S' && now->state != 'D') return 0; /* stopped */
    return waited_ns < elapsed_ns ? elapsed_ns - waited_ns : 0;
}
