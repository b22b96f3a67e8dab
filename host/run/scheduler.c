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

/* Blocks at hand, so that nobody waits for a slow one; the first thread reads two before it starts the others. A thread has turns
 * of its own: what they hold stays in its caches. */
enum { TURNS_A_THREAD = 2 };

struct turns {
    struct run *run;
    unsigned threads;
    struct worker *workers;
    pthread_t *ids;
    unsigned started; /* threads beside the first, once there is a second block */
    bool short_of_threads; /* the system refused the others: those that there are do their work */

    pthread_mutex_t mutex; /* of all below, and of where each turn stands */
    pthread_cond_t change;
    struct turn *all;   /* TURNS_A_THREAD of the first thread, then those of the second, and so on */
    struct turn **ring; /* those at hand, by number: they are let go in order, so it has room for all */
    size_t ring_size;
    uint64_t next_read, next_settled;       /* numbers of turns */
    struct reached {
        uint64_t turn;
        unsigned part;
    } *next_played, *next_applied;          /* by thread */
    bool settling;
    struct worker *reading; /* whose thread reads, or waits for input; NULL: nobody's */
    pthread_t reader;       /* while reading */
    bool ended;   /* there is no block behind next_read - 1 */
    size_t kept_bytes; /* of all workers */
    uint64_t last;         /* the run ends in the turn of this number, or before: nothing of later ones is done */
    uint64_t rejects_left; /* at most, before the limit; less what is not settled yet */
    bool stopped; /* the run stops: nothing more is begun */
    struct error error;
    bool read_failed; /* how it ended; counts when all before is settled */
    struct error read_error;
};

static struct turn *turn_at(struct turns *turns, uint64_t number)
{
    return turns->ring[number % turns->ring_size];
}

/* Have all lines of the turn been played? */
static bool is_played(const struct turns *turns, const struct turn *turn)
{
    return turn->read && turn->played == (turns->run->plan.partitioned ? turns->threads : 1);
}

static bool is_applied(const struct turns *turns, const struct turn *turn)
{
    return turns->threads == 1 || turn->applied == turns->threads;
}

/* The turn ends the run. What a line that failed has left behind is no state for plugins to work on. */
static void end_with(struct turns *turns, const struct turn *turn)
{
    if (turn->number < turns->last) turns->last = turn->number;
}

/* A producer has played what it could. */
static void end_part(struct turns *turns, struct turn *turn, size_t producer)
{
    if (turn->journals[producer].stopped) end_with(turns, turn);
    if (is_played(turns, turn)) turn_end_part(turn);
}

/* Nothing of it, or of this part of it, is left to be done. */
static void let_go(const struct turns *turns, struct turn *turn)
{
    if (!turn->settled || !is_applied(turns, turn)) return;
    if (turn_is_whole(turn)) turn->busy = false;
    else turn_next_part(turn);
}

/* ---- what there is to do. Each is called with the mutex held, and gives it up while it works; false: not now */

static bool settle_oldest(struct turns *turns, struct worker *worker)
{
    struct turn *turn = turn_at(turns, turns->next_settled);
    const uint64_t limit = turns->run->plan.config->rejects.limit;
    (void)worker;
    if (turns->settling || turns->next_settled == turns->next_read || !is_played(turns, turn) || turn->settled) return false;
    if (turns->run->plan.reduces && !is_applied(turns, turn)) return false;
    turns->settling = true;
    pthread_mutex_unlock(&turns->mutex);
    struct error error;
    bool goes_on = settle(turns->run, turn, &error);
    pthread_mutex_lock(&turns->mutex);
    turns->settling = false;
    turns->next_settled += turn_is_whole(turn);
    if (limit) turns->rejects_left = limit - tally_count(&turns->run->tally, FATE_REJECTED);
    turn->settled = true;
    let_go(turns, turn);
    if (!goes_on) {
        turns->stopped = true;
        turns->error = error;
    }
    return true;
}

