/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "base/error.h"
#include "base/guard.h"
#include "base/parallel.h"
#include "suite.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char text[] = "{}\n{\"a\":1}\x1B\xFF\xC3\xA9\n";
static const struct block block = {"trades.jsonl", text, sizeof text - 1, 1231, 16, 0};
static const struct logline line = {text + 3, 11, &block, 1};
static const struct guard_call buy = {"x", "handler 'buy'", NULL}, fill = {"y", "reducer 'fill'", NULL},
                               constructor_of_x = {"./x.so", "a constructor", NULL};
#define BLAME "etl-host: error: plugin 'x', handler 'buy': "
#define PLACE " on trades.jsonl:17 (byte 1234): {\"a\":1}?\?\xC3\xA9\n"
#define ITSELF "etl-host: error: etl-host itself crashed (SIGABRT) while "
#define MAYBE "; after a plugin has spoiled memory, this can be its doing\n"
#define NOTHING "etl-host: nothing was published\n"

static void cleanup(void)
{
    if (write(STDERR_FILENO, "cleaned\n", 8) != 8) _exit(99);
}

static void install(int64_t timeout_ns)
{
    guard_install(timeout_ns);
    guard_on_death(cleanup);
    guard_on_death(cleanup); /* counts once */
}

static void enter(void)
{
    install(0);
    guard_enter(&buy, &line);
}

static void segv(void) { enter(), kill(getpid(), SIGSEGV); }
static void aborts(void) { enter(), abort(); }
static void fpe(void) { enter(), raise(SIGFPE); }
static void exits(void) { enter(), exit(0); }
static void exits_quickly(void) { enter(), quick_exit(0); }
static void stops(void) { enter(), guard_stop("asked for too much"); }
static void constructor(void) { install(0), guard_enter(&constructor_of_x, NULL), exit(0); }
static void reducer(void) { enter(), guard_leave(), guard_enter(&fill, &line), abort(); }
static void left(void) { enter(), guard_leave(), abort(); }
static void done(void) { install(10000000000), guard_enter(&buy, &line), guard_leave(), exit(0); }
static void interrupted(void) { install(0), raise(SIGINT); }
static void terminated_inside(void) { enter(), raise(SIGTERM); }
static void alarmed(void) { enter(), alarm(1), pause(); }
static void ends_thread(void) { enter(), pthread_exit(NULL); }
static void lacks_memory(void) { enter(), die_without_memory(); }
static void host_lacks_memory(void) { install(0), die_without_memory(); }
static void nohup(void) { signal(SIGHUP, SIG_IGN), install(0), raise(SIGHUP), exit(0); }

static void fork_inside(void)
{
    enter();
    pid_t child = fork();
    if (!child) exit(0);
    int status;
    waitpid(child, &status, 0);
    guard_leave();
    exit(status ? 98 : 0);
}

static void fork_comes_back(void)
{
    enter();
    bool is_child = !fork();
    if (!is_child) wait(NULL);
    guard_leave();
    exit(is_child ? 98 : 0);
}

static void hangs(void)
{
    install(30000000);
    guard_enter(&buy, &line);
    for (;;) pause();
}

static void many_short_calls(void)
{
    install(40000000);
    for (int i = 0; i < 60; i++) {
        guard_enter(&buy, &line);
        usleep(2000);
        guard_leave();
    }
    usleep(100000);
    exit(0);
}

static void served(void)
{
    install(30000000);
    guard_enter(&buy, &line);
    guard_serve();
    usleep(150000);
    guard_served();
    guard_leave();
    exit(0);
}

static void hangs_after_service(void)
{
    install(30000000);
    guard_enter(&buy, &line);
    guard_serve();
    usleep(50000);
    guard_served();
    for (;;) pause();
}

/* On the same processor as another process, of which this thread gets a fiftieth. The watch, which was started before, gets more. */
static void starve(void)
{
    cpu_set_t one;
    install(12000000);
    sched_getaffinity(0, sizeof one, &one);
    for (int i = 0, left = 1; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &one) && left-- <= 0) CPU_CLR(i, &one);
    sched_setaffinity(0, sizeof one, &one);
    pid_t parent = getpid();
    if (!fork()) {
        while (getppid() == parent) continue;
        _exit(0);
    }
    setpriority(PRIO_PROCESS, 0, 19);
    guard_enter(&buy, &line);
}

static void starves(void)
{
    struct timespec used = {0};
    starve();
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    const long until = used.tv_nsec + 6000000;
    while (used.tv_nsec < until && !used.tv_sec) clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    guard_leave();
    _exit(0);
}

static void starves_and_hangs(void)
{
    starve();
    for (;;) continue;
}

