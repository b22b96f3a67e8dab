/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "pipeline.h"
#include "base/console.h"
#include "base/guard.h"
#include "base/memory.h"
#include "run/initial.h"
#include "run/run.h"
#include "run/scheduler.h"
#include "sinks/leftovers.h"
#include "source/source_impl.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 256 };
_Static_assert((int)THREADS_MAX < (int)OUTBOXES_MAX && (int)THREADS_MAX < (int)NO_OWNER,
               "each thread is a producer of a chunk, and one more is");

/* ---- the life of a pipeline */

/* A row holds more than the logline that it came of: max_line says nothing about it. */
enum { INITIAL_LINE_MAX = 1 << 30 };

static struct source *create_initial_source(const struct config *config, struct diagnostics *diagnostics)
{
    struct config initial = *config;
    if (!config->initial.value) return NULL;
    initial.source.paths = &initial.initial;
    initial.source.path_count = 1;
    initial.source.max_line = INITIAL_LINE_MAX;
    return source_create(&initial, diagnostics);
}

static bool is_emitted(const struct dispatch *dispatch, const struct table *table)
{
    for (size_t i = 0; i < dispatch_handler_count(dispatch); i++) {
        const struct handler *h = dispatch_handler(dispatch, i);
        for (unsigned k = 0; k < h->emit_count; k++)
            if (binding_table(h->emits[k]) == table) return true;
    }
    return false;
}

static struct place plugin_place(const struct config *config, const struct plugin *plugin)
{
    for (size_t i = 0; i < config->plugin_count; i++)
        if (config->plugins[i].path.value && !strcmp(config->plugins[i].path.value, plugin->path))
            return config->plugins[i].path.place;
    return (struct place){.file = config->path};
}

/* A table that nobody fills is read, or written out: not wrong, but hardly meant. */
static void warn_of_empty_tables(const struct run *p, struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < p->plan.config->sink_count; i++) {
        const struct config_text *effect = &p->plan.config->sinks[i].effect;
        const struct table *table = effect->value ? state_find(effects_state(p->parts.effects), effect->value) : NULL;
        if (table && !is_emitted(p->parts.dispatch, table))
            diagnostics_add(diagnostics, SEVERITY_WARNING, effect->place, "no handler emits effect '%s'", effect->value);
    }
    for (size_t i = 0; i < dispatch_handler_count(p->parts.dispatch); i++) {
        const struct handler *h = dispatch_handler(p->parts.dispatch, i);
        for (unsigned k = 0; k < h->read_count; k++)
            if (!is_emitted(p->parts.dispatch, binding_table(h->reads[k])))
                diagnostics_add(diagnostics, SEVERITY_WARNING, plugin_place(p->plan.config, h->plugin),
                                "handler '%s' of plugin '%s' reads effect '%s', which no handler emits", h->name, h->plugin->name,
                                table_name(binding_table(h->reads[k])));
    }
}

/* What a chunk may hold is many times what lines bring that are not made to bring much; and a producer's share of it some times
 * that, for all such lines of a block may be one producer's. */
enum { BLOCK_BYTES_MAX = 1 << 30, CHUNK_BYTES = 16 << 20, PRODUCER_BYTES_MIN = 1 << 20 };

/* Of rows of which several threads may have parts: of what comes beyond, each row goes to one. */
#define KEPT_BYTES_MAX ((size_t)256 << 20)

/* So that tests can have the ends of blocks, and of parts of chunks, anywhere; and end what KEPT_BYTES_MAX ends. */
static size_t bytes_wanted(const char *variable, size_t otherwise)
{
    const char *text = getenv(variable);
    long long bytes = text ? strtoll(text, NULL, 10) : 0;
    if (bytes <= 0) return otherwise;
    return bytes < BLOCK_BYTES_MAX ? (size_t)bytes : BLOCK_BYTES_MAX;
}