static void go_on(struct reached *next, bool whole)
{
    *next = whole ? (struct reached){next->turn + 1, 0} : (struct reached){next->turn, next->part + 1};
}

static bool apply_own(struct turns *turns, struct worker *worker)
{
    struct reached *next = &turns->next_applied[worker->number];
    struct turn *turn = turn_at(turns, next->turn);
    if (turns->threads == 1 || next->turn == turns->next_read || next->turn > turns->last) return false;
    if (next->part != turn->part || !is_played(turns, turn)) return false;
    pthread_mutex_unlock(&turns->mutex);
    uint32_t line;
    struct error error;
    bool applied = worker_apply(worker, turn, &line, &error);
    size_t kept_bytes = emitter_kept_bytes(worker->emitter);
    pthread_mutex_lock(&turns->mutex);
    if (!applied) end_with(turns, turn);
    if (!applied && (!turn->failed || failed_before(line, &error, turn->failed_line, &turn->failure))) {
        turn->failed = true;
        turn->failed_line = line;
        turn->failure = error;
    }
    turns->kept_bytes += kept_bytes - worker->kept_bytes;
    worker->kept_bytes = kept_bytes;
    turn->applied++;
    go_on(next, turn_is_whole(turn));
    let_go(turns, turn);
    return true;
}

static bool play_owned(struct turns *turns, struct worker *worker)
{
    struct reached *next = &turns->next_played[worker->number];
    struct turn *turn = turn_at(turns, next->turn);
    uint64_t left = turns->rejects_left;
    if (!turns->run->plan.partitioned || next->turn == turns->next_read || next->turn > turns->last) return false;
    if (next->part != turn->part || !turn->read) return false;
    pthread_mutex_unlock(&turns->mutex);
    worker_play_owned(worker, turn, left);
    pthread_mutex_lock(&turns->mutex);
    turn->played++;
    go_on(next, turn_is_played_by(turn, 1 + worker->number));
    end_part(turns, turn, 1 + worker->number);
    return true;
}

static bool stand_in_for(struct turns *turns, struct worker *absent)
{
    if (absent->lent) return false;
    absent->lent = true;
    bool did = apply_own(turns, absent) || play_owned(turns, absent);
    absent->lent = false;
    return did;
}

/* While a thread waits for input, which may take for ever, another does for it what turns that were read wait for. So it is
 * with the work of threads that could not be started. */
static bool stand_in(struct turns *turns, struct worker *worker)
{
    if (turns->reading && turns->reading != worker && stand_in_for(turns, turns->reading)) return true;
    for (unsigned i = turns->started + 1; turns->short_of_threads && i < turns->threads; i++)
        if (stand_in_for(turns, &turns->workers[i])) return true;
    return false;
}

static void take_back(struct turns *turns, struct worker *worker)
{
    while (worker->lent) pthread_cond_wait(&turns->change, &turns->mutex);
}

static void start_others(struct turns *turns);

/* Plays what is left of a turn, up to where it is cut. */
static void play(struct turns *turns, struct worker *worker, struct turn *turn)
{
    uint64_t left = turns->rejects_left;
    pthread_mutex_unlock(&turns->mutex);
    worker_play(worker, turn, left);
    if (turns->threads == 1 && turn_is_read(turn)) source_tell_lines(turns->run->parts.source, turn->line_count);
    pthread_mutex_lock(&turns->mutex);
    turn->read = true;
    turn->played += !turns->run->plan.partitioned;
    end_part(turns, turn, 0);
    if (!turn_is_read(turn)) start_others(turns); /* it goes on when all shards have been applied */
}

static bool play_on(struct turns *turns, struct worker *worker)
{
    struct turn *turn = turn_at(turns, turns->next_settled);
    if (turns->next_settled == turns->next_read || !turn->goes_on) return false;
    turn->goes_on = false;
    play(turns, worker, turn);
    return true;
}

