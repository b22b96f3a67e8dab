/* SPDX-License-Identifier: MIT */
#include "pipeline_impl.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>

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
        if (config->plugins[i].path.value && !strcmp(config->plugins[i].path.value, plugin->path)) return config->plugins[i].path.place;
    return (struct place){.file = config->path};
}

/* A table that nobody fills is read, or written out: not wrong, but hardly meant. */
static void warn_of_empty_tables(const struct pipeline *p, struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < p->config->sink_count; i++) {
        const struct config_text *effect = &p->config->sinks[i].effect;
        const struct table *table = effect->value ? state_find(effects_state(p->effects), effect->value) : NULL;
        if (table && !is_emitted(p->dispatch, table))
            diagnostics_add(diagnostics, SEVERITY_WARNING, effect->place, "no handler emits effect '%s'", effect->value);
    }
    for (size_t i = 0; i < dispatch_handler_count(p->dispatch); i++) {
        const struct handler *h = dispatch_handler(p->dispatch, i);
        for (unsigned k = 0; k < h->read_count; k++)
            if (!is_emitted(p->dispatch, binding_table(h->reads[k])))
                diagnostics_add(diagnostics, SEVERITY_WARNING, plugin_place(p->config, h->plugin),
                                "handler '%s' of plugin '%s' reads effect '%s', which no handler emits", h->name, h->plugin->name,
                                table_name(binding_table(h->reads[k])));
    }
}

struct pipeline *pipeline_create(const struct config *config, struct diagnostics *diagnostics)
{
    struct pipeline *p = allocate(sizeof *p);
    struct error error;
    p->config = config;
    p->effects = effects_create();
    p->schema = schema_create(config->source.event_type.value, &error);
    if (!p->schema) {
        diagnostics_add(diagnostics, SEVERITY_ERROR, config->source.event_type.place, "%s", error.text);
        p->schema = schema_create("event_type", &error); /* to go on and find the other mistakes */
    }
    size_t errors = diagnostics->errors;
    p->dispatch = dispatch_create(config, p->schema, p->effects, diagnostics);
    if (diagnostics->errors == errors && !effects_complete(p->effects, &error))
        diagnostics_add(diagnostics, SEVERITY_ERROR, config->plugins[0].path.place, "%s", error.text);
    p->source = source_create(config, diagnostics);
    p->initial = create_initial_source(config, diagnostics);
    p->sinks = sinks_create(config, effects_state(p->effects), p->source, diagnostics);
    if (!diagnostics->errors) warn_of_empty_tables(p, diagnostics);
    p->rejects = rejects_create(config);
    p->decoder = decoder_create(p->schema);
    if (!diagnostics->errors) return p;
    pipeline_destroy(p);
    return NULL;
}

void pipeline_destroy(struct pipeline *p)
{
    if (!p) return;
    decoder_destroy(p->decoder);
    rejects_destroy(p->rejects);
    sinks_destroy(p->sinks);
    source_destroy(p->initial);
    source_destroy(p->source);
    dispatch_destroy(p->dispatch);
    effects_destroy(p->effects);
    schema_destroy(p->schema);
    free(p);
}

/* ---- playing the log */

/* A logline that does not count: skipped, or kept with its reason; the policy may stop the run. */
static bool refuse(struct pipeline *p, const struct logline *line, enum policy policy, const struct reject *reject, struct error *error)
{
    static const char *const keys[] = {[REJECT_MALFORMED] = "malformed", [REJECT_INVALID] = "invalid", [REJECT_UNHANDLED] = "unhandled"};
    if (policy == POLICY_SKIP) {
        p->counts.skipped++;
        return true;
    }
    p->counts.rejected++;
    if (!rejects_write(p->rejects, line, reject, error)) return false;
    if (policy == POLICY_STOP)
        return error_set(error, "%s:%" PRIu64 ": %s (stopped, as rejects.%s says)", line->source, line->line, reject->reason, keys[reject->class]);
    if (p->counts.rejected == p->config->rejects.limit)
        return error_set(error, "%s:%" PRIu64 ": %s (stopped at reject %" PRIu64 ", as rejects.limit says)", line->source, line->line,
                         reject->reason, p->counts.rejected);
    return true;
}

