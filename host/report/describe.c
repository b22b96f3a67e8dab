/* SPDX-License-Identifier: MIT
 * The sections that `check` and `list` print. */
#include "report/describe.h"
#include "base/fields.h"
#include "base/figures.h"
#include "config/yaml_tree.h"
#include "report/grid.h"
#include "run/run.h"

#define ROW(grid, ...) grid_add_row(grid, (const char *const[]){__VA_ARGS__, NULL})

static const char *const formats[] = {[SINK_CSV] = "csv", [SINK_JSONL] = "jsonl", [SINK_TABLE] = "table"};
static const char *const policies[] = {[POLICY_REJECT] = "reject", [POLICY_SKIP] = "skip", [POLICY_STOP] = "stop"};

/* Columns of text. */
static const struct grid_column columns[GRID_COLUMNS_MAX];

static void print_section(const char *name, struct grid *grid, FILE *to)
{
    fprintf(to, "\n%s\n", name);
    grid_print(grid, 2, to);
    grid_finish(grid);
}

static void add_to_list(struct buffer *list, const char *item)
{
    if (list->size) buffer_add_text(list, ", ");
    buffer_add_text(list, item);
}

/* Moves the list into the next cell, and empties it. */
static void add_list(struct grid *grid, struct buffer *list)
{
    grid_add(grid, "%.*s", (int)list->size, list->size ? list->data : "");
    list->size = 0;
}

/* ---- plugins, handlers, tables */

static const struct yaml_node *plugin_config(const struct run *p, const struct plugin *plugin)
{
    for (size_t i = 0; i < p->plan.config->plugin_count; i++) {
        const struct config_plugin *config = &p->plan.config->plugins[i];
        if (config->path.value && !strcmp(config->path.value, plugin->path)) return config->config;
    }
    return NULL;
}

/* Lists the plugin's settings and their given values. */
static void list_settings(const struct plugin *plugin, const struct yaml_node *config, struct buffer *list)
{
    for (const char *const *key = plugin->settings; key && *key; key++) {
        const struct yaml_node *given = config ? yaml_node_find(config, *key) : NULL;
        add_to_list(list, *key);
        if (given) buffer_format(list, ": %s", given->kind == NODE_SCALAR ? given->text : yaml_node_description(given));
    }
}

static void print_plugins(const struct run *p, FILE *to)
{
    struct buffer list = {0};
    struct grid grid;
    grid_init(&grid, columns, 4);
    ROW(&grid, "plugin", "version", "summary", "settings");
    for (size_t i = 0; i < dispatch_plugin_count(p->parts.dispatch); i++) {
        const struct plugin *plugin = dispatch_plugin(p->parts.dispatch, i);
        ROW(&grid, plugin->name, plugin->version, plugin->summary);
        list_settings(plugin, plugin_config(p, plugin), &list);
        add_list(&grid, &list);
    }
    print_section("plugins", &grid, to);
    buffer_finish(&list);
}

static void add_effects(struct grid *grid, struct binding *const *bindings, unsigned count, struct buffer *list)
{
    for (unsigned i = 0; i < count; i++) add_to_list(list, table_name(binding_table(bindings[i])));
    add_list(grid, list);
}

/* Prints them by event type, and for each type in running order. */
static void print_handlers(const struct run *p, FILE *to)
{
    const struct handler *handler;
    struct buffer list = {0};
    struct grid grid;
    grid_init(&grid, columns, 5);
    ROW(&grid, "event type", "plugin", "handler", "emits", "reads");
    for (unsigned type = 0; type < schema_event_type_count(p->parts.schema); type++)
        for (size_t i = 0; (handler = dispatch_chain(p->parts.dispatch, type, i)); i++) {
            ROW(&grid, handler->event_type, handler->plugin->name, handler->name);
            add_effects(&grid, handler->emits, handler->emit_count, &list);
            add_effects(&grid, handler->reads, handler->read_count, &list);
        }
    print_section("handlers", &grid, to);
    buffer_finish(&list);
}

static void print_tables(const struct run *p, FILE *to)
{
    const struct state *state = effects_state(p->parts.effects);
    struct grid grid;
    grid_init(&grid, columns, 5);
    ROW(&grid, "table", "field", "kind", "fold", "");
    for (size_t i = 0; i < state_table_count(state); i++) {
        const struct table *table = state_table(state, i);
        for (size_t k = 0; k < table_column_count(table); k++) {
            const struct column *c = table_column(table, k);
            const char *fold = c->role == ETL_ROLE_FIELD ? "reducer" : role_names[c->role];
            ROW(&grid, k ? "" : table_name(table), c->name, kinds[c->kind].name, fold, c->optional ? "optional" : "");
        }
    }
    print_section("tables", &grid, to);
}

