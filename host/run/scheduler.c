/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "run/scheduler.h"
#include "base/guard.h"
#include "base/memory.h"
#include "run/settle.h"
#include "run/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Blocks at hand, so that nobody waits for a slow one; the first thread reads two before it starts the others. A thread has chunks
 * of its own: what they hold stays in its caches. */
enum { CHUNKS_A_THREAD = 2 };

struct scheduler {
    struct run *run;
    unsigned threads;
    struct worker *workers;
    pthread_t *ids;
    unsigned started; /* threads beside the first, once there is a second block */
    bool short_of_threads; /* the system refused the others: those that there are do their work */

    pthread_mutex_t mutex; /* of all below, and of where each chunk stands */
    pthread_cond_t change;
    struct chunk *all;   /* CHUNKS_A_THREAD of the first thread, then those of the second, and so on */
    struct chunk **ring; /* those at hand, by number: they are let go in order, so it has room for all */
    size_t ring_size;
    uint64_t next_read, next_settled;       /* numbers of chunks */
    struct reached {
        uint64_t chunk;
        unsigned part;
    } *next_played, *next_applied;          /* by thread */
    bool settling;
    struct worker *reading; /* whose thread reads, or waits for input; NULL: nobody's */
    pthread_t reader;       /* while reading */
    bool ended;   /* there is no block behind next_read - 1 */
    size_t kept_bytes; /* of all workers */
    uint64_t last;         /* the run ends in the chunk of this number, or before: nothing of later ones is done */
    uint64_t rejects_left; /* at most, before the limit; less what is not settled yet */
    bool stopped; /* the run stops: nothing more is begun */
    struct error error;
    bool read_failed; /* how it ended; counts when all before is settled */
    struct error read_error;
};

static struct chunk *chunk_at(struct scheduler *s, uint64_t number)
{
    return s->ring[number % s->ring_size];
}

/* Have all lines of the chunk been played? */
static bool is_played(const struct scheduler *s, const struct chunk *chunk)
{
    return chunk->read && chunk->played == (s->run->plan.partitioned ? s->threads : 1);
}

static bool is_applied(const struct scheduler *s, const struct chunk *chunk)
{
    return s->threads == 1 || chunk->applied == s->threads;
}

/* The chunk ends the run. What a line that failed has left behind is no state for plugins to work on. */
static void end_with(struct scheduler *s, const struct chunk *chunk)
{
    if (chunk->number < s->last) s->last = chunk->number;
}

/* A producer has played what it could. */
static void end_part(struct scheduler *s, struct chunk *chunk, size_t producer)
{
    if (chunk->journals[producer].stopped) end_with(s, chunk);
    if (is_played(s, chunk)) chunk_end_part(chunk);
}

/* Nothing of it, or of this part of it, is left to be done. */
static void let_go(const struct scheduler *s, struct chunk *chunk)
{
    if (!chunk->settled || !is_applied(s, chunk)) return;
    if (chunk_is_whole(chunk)) chunk->busy = false;
    else chunk_next_part(chunk);
}

/* ---- what there is to do. Each is called with the mutex held, and gives it up while it works; false: not now */

static bool settle_oldest(struct scheduler *s, struct worker *worker)
{
    struct chunk *chunk = chunk_at(s, s->next_settled);
    const uint64_t limit = s->run->plan.config->rejects.limit;
    (void)worker;
    if (s->settling || s->next_settled == s->next_read || !is_played(s, chunk) || chunk->settled) return false;
    if (s->run->plan.reduces && !is_applied(s, chunk)) return false;
    s->settling = true;
    pthread_mutex_unlock(&s->mutex);
    struct error error;
    bool goes_on = settle(s->run, chunk, &error);
    pthread_mutex_lock(&s->mutex);
    s->settling = false;
    s->next_settled += chunk_is_whole(chunk);
    if (limit) s->rejects_left = limit - tally_count(&s->run->tally, FATE_REJECTED);
    chunk->settled = true;
    let_go(s, chunk);
    if (!goes_on) {
        s->stopped = true;
        s->error = error;
    }
    return true;
}

