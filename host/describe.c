/* SPDX-License-Identifier: MIT */
#include "pipeline_impl.h"

static const char *const kinds[] = {
    [ETL_KIND_STRING] = "string",   [ETL_KIND_INT64] = "int64",         [ETL_KIND_DOUBLE] = "double", [ETL_KIND_BOOL] = "bool",
    [ETL_KIND_DECIMAL] = "decimal", [ETL_KIND_TIMESTAMP] = "timestamp", [ETL_KIND_JSON] = "json",
};
static const char *const roles[] = {
    [ETL_ROLE_FIELD] = "kept by reducer", [ETL_ROLE_KEY] = "key", [ETL_ROLE_SUM] = "sum", [ETL_ROLE_LAST] = "last",   [ETL_ROLE_FIRST] = "first",
    [ETL_ROLE_MIN] = "min",   [ETL_ROLE_MAX] = "max", [ETL_ROLE_COUNT] = "count", [ETL_ROLE_VALUE] = "value",
};
static const char *const formats[] = {[SINK_CSV] = "csv", [SINK_JSONL] = "jsonl", [SINK_TABLE] = "table"};
static const char *const policies[] = {[POLICY_REJECT] = "reject", [POLICY_SKIP] = "skip", [POLICY_STOP] = "stop"};

static void list_effects(const char *label, struct binding *const *bindings, unsigned count, FILE *to)
{
    for (unsigned i = 0; i < count; i++)
        fprintf(to, "%s%s", i ? ", " : label, table_name(binding_table(bindings[i])));
}

static void list_handlers(const struct pipeline *p, const struct plugin *plugin, FILE *to)
{
    for (size_t i = 0; i < dispatch_handler_count(p->dispatch); i++) {
        const struct handler *h = dispatch_handler(p->dispatch, i);
        if (h->plugin != plugin) continue;
        fprintf(to, "  on %s", h->event_type);
        if (strcmp(h->name, h->event_type)) fprintf(to, ": %s", h->name);
        list_effects(" emits ", h->emits, h->emit_count, to);
        list_effects(" reads ", h->reads, h->read_count, to);
        fputc('\n', to);
    }
}

static void list_columns(const struct table *table, FILE *to)
{
    for (size_t i = 0; i < table_column_count(table); i++) {
        const struct column *c = table_column(table, i);
        fprintf(to, "  %s: %s, %s%s\n", c->name, kinds[c->kind], roles[c->role], c->optional ? ", optional" : "");
    }
}

void pipeline_list(const struct pipeline *p, FILE *to)
{
    const struct state *state = effects_state(p->effects);
    for (size_t i = 0; i < dispatch_plugin_count(p->dispatch); i++) {
        const struct plugin *plugin = dispatch_plugin(p->dispatch, i);
        fprintf(to, "plugin %s %s: %s\n", plugin->name, plugin->version, plugin->summary);
        list_handlers(p, plugin, to);
    }
    for (size_t i = 0; i < state_table_count(state); i++) {
        fprintf(to, "table %s\n", table_name(state_table(state, i)));
        list_columns(state_table(state, i), to);
    }
}

void pipeline_describe(const struct pipeline *p, FILE *to)
{
    const struct config *config = p->config;
    fprintf(to, "pipeline %s\n", config->path);
    for (size_t i = 0; i < source_file_count(p->source); i++) {
        const char *path = source_file_path(p->source, i);
        fprintf(to, "source %s\n", path ? path : "-");
    }
    fprintf(to, "event type under '%s', lines up to %" PRIu64 " bytes\n", config->source.event_type.value, config->source.max_line);
    pipeline_list(p, to);
    if (config->initial.value) fprintf(to, "initial rows %s\n", config->initial.value);
    if (config->partition_by.value) fprintf(to, "partition by %s\n", config->partition_by.value);
    for (size_t i = 0; i < config->sink_count; i++) {
        const struct config_sink *sink = &config->sinks[i];
        fprintf(to, "sink %s %s as %s to %s\n", sink->subject == SINK_STATE ? "state" : "effects", sink->effect.value,
                formats[sink->format], sink->path.value);
    }
    fprintf(to, "rejects to %s: malformed %s, invalid %s, unhandled %s\n",
            config->rejects.path.value ? config->rejects.path.value : "standard error", policies[config->rejects.malformed],
            policies[config->rejects.invalid], policies[config->rejects.unhandled]);
}