/* All cores, unless the file says otherwise. */
static unsigned wanted_threads(const struct config *config)
{
    cpu_set_t cores;
    if (config->threads) return config->threads;
    if (sched_getaffinity(0, sizeof cores, &cores)) return 1;
    return CPU_COUNT(&cores) < THREADS_MAX ? (unsigned)CPU_COUNT(&cores) : THREADS_MAX;
}

static void prepare(struct run *p)
{
    const struct state *state = effects_state(p->parts.effects);
    bool reads = dispatch_reads(p->parts.dispatch);
    p->plan.threads_wanted = wanted_threads(p->plan.config);
    /* handlers that read state need rows as of the line before: without a key by which threads can own rows, one must do */
    p->plan.threads = reads && !p->plan.config->partition_by.value ? 1 : p->plan.threads_wanted;
    p->plan.partitioned = p->plan.threads > 1 && reads;
    p->plan.producers = p->plan.partitioned ? p->plan.threads + 1 : 1;
    size_t share = CHUNK_BYTES / p->plan.producers;
    p->plan.producer_bytes = bytes_wanted("ETL_HOST_CHUNK_BYTES", share > PRODUCER_BYTES_MIN ? share : PRODUCER_BYTES_MIN);
    p->plan.kept_bytes_max = bytes_wanted("ETL_HOST_KEPT_BYTES", KEPT_BYTES_MAX);
    for (size_t i = 0; i < state_table_count(state); i++) p->plan.reduces |= table_has_reducer(state_table(state, i));
    tally_init(&p->tally, (uint32_t)schema_event_type_count(p->parts.schema), dispatch_handler_count(p->parts.dispatch));
    effects_open(p->parts.effects, p->plan.threads, p->plan.producers == 1);
}

struct run *pipeline_create(const struct config *config, struct diagnostics *diagnostics)
{
    struct run *p = allocate(sizeof *p);
    struct error error;
    p->plan.config = config;
    p->parts.effects = effects_create();
    p->parts.schema = schema_create(config->source.event_type.value, &error);
    if (!p->parts.schema) {
        diagnostics_add(diagnostics, SEVERITY_ERROR, config->source.event_type.place, "%s", error.text);
        p->parts.schema = schema_create("event_type", &error); /* to go on and find the other mistakes */
    }
    size_t errors = diagnostics->errors;
    p->parts.dispatch = dispatch_create(config, p->parts.schema, p->parts.effects, diagnostics);
    if (diagnostics->errors == errors && !effects_complete(p->parts.effects, &error))
        diagnostics_add(diagnostics, SEVERITY_ERROR, config->plugins[0].path.place, "%s", error.text);
    p->parts.source = source_create(config, diagnostics);
    size_t block_bytes = bytes_wanted("ETL_HOST_BLOCK_BYTES", 0);
    if (block_bytes) source_set_block_size(p->parts.source, block_bytes);
    p->parts.initial = create_initial_source(config, diagnostics);
    p->parts.sinks = sinks_create(config, effects_state(p->parts.effects), p->parts.source, diagnostics);
    if (!diagnostics->errors) warn_of_empty_tables(p, diagnostics);
    p->parts.rejects = rejects_create(config);
    if (!diagnostics->errors) return prepare(p), p;
    pipeline_destroy(p);
    return NULL;
}

void pipeline_destroy(struct run *p)
{
    if (!p) return;
    rejects_destroy(p->parts.rejects);
    sinks_destroy(p->parts.sinks);
    source_destroy(p->parts.initial);
    source_destroy(p->parts.source);
    dispatch_destroy(p->parts.dispatch);
    effects_destroy(p->parts.effects);
    schema_destroy(p->parts.schema);
    tally_finish(&p->tally);
    free(p);
}

void pipeline_be_quiet(struct run *p)
{
    p->plan.quiet = true;
}

/* ---- running */