static void print_parts(const struct run *p, FILE *to)
{
    print_plugins(p, to);
    print_handlers(p, to);
    print_tables(p, to);
}

void describe_plugins(const struct run *p, FILE *to)
{
    fprintf(to, "pipeline %s\n", p->plan.config->path);
    print_parts(p, to);
}

/* ---- the plan of the run */

static void print_source(const struct run *p, FILE *to)
{
    struct grid grid;
    grid_init(&grid, columns, 2);
    for (size_t i = 0; i < source_file_count(p->parts.source); i++) {
        const char *path = source_file_path(p->parts.source, i);
        ROW(&grid, i ? "" : "path", path ? path : "standard input");
    }
    ROW(&grid, "event type", p->plan.config->source.event_type.value);
    ROW(&grid, "longest line", figure_size(p->plan.config->source.max_line).text);
    print_section("source", &grid, to);
}

static void print_sinks(const struct config *config, FILE *to)
{
    struct grid grid;
    grid_init(&grid, columns, 4);
    if (!config->sink_count) ROW(&grid, "none: nothing of the state is written", "", "", "");
    for (size_t i = 0; i < config->sink_count; i++) {
        const struct config_sink *sink = &config->sinks[i];
        ROW(&grid, sink->subject == SINK_STATE ? "state" : "effects", sink->effect.value, formats[sink->format],
            strcmp(sink->path.value, "-") ? sink->path.value : "standard output");
    }
    print_section("sinks", &grid, to);
}

static const char *rejects_path(const struct config *config)
{
    const char *path = config->rejects.path.value;
    if (!path) return "standard error";
    return strcmp(path, "-") ? path : "standard output";
}

static void print_rejects(const struct config *config, FILE *to)
{
    struct grid grid;
    grid_init(&grid, columns, 2);
    ROW(&grid, "path", rejects_path(config));
    ROW(&grid, "malformed", policies[config->rejects.malformed]);
    ROW(&grid, "invalid", policies[config->rejects.invalid]);
    ROW(&grid, "unhandled", policies[config->rejects.unhandled]);
    ROW(&grid, "limit", config->rejects.limit ? figure_count(config->rejects.limit).text : "none");
    ROW(&grid, "max bytes", config->rejects.max_bytes ? figure_size(config->rejects.max_bytes).text : "any");
    print_section("rejects", &grid, to);
}

static void print_run(const struct run *p, FILE *to)
{
    const struct config *config = p->plan.config;
    struct grid grid;
    grid_init(&grid, columns, 2);
    ROW(&grid, "initial rows", config->initial.value ? config->initial.value : "none");
    ROW(&grid, "partition by", config->partition_by.value ? config->partition_by.value : "nothing");
    grid_add(&grid, "threads");
    grid_add(&grid, "%s%u", config->threads ? "" : "auto: ", p->plan.threads);
    ROW(&grid, "handler timeout", config->handler_timeout_ns ? figure_duration(config->handler_timeout_ns).text : "never");
    print_section("run", &grid, to);
}

void describe_run(const struct run *p, FILE *to)
{
    fprintf(to, "pipeline %s\n", p->plan.config->path);
    print_source(p, to);
    print_parts(p, to);
    print_sinks(p->plan.config, to);
    print_rejects(p->plan.config, to);
    print_run(p, to);
    describe_one_thread(p, "\n", to);
}

/* ---- advice */

static const struct table *first_read(const struct dispatch *dispatch)
{
    for (size_t i = 0; i < dispatch_handler_count(dispatch); i++)
        if (dispatch_handler(dispatch, i)->read_count) return binding_table(dispatch_handler(dispatch, i)->reads[0]);
    return NULL;
}

void describe_one_thread(const struct run *p, const char *before, FILE *to)
{
    const struct table *table = p->plan.threads < p->plan.threads_wanted ? first_read(p->parts.dispatch) : NULL;
    struct buffer keys = {0};
    if (!table) return;
    for (size_t i = 0; i < table_key_count(table); i++) {
        const char *key = table_column(table, i)->name;
        if (dispatch_could_partition(p->parts.dispatch, key)) buffer_format(&keys, "%s%s", keys.size ? " or " : "", key);
    }
    fprintf(to, "%shandlers that read state run on one thread: ", before);
    if (keys.size)
        fprintf(to, "give state.partition_by a key of their tables (%.*s) to use %u\n", (int)keys.size, keys.data,
                p->plan.threads_wanted);
    else fputs("state.partition_by needs a key that all their tables and events have\n", to);
    buffer_finish(&keys);
}