/* One of the worker's own, or NULL. */
static struct turn *free_turn(const struct turns *turns, const struct worker *worker)
{
    struct turn *own = turns->all + (size_t)worker->number * TURNS_A_THREAD;
    for (struct turn *turn = own; turn < own + TURNS_A_THREAD; turn++)
        if (!turn->busy) return turn;
    return NULL;
}

static bool read_next(struct turns *turns, struct worker *worker)
{
    struct turn *turn;
    if (turns->reading || turns->ended || turns->next_read > turns->last || !(turn = free_turn(turns, worker))) return false;
    turns->reading = worker;
    turns->reader = pthread_self();
    bool keeps = turns->kept_bytes <= turns->run->plan.kept_bytes_max;
    turn_reset(turn, turns->next_read, keeps, 2 * turns->run->plan.producer_bytes); /* which they reach by growing as they do */
    pthread_mutex_unlock(&turns->mutex);
    struct error error;
    struct block block;
    int got = source_next_into(turns->run->parts.source, &turn->buffer, &block, &error);
    if (turns->threads > 1) source_count_lines(turns->run->parts.source);
    pthread_mutex_lock(&turns->mutex);
    turns->reading = NULL;
    if (got <= 0) {
        turns->ended = true;
        turn->busy = false;
        turns->read_failed = got < 0;
        if (got < 0) turns->read_error = error;
        return true;
    }
    bool others_needed = turns->run->plan.partitioned || turns->run->plan.reduces;
    turn_begin(turn, &block);
    turns->ring[turns->next_read % turns->ring_size] = turn;
    if (turns->next_read++ == 1 || others_needed) start_others(turns);
    pthread_cond_broadcast(&turns->change); /* somebody else may read on */
    take_back(turns, worker);
    play(turns, worker, turn);
    return true;
}

static bool is_done(const struct turns *turns, const struct worker *worker)
{
    if (turns->stopped) return true;
    if (!turns->ended || turns->next_settled != turns->next_read) return false;
    return turns->threads == 1 || turns->next_applied[worker->number].turn == turns->next_read;
}

static void work(struct turns *turns, struct worker *worker)
{
    static bool (*const tasks[])(struct turns *, struct worker *) = {settle_oldest, apply_own, play_owned,
                                                                     stand_in,      play_on,   read_next};
    pthread_mutex_lock(&turns->mutex);
    while (!is_done(turns, worker)) {
        bool did = false;
        for (size_t i = 0; i < sizeof tasks / sizeof *tasks && !did; i++) did = tasks[i](turns, worker);
        if (did) pthread_cond_broadcast(&turns->change);
        else pthread_cond_wait(&turns->change, &turns->mutex);
        take_back(turns, worker);
    }
    pthread_mutex_unlock(&turns->mutex);
}

/* The run has stopped, but a thread may wait for input that never comes. The signal may be early, before the wait: so it is
 * repeated. The mutex is held. */
static void interrupt_reader(struct turns *turns)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    source_cancel(turns->run->parts.source);
    while (turns->reading) {
        pthread_kill(turns->reader, SIGRTMIN);
        pthread_mutex_unlock(&turns->mutex);
        nanosleep(&pause, NULL);
        pthread_mutex_lock(&turns->mutex);
    }
}

static void finish_own(struct turns *turns, struct worker *worker)
{
    struct error error;
    pthread_mutex_lock(&turns->mutex);
    if (turns->stopped) interrupt_reader(turns);
    else if (!effects_flush(worker->emitter, &error)) { /* its own rows: nobody else waits for them */
        turns->stopped = true;
        turns->error = error;
    }
    pthread_mutex_unlock(&turns->mutex);
}

/* ---- threads */

struct start {
    struct turns *turns;
    struct worker *worker;
};

static void *run(void *data)
{
    struct start start = *(struct start *)data;
    free(data);
    guard_thread_start();
    work(start.turns, start.worker);
    finish_own(start.turns, start.worker);
    guard_thread_finish();
    return NULL;
}

