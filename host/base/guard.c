/* SPDX-License-Identifier: MIT
 * Records of running code, reports of crashes, exits and hangs, and the watch on time. */
#define _GNU_SOURCE
#include "base/guard.h"
#include "base/compiler.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "base/glyph.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/shared.h"
#include "base/thread_times.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 256, STACK_SIZE = 64 * 1024, EXCERPT_MAX = 200, STRING_MAX = 400, SECOND = 1000000000, LAST_WORD_MS = 1000, MILLISECOND = 1000000 };

const struct guard_call guard_idle = {.lent = &guard_idle};
static struct guard_record of_unknown_threads = {.call = &guard_idle};
_Thread_local struct guard_record *guard_record = &of_unknown_threads;
bool guard_in_child;

static _Thread_local struct {
    void *stack; /* for signal handlers; NULL: the thread had one already */
    /* what the host does here; NULL: a plugin's own thread, or one of parallel_run() */
    const char *task;
} thread;

/* What the supervisor reads. Lists only grow, and a member is complete before it is
 * linked. */
struct name {
    const struct guard_call *call;
    struct name *next;
    char *what;
    char plugin[]; /* `what` is stored behind it */
};
static struct page {
    atomic_bool said;      /* the end of the process was reported */
    atomic_bool concluded; /* the process ended normally */
    atomic_int status;     /* its exit status then */
    _Atomic(struct name *) names;
    _Atomic(struct guard_record *) records;
} *page;

static pid_t process;
static pthread_key_t thread_end;
static pthread_t main_thread;
static void (*deaths[GUARD_DEATHS_MAX])(void);
static const char *(*fate_of_outputs)(void);
static atomic_uint death_count;
/* the thread that ends the process, identified by the address of its `thread` */
static _Atomic(void *) dying;

/* The mutex protects the rest of these. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake;
static pthread_t watcher;
static bool watching, stopping;
static int64_t timeout_ns;
static struct watched {
    struct guard_record *record;
    struct thread_times times; /* when the watch last looked */
    bool timed;                /* the watch has looked during this call */
    int64_t stalled_ns;        /* how long one call has been seen at work or asleep */
} threads[THREADS_MAX];

/* ---- reports, by async-signal-safe means only */

struct text {
    char data[1536];
    size_t size;
};

static void add_bytes(struct text *text, const char *data, size_t size)
{
    if (size > sizeof text->data - text->size) size = sizeof text->data - text->size;
    memcpy(text->data + text->size, data, size);
    text->size += size;
}

static void add(struct text *text, const char *string)
{
    size_t size = 0, half = STRING_MAX / 2;
    while (size < PATH_MAX && string[size]) size++;
    if (size <= STRING_MAX) {
        add_bytes(text, string, size);
    } else { /* a path: its ends say most */
        add_bytes(text, string, half);
        add_bytes(text, "...", 3);
        add_bytes(text, string + size - half, half);
    }
}

static void add_number(struct text *text, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    add_bytes(text, digits + at, sizeof digits - at);
}

static void add_seconds(struct text *text, int64_t ns)
{
    add_number(text, (uint64_t)(ns / SECOND));
    unsigned rest = (unsigned)(ns % SECOND / MILLISECOND);
    char digits[] = {'.', (char)('0' + rest / 100), (char)('0' + rest / 10 % 10), (char)('0' + rest % 10)};
    if (rest) add_bytes(text, digits, rest % 10 ? 4 : rest % 100 ? 3 : 2);
    add(text, " s");
}

/* Adds the start of a line, made safe for a terminal. */
static void add_excerpt(struct text *text, const char *data, size_t size)
{
    size_t at = 0;
    for (struct glyph glyph; at < size && at < EXCERPT_MAX; at += glyph.size) {
        glyph = glyph_at(data + at, size - at);
        if (glyph.hidden) add(text, "?");
        else add_bytes(text, data + at, glyph.size);
    }
    if (at < size) add(text, "...");
}

static void add_position(struct text *text, const struct logline *line)
{
    add(text, logline_source(line));
    add(text, ":");
    add_number(text, logline_line(line));
    add(text, " (byte ");
    add_number(text, logline_offset(line));
    add(text, ")");
}