static void go_on(struct reached *next, bool whole)
{
    *next = whole ? (struct reached){next->chunk + 1, 0} : (struct reached){next->chunk, next->part + 1};
}

static bool apply_own(struct scheduler *s, struct worker *worker)
{
    struct reached *next = &s->next_applied[worker->number];
    struct chunk *chunk = chunk_at(s, next->chunk);
    if (s->threads == 1 || next->chunk == s->next_read || next->chunk > s->last) return false;
    if (next->part != chunk->part || !is_played(s, chunk)) return false;
    pthread_mutex_unlock(&s->mutex);
    uint32_t line;
    struct error error;
    bool applied = worker_apply(worker, chunk, &line, &error);
    size_t kept_bytes = emitter_kept_bytes(worker->emitter);
    pthread_mutex_lock(&s->mutex);
    if (!applied) end_with(s, chunk);
    if (!applied && (!chunk->failed || failed_before(line, &error, chunk->failed_line, &chunk->failure))) {
        chunk->failed = true;
        chunk->failed_line = line;
        chunk->failure = error;
    }
    s->kept_bytes += kept_bytes - worker->kept_bytes;
    worker->kept_bytes = kept_bytes;
    chunk->applied++;
    go_on(next, chunk_is_whole(chunk));
    let_go(s, chunk);
    return true;
}

static bool play_owned(struct scheduler *s, struct worker *worker)
{
    struct reached *next = &s->next_played[worker->number];
    struct chunk *chunk = chunk_at(s, next->chunk);
    uint64_t left = s->rejects_left;
    if (!s->run->plan.partitioned || next->chunk == s->next_read || next->chunk > s->last) return false;
    if (next->part != chunk->part || !chunk->read) return false;
    pthread_mutex_unlock(&s->mutex);
    worker_play_owned(worker, chunk, left);
    pthread_mutex_lock(&s->mutex);
    chunk->played++;
    go_on(next, chunk_is_played_by(chunk, 1 + worker->number));
    end_part(s, chunk, 1 + worker->number);
    return true;
}

static bool stand_in_for(struct scheduler *s, struct worker *absent)
{
    if (absent->lent) return false;
    absent->lent = true;
    bool did = apply_own(s, absent) || play_owned(s, absent);
    absent->lent = false;
    return did;
}

/* While a thread waits for input, which may take for ever, another does for it what chunks that were read wait for. So it is
 * with the work of threads that could not be started. */
static bool stand_in(struct scheduler *s, struct worker *worker)
{
    if (s->reading && s->reading != worker && stand_in_for(s, s->reading)) return true;
    for (unsigned i = s->started + 1; s->short_of_threads && i < s->threads; i++)
        if (stand_in_for(s, &s->workers[i])) return true;
    return false;
}

static void take_back(struct scheduler *s, struct worker *worker)
{
    while (worker->lent) pthread_cond_wait(&s->change, &s->mutex);
}

static void start_others(struct scheduler *s);

/* Plays what is left of a chunk, up to where it is cut. */
static void play(struct scheduler *s, struct worker *worker, struct chunk *chunk)
{
    uint64_t left = s->rejects_left;
    pthread_mutex_unlock(&s->mutex);
    worker_play(worker, chunk, left);
    if (s->threads == 1 && chunk_is_read(chunk)) source_tell_lines(s->run->parts.source, chunk->line_count);
    pthread_mutex_lock(&s->mutex);
    chunk->read = true;
    chunk->played += !s->run->plan.partitioned;
    end_part(s, chunk, 0);
    if (!chunk_is_read(chunk)) start_others(s); /* it goes on when all shards have been applied */
}