static bool handle(struct pipeline *p, unsigned event_type, const struct logline *line, struct error *error)
{
    struct refusal refusal;
    enum outcome outcome = dispatch_event(p->dispatch, event_type, p->decoder, line, &refusal);
    if (outcome == OUTCOME_HANDLED) {
        p->counts.handled++;
        return true;
    }
    struct reject reject = {REJECT_INVALID, refusal.reason, NULL, NULL};
    if (refusal.handler) reject.plugin = refusal.handler->plugin->name, reject.handler = refusal.handler->name;
    if (outcome == OUTCOME_REJECTED) return refuse(p, line, p->config->rejects.invalid, &reject, error);
    p->counts.rejected++; /* its handler stops the run: the line is kept, too */
    if (!rejects_write(p->rejects, line, &reject, error)) return false;
    return error_set(error, "%s:%" PRIu64 ": %s", line->source, line->line, refusal.reason);
}

/* What decoding refuses is nobody's in particular. */
static bool refuse_undecoded(struct pipeline *p, const struct logline *line, enum policy policy, enum reject_class class, struct error *error)
{
    struct reject reject = {class, decoder_reason(p->decoder), NULL, NULL};
    return refuse(p, line, policy, &reject, error);
}

static bool play_line(struct pipeline *p, const struct logline *line, struct error *error)
{
    unsigned event_type;
    if (line->full_size > line->size) {
        struct reject reject = {REJECT_MALFORMED, "the line is longer than source.max_line", NULL, NULL};
        return refuse(p, line, p->config->rejects.malformed, &reject, error);
    }
    switch (decoder_decode(p->decoder, line->data, line->size, &event_type)) {
    case VERDICT_EVENT: return handle(p, event_type, line, error);
    case VERDICT_BLANK: p->counts.blank++; return true;
    case VERDICT_MALFORMED: return refuse_undecoded(p, line, p->config->rejects.malformed, REJECT_MALFORMED, error);
    case VERDICT_INVALID: return refuse_undecoded(p, line, p->config->rejects.invalid, REJECT_INVALID, error);
    case VERDICT_UNHANDLED:
        if (p->config->rejects.unhandled != POLICY_SKIP)
            return refuse_undecoded(p, line, p->config->rejects.unhandled, REJECT_UNHANDLED, error);
        p->counts.unhandled++;
        return true;
    }
    return error_set(error, "%s:%" PRIu64 ": the decoder gave no verdict", line->source, line->line);
}

static bool play(struct pipeline *p, struct error *error)
{
    struct block block;
    struct logline line;
    int got;
    while ((got = source_next(p->source, &block, error)) > 0)
        while (block_next_line(&block, &line))
            if (!play_line(p, &line, error)) return false;
    return got == 0 && effects_flush(p->effects, error);
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
    if (!ok) fprintf(stderr, "etl-host: error: %s\n", error->text);
    return ok;
}

/* All outputs are complete before the first is published. Rejects are kept of a run that stopped as well, results are not. */
static bool publish(struct pipeline *p, bool played)
{
    struct error error;
    bool kept = say(rejects_complete(p->rejects, &error), &error);
    bool complete = played && kept && say(sinks_complete(p->sinks, &error), &error);
    kept = kept && say(rejects_publish(p->rejects, &error), &error);
    return complete && kept && say(sinks_publish(p->sinks, &error), &error);
}

enum exit_status pipeline_run(struct pipeline *p)
{
    struct state *state = effects_state(p->effects);
    struct error error;
    double start = now();
    if (sinks_want_effects(p->sinks)) effects_listen(p->effects, sinks_effect, p->sinks);
    if (!say(sinks_open(p->sinks, &error) && rejects_open(p->rejects, &error), &error)) return EXIT_STOPPED;

    bool played = (!p->initial || state_read_initial(state, p->initial, &error))
                  && play(p, &error)
                  && state_finite(state, &error)
                  && sinks_write_state(p->sinks, &error);

    say(played, &error);
    bool published = publish(p, played);
    summary_print(p, now() - start);
    if (!published) return EXIT_STOPPED;
    return p->counts.rejected ? EXIT_REJECTS : EXIT_DONE;
}
