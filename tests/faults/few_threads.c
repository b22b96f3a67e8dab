/* SPDX-License-Identifier: MIT
 * Loaded before all else (LD_PRELOAD): a machine of eight cores, on which a process may start THREADS more threads. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef int create_function(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

int pthread_create(pthread_t *id, const pthread_attr_t *attributes, void *(*run)(void *), void *data)
{
    static atomic_int started;
    const char *threads = getenv("THREADS");
    create_function *create;
    void *symbol = dlsym(RTLD_NEXT, "pthread_create");
    memcpy(&create, &symbol, sizeof create);
    if (atomic_fetch_add(&started, 1) >= (threads ? atoi(threads) : 0)) return EAGAIN;
    return create(id, attributes, run, data);
}

int sched_getaffinity(pid_t process, size_t size, cpu_set_t *cores)
{
    (void)process;
    CPU_ZERO_S(size, cores);
    for (size_t i = 0; i < 8; i++) CPU_SET_S(i, size, cores);
    return 0;
}