/* With `threads: auto` those that there are will do. */
static void be_short_of_threads(struct turns *turns, int why)
{
    turns->short_of_threads = true;
    if (!turns->run->plan.config->threads || turns->stopped) return;
    turns->stopped = true;
    error_set(&turns->error, "cannot start thread %u of %u: %s: a limit on threads, processes or memory (ulimit -u or -v, pids.max); "
              "'threads: auto' does with fewer", turns->started + 2, turns->threads, strerror(why));
}

/* Where there is one block, one thread is enough, unless settling it waits for the others; so a small job starts none. */
static void start_others(struct turns *turns)
{
    while (turns->started + 1 < turns->threads && !turns->short_of_threads) {
        struct start *start = allocate(sizeof *start);
        *start = (struct start){turns, &turns->workers[turns->started + 1]};
        int failed = pthread_create(&turns->ids[turns->started], NULL, run, start);
        if (!failed) {
            turns->started++;
            continue;
        }
        free(start);
        be_short_of_threads(turns, failed);
    }
}

/* With one block only, the first thread does the work of all; and at the end that of those which could not be started. */
static void finish_alone(struct turns *turns)
{
    for (unsigned i = turns->started + 1; i < turns->threads; i++) {
        work(turns, &turns->workers[i]);
        finish_own(turns, &turns->workers[i]);
    }
}

static void turns_init(struct turns *turns, struct run *run)
{
    unsigned threads = run->plan.threads;
    *turns = (struct turns){.run = run, .threads = threads,
                            .ring_size = (size_t)threads * TURNS_A_THREAD, .last = UINT64_MAX};
    turns->rejects_left = run->plan.config->rejects.limit ? run->plan.config->rejects.limit : UINT64_MAX;
    pthread_mutex_init(&turns->mutex, NULL);
    pthread_cond_init(&turns->change, NULL);
    turns->workers = allocate(threads * sizeof *turns->workers);
    turns->ids = allocate(threads * sizeof *turns->ids);
    turns->next_played = allocate(threads * sizeof *turns->next_played);
    turns->next_applied = allocate(threads * sizeof *turns->next_applied);
    turns->all = allocate(turns->ring_size * sizeof *turns->all);
    turns->ring = allocate(turns->ring_size * sizeof(struct turn *));
    for (unsigned i = 0; i < threads; i++) worker_init(&turns->workers[i], run, i);
    for (size_t i = 0; i < turns->ring_size; i++)
        turn_init(&turns->all[i], run->parts.effects, run->plan.producers, threads > 1);
}

static void turns_finish(struct turns *turns)
{
    for (unsigned i = 0; i < turns->threads; i++) worker_finish(&turns->workers[i]);
    for (size_t i = 0; i < turns->ring_size; i++) turn_finish(&turns->all[i]);
    free(turns->workers);
    free(turns->ids);
    free(turns->next_played);
    free(turns->next_applied);
    free(turns->all);
    free(turns->ring);
    pthread_cond_destroy(&turns->change);
    pthread_mutex_destroy(&turns->mutex);
}

static void wake_up(int signal)
{
    (void)signal; /* that read() ends is all */
}

bool turns_run(struct run *run, struct error *error)
{
    struct turns turns;
    sigaction(SIGRTMIN, &(struct sigaction){.sa_handler = wake_up}, NULL); /* without SA_RESTART */
    turns_init(&turns, run);
    work(&turns, &turns.workers[0]);
    finish_own(&turns, &turns.workers[0]);
    for (unsigned i = 0; i < turns.started; i++) pthread_join(turns.ids[i], NULL);
    finish_alone(&turns);
    run->tally.threads_used = turns.started + 1;
    bool ok = !turns.stopped && !turns.read_failed;
    if (turns.stopped) *error = turns.error;
    else if (turns.read_failed) *error = turns.read_error;
    turns_finish(&turns);
    return ok;
}
