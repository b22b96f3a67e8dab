/* SPDX-License-Identifier: MIT
 * The sinks of a run: creation, effects and rows, completion. */
#include "sinks/sinks.h"
#include "base/memory.h"
#include "config/yaml_tree.h"
#include "sinks/conflicts.h"
#include "sinks/rows.h"
#include "sinks/sinks_impl.h"
#include "state/sort.h"

#include <stdlib.h>

enum { NAMES_SHOWN = 8 };

static const struct sink_writer *const writers[] = {
    [SINK_CSV] = &sink_csv, [SINK_JSONL] = &sink_jsonl, [SINK_TABLE] = &sink_table,
};

struct sinks {
    struct sink *items;
    size_t count;
    struct sink **listening; /* the sinks of effects */
    size_t listening_count;
};

/* The names of all tables; ends in NULL. */
static const char **table_names(const struct state *state)
{
    size_t count = state_table_count(state);
    const char **names = allocate((count + 1) * sizeof *names);
    for (size_t i = 0; i < count; i++) names[i] = table_name(state_table(state, i));
    return names;
}

/* Adds the first few names, as many as can be read at a glance. */
static void add_names(struct buffer *text, const char *const *names)
{
    for (size_t i = 0; names[i]; i++) {
        if (i == NAMES_SHOWN) {
            buffer_add_text(text, ", ...");
            break;
        }
        buffer_format(text, "%s'%s'", i ? ", " : "", names[i]);
    }
}

/* Such a sink would replace a good file by an empty one. */
static void report_unknown_effect(const struct config_text *effect, const struct state *state, struct diagnostics *diagnostics)
{
    const char **names = table_names(state), *nearest = nearest_word(effect->value, names);
    struct buffer hint = {0};
    if (nearest) buffer_format(&hint, " (did you mean '%s'?)", nearest);
    else buffer_add_text(&hint, *names ? "; they declare " : ", or any other: handlers do so in .emits"), add_names(&hint, names);
    diagnostics_add(diagnostics, SEVERITY_ERROR, effect->place, "no plugin declares effect '%s'%.*s", effect->value,
                    (int)hint.size, hint.data);
    buffer_finish(&hint);
    free(names);
}

static void warn_of_no_sinks(const struct config *config, struct diagnostics *diagnostics)
{
    if (!config->tree || yaml_node_find(config->tree, "sinks")) return;
    diagnostics_add(diagnostics, SEVERITY_WARNING, (struct place){config->path, 0, 0},
                    "there are no 'sinks', so no results are written ('sinks: []' says that this is meant)");
}

static bool is_of_all(const struct config_sink *config)
{
    return config->subject == SINK_EFFECTS && !strcmp(config->effect.value, "*");
}

static void sink_init(struct sink *sink, const struct config_sink *config, const struct state *state)
{
    *sink = (struct sink){.config = config, .writer = writers[config->format], .state = state};
    if (!is_of_all(config)) sink->table = state_find(state, config->effect.value);
}

struct sinks *sinks_create(const struct config *config, const struct state *state, const struct source *source,
                           struct diagnostics *diagnostics)
{
    struct sinks *sinks = allocate(sizeof *sinks);
    sinks->count = config->sink_count;
    sinks->items = allocate(sinks->count * sizeof *sinks->items);
    sinks->listening = allocate(sinks->count * sizeof *sinks->listening);
    bool complete = !diagnostics->errors; /* otherwise a plugin may be missing */
    for (size_t i = 0; i < sinks->count; i++) {
        struct sink *sink = &sinks->items[i];
        sink_init(sink, &config->sinks[i], state);
        if (!sink->table && !is_of_all(sink->config) && complete)
            report_unknown_effect(&sink->config->effect, state, diagnostics);
        if (sink->config->subject == SINK_EFFECTS) sinks->listening[sinks->listening_count++] = sink;
    }
    if (complete) warn_of_no_sinks(config, diagnostics);
    conflicts_check(config, source, diagnostics);
    return sinks;
}

static bool sink_open(struct sinks *sinks, struct sink *sink, struct error *error)
{
    const char *path = sink->config->path.value;
    sink->first = true;
    for (struct sink *other = sinks->items; other < sink && !strcmp(path, "-"); other++) {
        if (strcmp(other->config->path.value, "-")) continue;
        sink->output = other->output;
        sink->first = false;
        sink->shared = other->shared = true;
    }
    if (!sink->output) sink->output = output_open(path, error);
    return sink->output;
}

bool sinks_open(struct sinks *sinks, struct error *error)
{
    for (size_t i = 0; i < sinks->count; i++)
        if (!sink_open(sinks, &sinks->items[i], error)) return false;
    for (size_t i = 0; i < sinks->listening_count; i++)
        if (sinks->listening[i]->writer->begin) sinks->listening[i]->writer->begin(sinks->listening[i]);
    return true;
}

size_t sinks_effects_count(const struct sinks *sinks)
{
    return sinks->listening_count;
}

void sinks_format_effect(const struct sinks *sinks, size_t index, const struct table *table, const void *entry, bool remove,
                         struct buffer *to)
{
    const struct sink *sink = sinks->listening[index];
    if (!sink->table || sink->table == table) sink->writer->effect(sink, to, table, entry, remove);
}

bool sinks_add_effects(struct sinks *sinks, size_t index, const char *text, size_t size, struct error *error)
{
    return output_add(sinks->listening[index]->output, text, size, error);
}

/* The order of a table's rows: made here, unless it exists already. */
static const struct order *order_of(const struct table *table, struct order *made, unsigned threads)
{
    order_finish(made);
    if (table->order) return table->order;
    order_init(made, table, threads);
    return made;
}

bool sinks_write_state(struct sinks *sinks, unsigned threads, struct error *error)
{
    const struct table *sorted = NULL;
    const struct order *order = NULL;
    struct order made = {0};
    bool written = true;
    for (size_t i = 0; i < sinks->count && written; i++) {
        struct sink *sink = &sinks->items[i];
        if (sink->config->subject != SINK_STATE) continue;
        if (sink->table != sorted) {
            order = order_of(sink->table, &made, threads);
            sorted = sink->table;
        }
        written = rows_write(sink, order, threads, error);
    }
    order_finish(&made);
    return written;
}

/* Direct outputs are completed last: no result may be visible that a full disk then
 * revokes. */
bool sinks_complete(struct sinks *sinks, struct error *error)
{
    for (int direct = 0; direct < 2; direct++)
        for (size_t i = 0; i < sinks->count; i++) {
            struct sink *sink = &sinks->items[i];
            if (sink->first && output_is_direct(sink->output) == direct && !output_complete(sink->output, error)) return false;
        }
    return true;
}

size_t sinks_outputs(const struct sinks *sinks, struct output **to)
{
    size_t count = 0;
    for (size_t i = 0; i < sinks->count; i++)
        if (sinks->items[i].first) to[count++] = sinks->items[i].output;
    return count;
}

bool sinks_is_direct(const struct sinks *sinks, size_t index)
{
    const struct output *output = sinks->items[index].output;
    return output && output_is_direct(output);
}

void sinks_destroy(struct sinks *sinks)
{
    if (!sinks) return;
    for (size_t i = 0; i < sinks->count; i++) {
        struct sink *sink = &sinks->items[i];
        if (sink->writer->finish) sink->writer->finish(sink);
        if (sink->first) output_destroy(sink->output);
    }
    free(sinks->items);
    free(sinks->listening);
    free(sinks);
}
