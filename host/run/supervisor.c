/* SPDX-License-Identifier: MIT
 * The parent process: starts the child, passes signals on, reports an end that nobody has reported, ends likewise. */
#define _GNU_SOURCE
#include "run/supervisor.h"
#include "base/console.h"
#include "base/guard.h"
#include "sinks/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STATUS_FAILED = 1, STATUS_OF_SIGNALS = 128 };

static pid_t child;

/* ---- signals: what one process sends to the parent is meant for the work. What a terminal sends, the child gets itself */

static const int passed_on[] = {SIGINT,  SIGTERM, SIGHUP,    SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM,
                                SIGPROF, SIGXCPU, SIGVTALRM, SIGTSTP, SIGCONT};
enum { PASSED_ON = sizeof passed_on / sizeof *passed_on };

static void pass_on(int number, siginfo_t *info, void *unused)
{
    int saved = errno;
    (void)unused;
    if (info->si_code <= 0 && info->si_pid != child) kill(child, number);
    errno = saved;
}

static void block_signals(sigset_t *before)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < PASSED_ON; i++) sigaddset(&set, passed_on[i]);
    sigprocmask(SIG_BLOCK, &set, before);
}

/* Signals that are ignored stay ignored, in both processes. */
static void handle_signals(void)
{
    const struct sigaction action = {.sa_sigaction = pass_on, .sa_flags = SA_SIGINFO};
    for (size_t i = 0; i < PASSED_ON; i++) {
        struct sigaction before;
        if (!sigaction(passed_on[i], NULL, &before) && before.sa_handler != SIG_IGN) sigaction(passed_on[i], &action, NULL);
    }
}

/* ---- the system's count of processes that it killed for want of memory */

static unsigned long long read_count(const char *path, const char *name)
{
    char text[8192];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file < 0 ? 0 : read(file, text, sizeof text - 1);
    if (file >= 0) close(file);
    text[size > 0 ? size : 0] = 0;
    const char *found = strstr(text, name);
    return found ? strtoull(found + strlen(name), NULL, 10) : 0;
}

static unsigned long long memory_kills(void)
{
    return read_count("/proc/vmstat", "\noom_kill ") + read_count("/sys/fs/cgroup/memory.events", "\noom_kill ");
}

/* ---- the end */

/* Where the child stops, by whatever, the parent stops, so that a shell sees it; and they go on together. */
static int wait_for_child(void)
{
    int status = 0;
    for (;;) {
        pid_t ended = waitpid(child, &status, WUNTRACED);
        if (ended < 0 && errno != EINTR) return STATUS_FAILED << 8;
        if (ended < 0) continue;
        if (!WIFSTOPPED(status)) return status;
        raise(SIGSTOP);
        kill(child, SIGCONT);
    }
}

/* How it ended, for guard_report_end(). */
static const char *describe_end(int status, bool memory_killed, char *text, size_t size)
{
    if (WIFEXITED(status))
        snprintf(text, size, "ended by _exit(%d), or another program took its place", WEXITSTATUS(status));
    else if (WTERMSIG(status) == SIGKILL)
        snprintf(text, size, "was killed (SIGKILL)%s", memory_killed ? ": the system had no memory left" : "");
    else snprintf(text, size, "was ended by SIG%s", sigabbrev_np(WTERMSIG(status)));
    return text;
}

/* The system has written the child's core, or not, as it is set up; that of the parent would say nothing. */
static int end_by_signal(int number)
{
    sigset_t set;
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_DUMPABLE, 0); /* a core that is piped to a program has no limit */
    signal(number, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(number);
    return STATUS_OF_SIGNALS + number;
}

static int watch_child(void)
{
    unsigned long long kills_before = memory_kills();
    int status = wait_for_child();
    bool silent = !guard_end_was_said();
    if (silent) {
        char text[160];
        outputs_abandon();
        guard_report_end(describe_end(status, memory_kills() > kills_before, text, sizeof text));
    }
    if (WIFSIGNALED(status)) return end_by_signal(WTERMSIG(status));
    return silent ? STATUS_FAILED : WEXITSTATUS(status);
}

static int work_as_child(int (*work)(void *data), void *data, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pid_t now = getppid(); /* 0: it is outside of this process's namespace */
    if (now && now != parent) _exit(STATUS_FAILED);
    return work(data);
}

int supervisor_run(int (*work)(void *data), void *data)
{
    sigset_t before;
    pid_t parent = getpid();
    guard_share();
    outputs_share();
    signal(SIGCHLD, SIG_DFL); /* where it was ignored, there would be nobody to wait for */
    block_signals(&before);
    child = fork();
    if (child > 0) handle_signals();
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (child > 0) return watch_child();
    if (!child) return work_as_child(work, data, parent);
    fprintf(console_error(), "etl-host: warning: no process for the work (%s): it is done without a supervisor\n", strerror(errno));
    return work(data);
}