static bool play_on(struct scheduler *s, struct worker *worker)
{
    struct chunk *chunk = chunk_at(s, s->next_settled);
    if (s->next_settled == s->next_read || !chunk->goes_on) return false;
    chunk->goes_on = false;
    play(s, worker, chunk);
    return true;
}

/* One of the worker's own, or NULL. */
static struct chunk *free_chunk(const struct scheduler *s, const struct worker *worker)
{
    struct chunk *own = s->all + (size_t)worker->number * CHUNKS_A_THREAD;
    for (struct chunk *chunk = own; chunk < own + CHUNKS_A_THREAD; chunk++)
        if (!chunk->busy) return chunk;
    return NULL;
}

static bool read_next(struct scheduler *s, struct worker *worker)
{
    struct chunk *chunk;
    if (s->reading || s->ended || s->next_read > s->last || !(chunk = free_chunk(s, worker))) return false;
    s->reading = worker;
    s->reader = pthread_self();
    bool keeps = s->kept_bytes <= s->run->plan.kept_bytes_max;
    chunk_reset(chunk, s->next_read, keeps, 2 * s->run->plan.producer_bytes); /* which they reach by growing as they do */
    pthread_mutex_unlock(&s->mutex);
    struct error error;
    struct block block;
    int got = source_next_into(s->run->parts.source, &chunk->buffer, &block, &error);
    if (s->threads > 1) source_count_lines(s->run->parts.source);
    pthread_mutex_lock(&s->mutex);
    s->reading = NULL;
    if (got <= 0) {
        s->ended = true;
        chunk->busy = false;
        s->read_failed = got < 0;
        if (got < 0) s->read_error = error;
        return true;
    }
    bool others_needed = s->run->plan.partitioned || s->run->plan.reduces;
    chunk_begin(chunk, &block);
    s->ring[s->next_read % s->ring_size] = chunk;
    if (s->next_read++ == 1 || others_needed) start_others(s);
    pthread_cond_broadcast(&s->change); /* somebody else may read on */
    take_back(s, worker);
    play(s, worker, chunk);
    return true;
}

static bool is_done(const struct scheduler *s, const struct worker *worker)
{
    if (s->stopped) return true;
    if (!s->ended || s->next_settled != s->next_read) return false;
    return s->threads == 1 || s->next_applied[worker->number].chunk == s->next_read;
}

static void work(struct scheduler *s, struct worker *worker)
{
    static bool (*const tasks[])(struct scheduler *, struct worker *) = {settle_oldest, apply_own, play_owned,
                                                                     stand_in,      play_on,   read_next};
    pthread_mutex_lock(&s->mutex);
    while (!is_done(s, worker)) {
        bool did = false;
        for (size_t i = 0; i < sizeof tasks / sizeof *tasks && !did; i++) did = tasks[i](s, worker);
        if (did) pthread_cond_broadcast(&s->change);
        else pthread_cond_wait(&s->change, &s->mutex);
        take_back(s, worker);
    }
    pthread_mutex_unlock(&s->mutex);
}

/* The run has stopped, but a thread may wait for input that never comes. The signal may be early, before the wait: so it is
 * repeated. The mutex is held. */
static void interrupt_reader(struct scheduler *s)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    source_cancel(s->run->parts.source);
    while (s->reading) {
        pthread_kill(s->reader, SIGRTMIN);
        pthread_mutex_unlock(&s->mutex);
        nanosleep(&pause, NULL);
        pthread_mutex_lock(&s->mutex);
    }
}

static void finish_own(struct scheduler *s, struct worker *worker)
{
    struct error error;
    pthread_mutex_lock(&s->mutex);
    if (s->stopped) interrupt_reader(s);
    else if (!effects_flush(worker->emitter, &error)) { /* its own rows: nobody else waits for them */
        s->stopped = true;
        s->error = error;
    }
    pthread_mutex_unlock(&s->mutex);
}

/* ---- threads */

struct start {
    struct scheduler *s;
    struct worker *worker;
};

