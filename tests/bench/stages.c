/* SPDX-License-Identifier: MIT
 * stages: nanoseconds a logline, stage by stage, on one thread.
 *
 *   stages PIPELINE.yaml [ROUNDS]
 *
 * The log is played again and again, each time cut off after one more stage; what a stage takes is the difference of two medians.
 * The service that takes effects is replaced, or their batches are emptied event by event, so that dispatch runs as it is while
 * effects go no further than they should. */
#include "base/memory.h"
#include "decode/decoder.h"
#include "dispatch/dispatcher.h"
#include "pipeline.h"
#include "run/scheduler.h"
#include "run/worker.h"
#include "state/sort.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum stage { READ, DECODE, HANDLE, DISPATCH, EMIT, FOLD, SCHEDULER, STAGES };

static const char *const stage_texts[STAGES] = {
    [READ] = "read: the file's bytes, in blocks",
    [DECODE] = "decode: JSON to the handlers' structs",
    [HANDLE] = "handlers: the plugins' own code",
    [DISPATCH] = "dispatch: guarded calls",
    [EMIT] = "emit: services, effects to entries of a batch",
    [FOLD] = "fold: batches into rows",
    [SCHEDULER] = "scheduler: counts, order, what became of each line",
};

enum { ROUNDS_MAX = 99 };