static void add_place(struct text *text, const struct logline *line)
{
    if (!line) return;
    add(text, " on ");
    add_position(text, line);
    add(text, ": ");
    add_excerpt(text, line->data, line->size);
}

/* What the host does on this thread; NULL: it is not a thread of the host. */
static const char *host_task(void)
{
    return parallel_is_inside() ? "merging, sorting or writing rows" : thread.task;
}

/* Describes what the running code did, and on which line. */
static void describe_call(struct text *text, struct guard_record *of, const char *did, int64_t ns)
{
    const struct guard_call *call = guard_running(of);
    text->size = 0;
    add(text, "etl-host: error: ");
    if (call) {
        add(text, "plugin '");
        add(text, call->plugin);
        add(text, "', ");
        add(text, call->what);
        add(text, ": ");
    } else {
        add(text, host_task() ? "etl-host itself " : "a thread that a plugin started ");
    }
    add(text, did);
    if (ns) add_seconds(text, ns);
    if (!call && host_task()) {
        add(text, " while ");
        add(text, host_task());
        add(text, "; after a plugin has spoiled memory, this can be its doing");
    }
    if (call) add_place(text, atomic_load_explicit(&of->line, memory_order_relaxed));
}

/* Called after clean_up(). */
static void add_fate(struct text *text)
{
    add(text, fate_of_outputs ? fate_of_outputs() : "nothing was published");
    add(text, "\n");
}

/* A failed write is ignored: there is no other way to report. */
static void say(const struct text *text)
{
    descriptor_write(STDERR_FILENO, text->data, text->size);
}

/* Reports what a plugin did and what became of the outputs. Called after clean_up(). */
static void say_with_fate(struct text *text)
{
    add(text, "\netl-host: ");
    add_fate(text);
    say(text);
}

void guard_end_is_said(void)
{
    atomic_store(&page->said, true);
}

bool guard_end_was_said(void)
{
    return atomic_load(&page->said);
}

void guard_conclude(int status)
{
    atomic_store(&page->status, status);
    atomic_store(&page->concluded, true);
    guard_end_is_said();
}

static void clean_up(void)
{
    unsigned count = atomic_load_explicit(&death_count, memory_order_acquire);
    for (unsigned i = 0; i < count; i++) deaths[i]();
}

/* The first thread to die reports and cleans up; others wait for the end. False: this
 * thread is already doing so and failed on the way. */
static bool die_first(void)
{
    void *none = NULL;
    if (atomic_load(&page->concluded)) _exit(atomic_load(&page->status));
    if (atomic_compare_exchange_strong(&dying, &none, &thread)) return true;
    while (none != &thread) pause();
    return false;
}

/* The child shares resources with its parent, even the position in the log, so it must
 * not go on. */
void guard_end_child(void)
{
    struct text text;
    describe_call(&text, guard_record, "forked, and the child came back", 0);
    add(&text, "\netl-host: the child ends here\n");
    say(&text);
    _exit(1);
}

/* ---- reports of the supervisor, which sees only the shared memory of the gone
 * process */

static const struct name *find_name(const struct guard_call *call)
{
    const struct name *name = atomic_load(&page->names);
    while (name && name->call != call) name = name->next;
    return name;
}

/* Adds plugin, handler and place, without the line itself. */
static void add_record(struct text *text, const struct guard_record *record)
{
    const struct name *name = find_name(guard_running(record));
    add(text, "plugin '");
    add(text, name ? name->plugin : "?");
    add(text, "', ");
    add(text, name ? name->what : "?");
    if (atomic_load(&record->line) != &record->logline) return;
    add(text, ", on ");
    add_position(text, &record->logline);
}

static unsigned count_running(const struct guard_record **last)
{
    unsigned count = 0;
    for (const struct guard_record *r = atomic_load(&page->records); r; r = r->next)
        if (guard_running(r)) *last = r, count++;
    return count;
}

void guard_report_end(const char *how)
{
    struct text text = {.size = 0};
    const struct guard_record *record;
    unsigned count = count_running(&record);
    add(&text, "etl-host: error: the working process ");
    add(&text, how);
    if (count == 1) {
        add(&text, "; at work was ");
        add_record(&text, record);
    }
    add(&text, count ? "\n" : "; no code of a plugin was at work\n");
    for (record = atomic_load(&page->records); record && count > 1; record = record->next) {
        if (!guard_running(record)) continue;
        add(&text, "  at work: ");
        add_record(&text, record);
        add(&text, "\n");
        say(&text);
        text.size = 0;
    }
    add(&text, "etl-host: ");
    add_fate(&text);
    say(&text);
}

