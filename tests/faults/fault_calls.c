/* SPDX-License-Identifier: MIT
 * To be loaded before all else (LD_PRELOAD): lets the FAULT_AT-th call of FAULT_CALL by the working
 * process go wrong, in the way that FAULT_HOW says: the process is killed before or after it, with its
 * supervisor or without; a signal comes; or the call, or all from it on, fail. A file FAULT_MARK says
 * that it came to that. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#undef open
#undef open64

static const char *call_wanted, *how;
static int at_wanted;
static atomic_int calls;
static pid_t supervisor;

__attribute__((constructor)) static void read_wishes(void)
{
    call_wanted = getenv("FAULT_CALL");
    how = getenv("FAULT_HOW");
    at_wanted = atoi(getenv("FAULT_AT"));
    supervisor = getpid();
}

static void mark(void)
{
    syscall(SYS_close, syscall(SYS_open, getenv("FAULT_MARK"), O_WRONLY | O_CREAT, 0666));
}

/* From another process, as signals come that ask for the end; goes on when it is here. */
static void terminate(void)
{
    sigset_t pending;
    if (!syscall(SYS_fork)) {
        kill(supervisor, SIGTERM);
        syscall(SYS_exit_group, 0);
    }
    do sigpending(&pending);
    while (!sigismember(&pending, SIGTERM) && !usleep(500));
}

static bool is_how(const char *wanted)
{
    return !strcmp(how, wanted);
}

static void die(bool both)
{
    if (both) kill(supervisor, SIGKILL);
    kill(getpid(), SIGKILL);
}

/* Before the call. True: it fails. */
static bool before(const char *call, bool *hit)
{
    *hit = false;
    if (!call_wanted || getpid() == supervisor || strcmp(call, call_wanted)) return false;
    int number = atomic_fetch_add(&calls, 1) + 1;
    *hit = number == at_wanted;
    if (*hit) mark();
    if (*hit && is_how("kill before")) die(false);
    if (*hit && is_how("kill both before")) die(true);
    if (*hit && is_how("term before")) terminate();
    errno = is_how("refuse on") ? EPERM : EIO;
    return (*hit && is_how("fail")) || (number >= at_wanted && (is_how("fail on") || is_how("refuse on")));
}

static void after(bool hit)
{
    int saved = errno;
    if (hit && is_how("kill after")) die(false);
    if (hit && is_how("kill both after")) die(true);
    if (hit && is_how("term after")) terminate();
    errno = saved;
}

#define FAULTY(type, name, parameters, arguments) \
    type name parameters \
    { \
        bool hit; \
        __typeof__(&name) real; \
        *(void **)&real = dlsym(RTLD_NEXT, #name); \
        if (before(#name, &hit)) return -1; \
        type result = real arguments; \
        after(hit); \
        return result; \
    }

FAULTY(int, rename, (const char *from, const char *to), (from, to))
FAULTY(int, link, (const char *from, const char *to), (from, to))
FAULTY(int, unlink, (const char *path), (path))
FAULTY(int, fsync, (int descriptor), (descriptor))
FAULTY(int, flock, (int descriptor, int operation), (descriptor, operation))
FAULTY(ssize_t, write, (int descriptor, const void *data, size_t size), (descriptor, data, size))

static int open_real(const char *path, int flags, mode_t mode)
{
    bool hit;
    if (before("open", &hit)) return -1;
    int result = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    after(hit);
    return result;
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return open_real(path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));