struct times {
    double stages[STAGES][ROUNDS_MAX], sort[ROUNDS_MAX], write[ROUNDS_MAX]; /* seconds */
    uint64_t lines, rows;
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---- where effects end */

static enum stage last_stage;

/* Nothing of it is applied. */
static void drop_effects(struct emitter *emitter)
{
    for (struct pending *p = emitter->own; p < emitter->own + emitter->own_count; p++) {
        p->batch.count = p->marked = 0;
        scratch_reset(p->texts);
    }
}

/* Services of a host that does nothing, to call handlers without one. */
static etl_result drop(struct etl_context *context, const struct etl_effect *effect, const void *record)
{
    return ETL_OK;
}

static const void *find_nothing(struct etl_context *context, const struct etl_effect *effect, const struct etl_row *row,
                                const void *keys)
{
    return NULL;
}

static etl_result refuse(struct etl_context *context, const char *reason)
{
    return ETL_REJECT;
}

static void call_handlers(const struct worker *worker, unsigned event_type)
{
    struct etl_context context = {.size = sizeof context, .emit = drop, .remove = drop, .lookup = find_nothing, .reject = refuse};
    const char *frame = decoder_frame(worker->decoder);
    const struct handler *handler;
    for (size_t i = 0; (handler = dispatch_chain(worker->dispatch, event_type, i)); i++) {
        context.data = handler->data;
        handler->handle(&context, handler->event ? frame + handler->event_offset : NULL);
    }
}

/* ---- playing a log up to a stage */

/* Returns where the next one begins. */
static const char *play_line(struct worker *worker, const struct block *block, const char *start, uint32_t number)
{
    struct judged judged = decoder_decode(worker->decoder, start, (size_t)(block_end(block) - start));
    struct logline line = {start, (size_t)(judged.end - start), block, number};
    if (judged.verdict == VERDICT_EVENT && last_stage == HANDLE) call_handlers(worker, judged.event_type);
    if (judged.verdict == VERDICT_EVENT && last_stage > HANDLE) dispatch_event(worker->dispatch, judged.event_type, &line);
    if (last_stage < FOLD) drop_effects(worker->emitter);
    return block_next(block, judged.end);
}

static bool play(struct run *pipeline, uint64_t *lines, struct error *error)
{
    struct worker worker;
    struct block block;
    int got;
    worker_init(&worker, pipeline, 0);
    for (size_t i = 0; i < worker.dispatch->context_count && last_stage < EMIT; i++)
        worker.dispatch->contexts[i]->base.emit = drop;
    for (size_t i = 0; i < worker.emitter->own_count && last_stage < FOLD; i++) /* a batch is never full */
        worker.emitter->own[i].full = UINT32_MAX, worker.emitter->own[i].texts_full = SIZE_MAX;
    while ((got = source_next(pipeline->parts.source, &block, error)) > 0) {
        if (last_stage == READ) continue;
        const char *next = block.data;
        for (uint32_t number = 0; next < block_end(&block); number++, ++*lines) next = play_line(&worker, &block, next, number);
    }
    bool ok = !got && effects_flush(worker.emitter, error);
    worker_finish(&worker);
    return ok;
}

/* ---- a round */

/* Sorting is a part of writing: what is left of it is formatting, and the file. */
static bool write_state(struct run *pipeline, struct times *times, size_t round, struct error *error)
{
    const struct state *state = effects_state(pipeline->parts.effects);
    times->rows = 0;
    double start = now();
    for (size_t i = 0; i < state_table_count(state); i++) {
        struct order order;
        order_init(&order, state_table(state, i), 1);
        order_finish(&order);
        times->rows += table_row_count(state_table(state, i));
    }
    times->sort[round] = now() - start;
    start = now();
    if (!sinks_write_state(pipeline->parts.sinks, 1, error) || !sinks_complete(pipeline->parts.sinks, error)) return false;
    times->write[round] = now() - start - times->sort[round];
    return true;
}

static bool measure(const struct config *config, struct times *times, size_t round, struct error *error)
{
    struct diagnostics diagnostics = {0};
    struct run *pipeline = pipeline_create(config, &diagnostics);
    diagnostics_print(&diagnostics, stderr);
    diagnostics_finish(&diagnostics);
    if (!pipeline) return error_set(error, "the pipeline is not in order");
    uint64_t lines = 0;
    bool ok = !sinks_effects_count(pipeline->parts.sinks) || error_set(error, "sinks of effects are not measured: leave them out");
    ok = ok && sinks_open(pipeline->parts.sinks, error) && rejects_open(pipeline->parts.rejects, error); /* nothing is published */
    double start = now();
    if (ok) ok = last_stage == SCHEDULER ? scheduler_run(pipeline, error) : play(pipeline, &lines, error);
    times->stages[last_stage][round] = now() - start;
    if (last_stage == FOLD) times->lines = lines;
    if (ok && last_stage == SCHEDULER) ok = write_state(pipeline, times, round, error);
    pipeline_destroy(pipeline);
    return ok;
}

/* ---- the table */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static double print_row(const char *text, double seconds, double sum, const struct times *times)
{
    double ns = 1e9 / (double)(times->lines ? times->lines : 1);
    printf("| %-48s | %7.1f | %7.1f |\n", text, seconds * ns, (sum + seconds) * ns);
    return sum + seconds;
}

static void print(struct times *times, size_t rounds)
{
    double sum = 0;
    printf("| %-48s | %7s | %7s |\n| %.48s | ------- | ------- |\n", "stage", "ns/line", "sum",
           "------------------------------------------------");
    for (int stage = 0; stage < STAGES; stage++)
        sum = print_row(stage_texts[stage], median(times->stages[stage], rounds) - sum, sum, times);
    sum = print_row("sort: row numbers by key", median(times->sort, rounds), sum, times);
    print_row("write: rows to text to the file", median(times->write, rounds), sum, times);
    printf("%" PRIu64 " rows; medians of %zu rounds\n", times->rows, rounds);
}

int main(int argc, char **argv)
{
    static struct times times;
    struct diagnostics diagnostics = {0};
    struct error error;
    long rounds = argc > 2 ? atol(argv[2]) : 5;
    if (argc < 2 || rounds < 1 || rounds > ROUNDS_MAX) return fprintf(stderr, "usage: stages PIPELINE.yaml [ROUNDS]\n"), 2;
    struct config *config = config_load(argv[1], &diagnostics);
    diagnostics_print(&diagnostics, stderr);
    bool ok = config && !diagnostics.errors;
    diagnostics_finish(&diagnostics);
    if (ok) config->threads = 1;
    for (long round = -1; ok && round < rounds; round++) /* the first warms up, and is written over */
        for (int stage = 0; ok && stage < STAGES; stage++) {
            last_stage = (enum stage)stage;
            ok = measure(config, &times, round < 0 ? 0 : (size_t)round, &error);
            if (!ok) fprintf(stderr, "stages: %s\n", error.text);
        }
    if (ok) print(&times, (size_t)rounds);
    config_destroy(config);
    return ok ? 0 : 1;
}