/* ---- signals and exits */

static const struct {
    int number;
    const char *did;
} crashes[] = {{SIGSEGV, "crashed (SIGSEGV)"}, {SIGBUS, "crashed (SIGBUS)"},   {SIGFPE, "crashed (SIGFPE)"},
               {SIGILL, "crashed (SIGILL)"},   {SIGABRT, "crashed (SIGABRT)"}, {SIGTRAP, "crashed (SIGTRAP)"},
               {SIGSYS, "crashed (SIGSYS)"}};
static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGPROF, SIGXCPU};

static const char *crash_name(int number)
{
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        if (crashes[i].number == number) return crashes[i].did;
    return NULL; /* an end that was asked for */
}

/* Is this a signal that asks the process to end, sent by code in the process? The host
 * sends none. */
static bool is_sent_by_itself(int number, const siginfo_t *info)
{
    return !crash_name(number) && info->si_code <= 0 && info->si_pid == process;
}

/* What the running code, a plugin's or the host's, did to get this signal; NULL:
 * nothing. */
static const char *signal_cause(int number, const siginfo_t *info)
{
    const char *crash = crash_name(number);
    bool is_at_work = guard_running(guard_record) != NULL;
    const struct guard_record *unused;
    /* any thread may receive a signal that was sent to the process */
    if (!crash && info->si_code != SI_TKILL && (!is_at_work || count_running(&unused) > 1)) return NULL;
    if (!is_at_work && host_task()) return crash;
    if (is_sent_by_itself(number, info)) return "ended the process with a signal";
    return crash;
}

/* One line. It is dropped if it cannot be written: a process that waits for its reader
 * must end, too. */
static void say_stopped(int number)
{
    struct text text = {.size = 0};
    add(&text, "etl-host: stopped by SIG");
    add(&text, sigabbrev_np(number));
    add(&text, ": ");
    add_fate(&text);
    if (poll(&(struct pollfd){.fd = STDERR_FILENO, .events = POLLOUT}, 1, LAST_WORD_MS) > 0) say(&text);
}

static bool (*is_forbidden)(const void *address);

void guard_forbid(bool (*function)(const void *address))
{
    is_forbidden = function;
}

static bool is_trespass(int number, const siginfo_t *info)
{
    return number == SIGSEGV && info->si_code == SEGV_ACCERR && is_forbidden && is_forbidden(info->si_addr);
}

static void on_signal(int number, siginfo_t *info, void *unused)
{
    (void)unused;
    int saved = errno;
    if (getpid() == process && is_trespass(number, info)) guard_stop("breach of contract: wrote to a context, which is the host's");
    if (getpid() == process && die_first()) { /* not in a child that a plugin forked */
        const char *did = signal_cause(number, info);
        clean_up();
        if (did) {
            struct text text;
            describe_call(&text, guard_record, did, 0);
            say_with_fate(&text);
        } else if (is_sent_by_itself(number, info)) {
            guard_report_end("ended itself with a signal");
        } else if (!crash_name(number)) {
            say_stopped(number);
        }
        guard_end_is_said();
    }
    signal(number, SIG_DFL);
    /* delivered when this handler returns, so that the system reports the place of the
     * crash */
    raise(number);
    errno = saved;
}

void guard_stop(const char *did)
{
    struct text text;
    if (die_first()) {
        describe_call(&text, guard_record, did, 0);
        clean_up();
        say_with_fate(&text);
        guard_end_is_said();
    }
    _exit(1);
}

static void watch_stop(void)
{
    pthread_mutex_lock(&mutex);
    bool was_watching = watching;
    watching = false;
    stopping = true;
    if (was_watching) pthread_cond_signal(&wake);
    pthread_mutex_unlock(&mutex);
    if (was_watching) pthread_join(watcher, NULL);
}

static void on_no_memory(void)
{
    if (getpid() != process) return;
    if (guard_running(guard_record)) guard_stop("ran out of memory");
    if (!die_first()) return;
    clean_up();
    guard_end_is_said(); /* called by die_without_memory() */
}

/* A forked child keeps a record of its own, because the record of its thread is in use
 * by the parent. */