static void *run(void *data)
{
    struct start start = *(struct start *)data;
    free(data);
    guard_thread_start();
    work(start.s, start.worker);
    finish_own(start.s, start.worker);
    guard_thread_finish();
    return NULL;
}

/* With `threads: auto` those that there are will do. */
static void be_short_of_threads(struct scheduler *s, int why)
{
    s->short_of_threads = true;
    if (!s->run->plan.config->threads || s->stopped) return;
    s->stopped = true;
    error_set(&s->error, "cannot start thread %u of %u: %s: a limit on threads, processes or memory (ulimit -u or -v, pids.max); "
              "'threads: auto' does with fewer", s->started + 2, s->threads, strerror(why));
}

/* Where there is one block, one thread is enough, unless settling it waits for the others; so a small job starts none. */
static void start_others(struct scheduler *s)
{
    while (s->started + 1 < s->threads && !s->short_of_threads) {
        struct start *start = allocate(sizeof *start);
        *start = (struct start){s, &s->workers[s->started + 1]};
        int failed = pthread_create(&s->ids[s->started], NULL, run, start);
        if (!failed) {
            s->started++;
            continue;
        }
        free(start);
        be_short_of_threads(s, failed);
    }
}

/* With one block only, the first thread does the work of all; and at the end that of those which could not be started. */
static void finish_alone(struct scheduler *s)
{
    for (unsigned i = s->started + 1; i < s->threads; i++) {
        work(s, &s->workers[i]);
        finish_own(s, &s->workers[i]);
    }
}

static void scheduler_init(struct scheduler *s, struct run *run)
{
    unsigned threads = run->plan.threads;
    *s = (struct scheduler){.run = run, .threads = threads,
                            .ring_size = (size_t)threads * CHUNKS_A_THREAD, .last = UINT64_MAX};
    s->rejects_left = run->plan.config->rejects.limit ? run->plan.config->rejects.limit : UINT64_MAX;
    pthread_mutex_init(&s->mutex, NULL);
    pthread_cond_init(&s->change, NULL);
    s->workers = allocate(threads * sizeof *s->workers);
    s->ids = allocate(threads * sizeof *s->ids);
    s->next_played = allocate(threads * sizeof *s->next_played);
    s->next_applied = allocate(threads * sizeof *s->next_applied);
    s->all = allocate(s->ring_size * sizeof *s->all);
    s->ring = allocate(s->ring_size * sizeof(struct chunk *));
    for (unsigned i = 0; i < threads; i++) worker_init(&s->workers[i], run, i);
    for (size_t i = 0; i < s->ring_size; i++)
        chunk_init(&s->all[i], run->parts.effects, run->plan.producers, threads > 1);
}

static void scheduler_finish(struct scheduler *s)
{
    for (unsigned i = 0; i < s->threads; i++) worker_finish(&s->workers[i]);
    for (size_t i = 0; i < s->ring_size; i++) chunk_finish(&s->all[i]);
    free(s->workers);
    free(s->ids);
    free(s->next_played);
    free(s->next_applied);
    free(s->all);
    free(s->ring);
    pthread_cond_destroy(&s->change);
    pthread_mutex_destroy(&s->mutex);
}

static void wake_up(int signal)
{
    (void)signal; /* that read() ends is all */
}

bool scheduler_run(struct run *run, struct error *error)
{
    struct scheduler s;
    sigaction(SIGRTMIN, &(struct sigaction){.sa_handler = wake_up}, NULL); /* without SA_RESTART */
    scheduler_init(&s, run);
    work(&s, &s.workers[0]);
    finish_own(&s, &s.workers[0]);
    for (unsigned i = 0; i < s.started; i++) pthread_join(s.ids[i], NULL);
    finish_alone(&s);
    run->tally.threads_used = s.started + 1;
    bool ok = !s.stopped && !s.read_failed;
    if (s.stopped) *error = s.error;
    else if (s.read_failed) *error = s.read_error;
    scheduler_finish(&s);
    return ok;
}