/* Effects that go to a terminal show by themselves how far it is. */
static bool wants_progress(const struct run *p)
{
    bool effects_shown = false;
    for (size_t i = 0; i < p->plan.config->sink_count; i++)
        effects_shown |= p->plan.config->sinks[i].subject == SINK_EFFECTS && !strcmp(p->plan.config->sinks[i].path.value, "-");
    return !p->plan.quiet && !(effects_shown && isatty(STDOUT_FILENO));
}

static bool play(struct run *p, struct error *error)
{
    if (wants_progress(p)) progress_start(&p->progress);
    guard_task("playing loglines");
    bool played = scheduler_run(p, error);
    guard_task("writing results");
    played = played && dispatch_check_misuse(error);
    progress_finish(&p->progress);
    state_seal(effects_state(p->parts.effects));
    if (played) state_merge(effects_state(p->parts.effects), p->plan.threads);
    return played;
}

static bool state_finite(const struct state *state, struct error *error)
{
    for (size_t i = 0; i < state_table_count(state); i++)
        if (!table_check_finite(state_table(state, i), error)) return false;
    return true;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool say(bool ok, const struct error *error)
{
    if (!ok) error_print(error, console_error());
    return ok;
}

/* What is published together: of a run that stopped, the rejects alone. */
static bool publish_outputs(struct run *p, bool complete, struct error *error)
{
    struct output **outputs = allocate((p->plan.config->sink_count + 1) * sizeof(struct output *));
    size_t count = complete ? sinks_outputs(p->parts.sinks, outputs) : 0;
    bool rejects = !output_is_direct(rejects_output(p->parts.rejects));
    outputs[count++] = rejects_output(p->parts.rejects);
    enum published published = outputs_publish(outputs, count, complete ? "all outputs were published"
                                               : rejects ? "the rejects were published, but no results"
                                               : "nothing was published", error);
    p->tally.rejects_kept = published != PUBLISHED_NOT;
    p->tally.results_kept = complete && p->tally.rejects_kept;
    free(outputs);
    return published == PUBLISHED;
}

/* All outputs are complete before the first is published. Rejects are kept of a run that stopped as well, results are not. */
static bool publish(struct run *p)
{
    struct error error;
    bool kept = say(rejects_complete(p->parts.rejects, &error), &error);
    bool complete = p->tally.played && kept && say(sinks_complete(p->parts.sinks, &error), &error);
    return kept && say(publish_outputs(p, complete, &error), &error) && complete;
}

/* What earlier runs left. */
static void clear_leftovers(const struct config *config)
{
    const char **paths = allocate((config->sink_count + 1) * sizeof *paths);
    struct buffer restored = {0};
    size_t count = 0;
    for (size_t i = 0; i < config->sink_count; i++) paths[count++] = config->sinks[i].path.value;
    if (config->rejects.path.value) paths[count++] = config->rejects.path.value;
    leftovers_remove(paths, count, &restored);
    if (restored.size)
        fprintf(console_error(), "etl-host: warning: an earlier run was killed while it published; what it had changed is as it was "
                                 "before: %.*s\n", (int)restored.size, restored.data);
    buffer_finish(&restored);
    free(paths);
}

enum exit_status pipeline_run(struct run *p)
{
    struct state *state = effects_state(p->parts.effects);
    struct error error;
    double start = now();
    clear_leftovers(p->plan.config);
    if (!say(sinks_open(p->parts.sinks, &error) && rejects_open(p->parts.rejects, &error), &error)) return EXIT_STOPPED;

    p->tally.played = (!p->parts.initial || initial_read(state, p->parts.initial, &error))
                && play(p, &error)
                && state_finite(state, &error)
                && sinks_write_state(p->parts.sinks, p->plan.threads, &error);

    say(p->tally.played, &error);
    p->tally.published = publish(p);
    p->tally.seconds = now() - start;
    if (!p->tally.published) return EXIT_STOPPED;
    return tally_count(&p->tally, FATE_REJECTED) ? EXIT_REJECTS : EXIT_DONE;
}