static struct guard_record of_forking_thread;
static pthread_mutex_t forking = PTHREAD_MUTEX_INITIALIZER;

static void before_fork(void)
{
    struct guard_record *own = &of_forking_thread, *record = guard_record;
    const struct logline *line = guard_line();
    pthread_mutex_lock(&forking);
    own->logline = record->logline; /* member by member: the watch looks at others */
    own->block = record->block;
    memcpy(own->source, record->source, sizeof own->source);
    atomic_store(&own->line, line == &record->logline ? &own->logline : line);
    atomic_store(&own->call, guard_call(record));
}

static void after_fork(void)
{
    pthread_mutex_unlock(&forking);
}

static void in_forked_child(void)
{
    guard_in_child = true;
    guard_record = &of_forking_thread;
    after_fork();
}

static void on_thread_end(void *unused)
{
    (void)unused;
    if (guard_running(guard_record) && getpid() == process) guard_stop("ended its thread");
}

static void on_exit_call(void)
{
    if (getpid() != process) return;
    if (guard_running(guard_record) || !pthread_equal(pthread_self(), main_thread)) guard_stop("called exit()");
    watch_stop();
}

/* ---- hangs */

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

/* How long the current call had the processor, or slept by its own doing, since the
 * watch last looked. The first look at a call only takes the starting times. */
static int64_t time_of_call(struct watched *watched, int64_t elapsed_ns)
{
    struct thread_times before = watched->times;
    bool timed = watched->timed, served = atomic_load(&watched->record->serving);
    thread_times_read(&watched->times);
    watched->timed = true;
    return !timed || served ? 0 : thread_times_used(&before, &watched->times, elapsed_ns);
}

static void check_thread(struct watched *watched, int64_t elapsed_ns)
{
    struct guard_record *record = watched->record;
    if (!guard_running(record) || atomic_exchange(&record->began, false)) {
        watched->stalled_ns = 0;
        watched->timed = false;
        return;
    }
    watched->stalled_ns += time_of_call(watched, elapsed_ns);
    if (watched->stalled_ns <= timeout_ns) return;
    struct text text;
    describe_call(&text, record, "hangs (handler_timeout): no return for ", timeout_ns);
    bool returned = !guard_running(record) || atomic_load(&record->began);
    /* the call returned, so the description may mix two calls */
    if (returned || !die_first()) return;
    clean_up();
    say_with_fate(&text);
    guard_end_is_said();
    _exit(1);
}

static void *watch(void *unused)
{
    guard_task("watching the time of handlers");
    int64_t period_ns = timeout_ns / 8, last = now_ns();
    if (period_ns < 5 * MILLISECOND) period_ns = 5 * MILLISECOND;
    if (period_ns > SECOND) period_ns = SECOND;
    pthread_mutex_lock(&mutex);
    while (!stopping) {
        int64_t until = last + period_ns;
        pthread_cond_timedwait(&wake, &mutex, &(struct timespec){until / SECOND, until % SECOND});
        int64_t now = now_ns(), elapsed = now - last;
        /* the process was stopped, or the watch waited for a processor */
        if (elapsed > period_ns) elapsed = period_ns;
        last = now;
        for (size_t i = 0; i < THREADS_MAX && !stopping; i++)
            if (threads[i].record) check_thread(&threads[i], elapsed);
    }
    pthread_mutex_unlock(&mutex);
    return unused;
}

NORETURN static void die_without_watcher(int why)
{
    struct text text = {.size = 0};
    add(&text, "etl-host: error: cannot start the thread that watches for handlers that hang: ");
    add(&text, strerror(why));
    add(&text, ": a limit on threads, processes or memory (ulimit -u or -v, pids.max); 'handler_timeout: 0' does without it\n");
    say(&text);
    _exit(1);
}

static void watch_start(void)
{
    sigset_t all, before;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&wake, &attributes);
    pthread_condattr_destroy(&attributes);
    sigfillset(&all);
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) sigdelset(&all, crashes[i].number);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&watcher, NULL, watch, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    watching = !failed;
    if (failed) die_without_watcher(failed);
}

/* ---- once a thread, once a process */

void guard_share(void)
{
    if (!page && !(page = shared_allocate(sizeof *page))) die_without_memory();
}