/* The child has it stopped for longer than it may take. */
static void stopped(void)
{
    install(100000000);
    guard_enter(&buy, &line);
    pid_t parent = getpid(), child = fork();
    if (!child) {
        kill(parent, SIGSTOP), usleep(400000), kill(parent, SIGCONT);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    guard_leave();
    exit(0);
}

static int overflow(int depth)
{
    volatile char page[4096];
    page[depth & 4095] = (char)depth;
    return depth == -1 ? 0 : overflow(depth + 1) + page[(depth + 1) & 4095];
}
static void overflows(void)
{
    setrlimit(RLIMIT_STACK, &(struct rlimit){1 << 20, RLIM_INFINITY});
    enter(), exit(overflow(0));
}

static void *thread_crashes(void *unused)
{
    guard_thread_start();
    guard_enter(&buy, &line);
    abort();
    return unused;
}
static void *own_thread_crashes(void *unused)
{
    abort();
    return unused;
}
static void *thread_hangs(void *unused)
{
    guard_thread_start();
    guard_enter(&buy, &line);
    for (;;) pause();
    return unused;
}
static void *thread_comes_and_goes(void *unused)
{
    guard_thread_start();
    guard_enter(&buy, &line);
    guard_leave();
    guard_thread_finish();
    return unused;
}
static void *thread_exits(void *unused)
{
    exit(0);
    return unused;
}
static void run_thread(void *(*function)(void *))
{
    pthread_t thread;
    pthread_create(&thread, NULL, function, NULL);
    pthread_join(thread, NULL);
}
static void crash_in_thread(void) { install(0), run_thread(thread_crashes); }
static void *host_thread_crashes(void *unused)
{
    guard_thread_start();
    guard_enter(&buy, &line);
    guard_leave();
    abort();
    return unused;
}
static void *host_thread_crashes_at_its_end(void *unused)
{
    guard_thread_start();
    guard_thread_finish();
    abort();
    return unused;
}
static void crash_part(void *data, unsigned thread)
{
    (void)data;
    if (!thread) pause();
    abort();
}
static void crash_in_host_thread(void) { install(0), run_thread(host_thread_crashes); }
static void crash_at_end_of_host_thread(void) { install(0), run_thread(host_thread_crashes_at_its_end); }
static void crash_in_parallel(void) { install(0), parallel_run(2, crash_part, NULL); }
static void crash_at_task(void) { install(0), guard_task("writing results"), abort(); }
static void crash_in_own_thread(void) { install(0), run_thread(own_thread_crashes); }
static void hang_in_thread(void) { install(30000000), run_thread(thread_hangs); }
static void exit_in_thread(void) { install(0), run_thread(thread_exits); }
static void finished_thread(void) { install(20000000), run_thread(thread_comes_and_goes), usleep(60000), exit(0); }

static const struct {
    const char *name;
    void (*scenario)(void);
    int signal, status; /* how the process ends */
    const char *says;
} cases[] = {
    {"guard__blames_handler_for_segv", segv, SIGSEGV, 0, "cleaned\n" BLAME "crashed (SIGSEGV)" PLACE NOTHING},
    {"guard__blames_handler_for_abort", aborts, SIGABRT, 0, "cleaned\n" BLAME "crashed (SIGABRT)" PLACE NOTHING},
    {"guard__blames_handler_for_fpe", fpe, SIGFPE, 0, "cleaned\n" BLAME "crashed (SIGFPE)" PLACE NOTHING},
    {"guard__blames_handler_for_stack_overflow", overflows, SIGSEGV, 0, "cleaned\n" BLAME "crashed (SIGSEGV)" PLACE NOTHING},
    {"guard__blames_handler_for_exit", exits, 0, 1, "cleaned\n" BLAME "called exit()" PLACE NOTHING},
    {"guard__blames_handler_for_quick_exit", exits_quickly, 0, 1, "cleaned\n" BLAME "called exit()" PLACE NOTHING},
    {"guard__stops_for_host", stops, 0, 1, "cleaned\n" BLAME "asked for too much" PLACE NOTHING},
    {"guard__blames_constructor_for_exit", constructor, 0, 1,
     "cleaned\n" "etl-host: error: plugin './x.so', a constructor: called exit()\n" NOTHING},
    {"guard__blames_reducer_after_handler_left", reducer, SIGABRT, 0,
     "cleaned\n" "etl-host: error: plugin 'y', reducer 'fill': crashed (SIGABRT)" PLACE NOTHING},
    {"guard__blames_nobody_after_leave", left, SIGABRT, 0, "cleaned\n" ITSELF "setting up the pipeline" MAYBE NOTHING},
    {"guard__says_what_host_did", crash_at_task, SIGABRT, 0, "cleaned\n" ITSELF "writing results" MAYBE NOTHING},
    {"guard__tells_threads_of_host", crash_in_host_thread, SIGABRT, 0, "cleaned\n" ITSELF "playing loglines" MAYBE NOTHING},
    {"guard__tells_threads_of_host_at_their_end", crash_at_end_of_host_thread, SIGABRT, 0,
     "cleaned\n" ITSELF "ending a thread, where thread-local destructors of plugins run" MAYBE NOTHING},
    {"guard__tells_threads_that_sort", crash_in_parallel, SIGABRT, 0,
     "cleaned\n" ITSELF "merging, sorting or writing rows" MAYBE NOTHING},
    {"guard__says_nothing_at_ordinary_end", done, 0, 0, ""},
    {"guard__cleans_up_when_interrupted", interrupted, SIGINT, 0, "cleaned\n"},
    {"guard__cleans_up_when_terminated_in_handler", terminated_inside, SIGTERM, 0, "cleaned\n"},
    {"guard__blames_handler_for_signal_to_itself", terminated_inside, SIGTERM, 0,
     "cleaned\n" BLAME "ended the process with a signal" PLACE NOTHING},
    {"guard__cleans_up_when_time_is_over", alarmed, SIGALRM, 0, "cleaned\n"},
    {"guard__blames_handler_for_end_of_thread", ends_thread, 0, 1, "cleaned\n" BLAME "ended its thread" PLACE NOTHING},
    {"guard__blames_handler_for_want_of_memory", lacks_memory, 0, 1, "cleaned\n" BLAME "ran out of memory" PLACE NOTHING},
    {"guard__cleans_up_when_memory_is_out", host_lacks_memory, 0, 1, "cleaned\netl-host: error: out of memory\n"},
    {"guard__ends_child_that_comes_back", fork_comes_back, 0, 0,
     BLAME "forked, and the child came back" PLACE "etl-host: the child ends here\n"},
    {"guard__leaves_ignored_signals_alone", nohup, 0, 0, ""},
    {"guard__leaves_children_of_plugins_alone", fork_inside, 0, 0, ""},
    {"guard__blames_handler_for_hang", hangs, 0, 1,
     "cleaned\n" BLAME "hangs (handler_timeout): no return for 0.03 s" PLACE NOTHING},
    {"guard__does_not_count_what_the_host_does", served, 0, 0, ""},
    {"guard__counts_on_after_what_the_host_did", hangs_after_service, 0, 1,
     BLAME "hangs (handler_timeout): no return for 0.03 s" PLACE NOTHING},
    {"guard__does_not_blame_who_got_no_time", starves, 0, 0, ""},
    {"guard__blames_who_used_the_little_time_it_got", starves_and_hangs, 0, 1,
     BLAME "hangs (handler_timeout): no return for 0.012 s" PLACE NOTHING},
    {"guard__does_not_count_while_the_process_is_stopped", stopped, 0, 0, ""},
    {"guard__lets_many_short_calls_pass", many_short_calls, 0, 0, ""},
    {"guard__blames_handler_on_other_thread_for_crash", crash_in_thread, SIGABRT, 0,
     "cleaned\n" BLAME "crashed (SIGABRT)" PLACE NOTHING},
    {"guard__blames_handler_on_other_thread_for_hang", hang_in_thread, 0, 1,
     "cleaned\n" BLAME "hangs (handler_timeout): no return for 0.03 s" PLACE NOTHING},
    {"guard__blames_thread_of_plugin_for_exit", exit_in_thread, 0, 1,
     "cleaned\n" "etl-host: error: a thread that a plugin started called exit()\n" NOTHING},
    {"guard__blames_thread_of_plugin_for_crash", crash_in_own_thread, SIGABRT, 0,
     "cleaned\n" "etl-host: error: a thread that a plugin started crashed (SIGABRT)\n" NOTHING},
    {"guard__forgets_finished_threads", finished_thread, 0, 0, ""},
};

/* The frames of a thread that ended are gone, and valgrind takes what only they pointed to for lost. */
static bool valgrind_misjudges(void (*scenario)(void))
{
    const char *preload = getenv("LD_PRELOAD");
    return scenario == ends_thread && preload && strstr(preload, "vgpreload");
}

TEST_EACH(guard__ends_as_it_should, cases)
{
    if (valgrind_misjudges(cases[_i].scenario)) return;
    int ends[2];
    ck_assert(!pipe(ends));
    pid_t child = fork();
    if (!child) {
        dup2(ends[1], STDERR_FILENO), close(ends[0]), close(ends[1]);
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        cases[_i].scenario();
        _exit(97);
    }
    close(ends[1]);
    char said[4096];
    size_t size = 0;
    for (ssize_t got; (got = read(ends[0], said + size, sizeof said - 1 - size)) > 0;) size += (size_t)got;
    said[size] = 0;
    close(ends[0]);
    int status;
    waitpid(child, &status, 0);
    bool ended = cases[_i].signal ? WIFSIGNALED(status) && WTERMSIG(status) == cases[_i].signal
                                  : WIFEXITED(status) && WEXITSTATUS(status) == cases[_i].status;
    ck_assert_msg(ended, "%s: wait status %#x, said: %.1500s", cases[_i].name, (unsigned)status, said);
    ck_assert_msg(*cases[_i].says ? strstr(said, cases[_i].says) != NULL : !size, "%s: said: %.1500s", cases[_i].name, said);
}

SUITE("guard");