/* Takes a free record, or creates one. */
static struct guard_record *take_record(void)
{
    for (struct guard_record *r = atomic_load(&page->records); r; r = r->next)
        if (!atomic_exchange(&r->taken, true)) return r;
    struct guard_record *record = shared_allocate(sizeof *record);
    if (!record) die_without_memory();
    atomic_store(&record->taken, true);
    atomic_store(&record->call, &guard_idle);
    record->next = atomic_load(&page->records);
    while (!atomic_compare_exchange_weak(&page->records, &record->next, record)) continue;
    return record;
}

static void give_back_record(void)
{
    struct guard_record *record = guard_record;
    guard_record = &of_unknown_threads;
    if (record != &of_unknown_threads) atomic_store(&record->taken, false);
}

void guard_call_init(struct guard_call *call, const char *plugin, const char *what)
{
    size_t plugin_size = strlen(plugin) + 1, what_size = strlen(what) + 1;
    *call = (struct guard_call){plugin, what, call};
    guard_share();
    struct name *name = shared_allocate(sizeof *name + plugin_size + what_size);
    /* shared memory is used up: the supervisor cannot name this call */
    if (!name) return;
    name->call = call;
    name->what = name->plugin + plugin_size;
    memcpy(name->plugin, plugin, plugin_size);
    memcpy(name->what, what, what_size);
    name->next = atomic_load(&page->names);
    while (!atomic_compare_exchange_weak(&page->names, &name->next, name)) continue;
}

void guard_task(const char *task)
{
    thread.task = task;
}

struct logline *guard_logline(const struct block *block)
{
    struct guard_record *record = guard_record;
    record->block = *block;
    record->block.source = record->source;
    strncpy(record->source, block->source, sizeof record->source - 1);
    record->logline = (struct logline){.block = &record->block};
    return &record->logline;
}

void guard_thread_start(void)
{
    stack_t stack;
    guard_share();
    guard_record = take_record();
    guard_task("playing loglines");
    pthread_setspecific(thread_end, guard_record);
    /* a sanitizer has a stack already */
    if (!sigaltstack(NULL, &stack) && (stack.ss_flags & SS_DISABLE)) {
        thread.stack = allocate(STACK_SIZE);
        stack = (stack_t){.ss_sp = thread.stack, .ss_size = STACK_SIZE};
        sigaltstack(&stack, NULL);
    }
    pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < THREADS_MAX; i++)
        if (!threads[i].record) {
            threads[i] = (struct watched){.record = guard_record};
            thread_times_init(&threads[i].times);
            break;
        }
    pthread_mutex_unlock(&mutex);
}

void guard_thread_finish(void)
{
    pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < THREADS_MAX; i++)
        if (threads[i].record == guard_record) threads[i].record = NULL;
    pthread_mutex_unlock(&mutex);
    give_back_record();
    if (thread.stack) sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
    free(thread.stack);
    thread.stack = NULL;
    guard_task("ending a thread, where thread-local destructors of plugins run");
}

void guard_on_death(void (*cleanup)(void))
{
    unsigned count = atomic_load_explicit(&death_count, memory_order_relaxed);
    for (unsigned i = 0; i < count; i++)
        if (deaths[i] == cleanup) return;
    assert(count < GUARD_DEATHS_MAX);
    deaths[count] = cleanup;
    atomic_store_explicit(&death_count, count + 1, memory_order_release);
}

void guard_ask_fate(const char *(*fate)(void))
{
    fate_of_outputs = fate;
}

static void handle_signal(int number)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_ONSTACK | SA_SIGINFO};
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void guard_install(int64_t timeout)
{
    process = getpid();
    main_thread = pthread_self();
    timeout_ns = timeout;
    if (pthread_key_create(&thread_end, on_thread_end) || pthread_atfork(before_fork, after_fork, in_forked_child)) die_without_memory();
    error_on_no_memory(on_no_memory);
    guard_thread_start();
    guard_task("setting up the pipeline");
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) handle_signal(crashes[i].number);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct sigaction before;
        /* nohup stays nohup */
        if (!sigaction(ends[i], NULL, &before) && before.sa_handler != SIG_IGN) handle_signal(ends[i]);
    }
    atexit(on_exit_call);
    at_quick_exit(on_exit_call);
    if (timeout > 0) watch_start();
}
