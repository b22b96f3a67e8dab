/* SPDX-License-Identifier: MIT
 * The keys of a pipeline file: source, plugins, state, sinks, rejects and the rest. */
#include "config/config.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "config/config_load.h"
#include "config/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint64_t line_bytes_default = (uint64_t)1 << 20, reject_bytes_default = (uint64_t)1 << 30;

/* ---- source */

static bool read_source_format(struct loader *loader, const struct yaml_node *node, void *to)
{
    static const char *const words[] = {"jsonl", NULL};
    unsigned index;
    (void)to; /* there is only one format */
    return read_word(loader, node, words, &index);
}

static void add_source(struct config *config, struct config_text path)
{
    config->source.paths = reallocate(config->source.paths, (config->source.path_count + 1) * sizeof path);
    config->source.paths[config->source.path_count++] = path;
}

static bool read_source_paths(struct loader *loader, const struct yaml_node *node, void *to)
{
    struct config_text path;
    (void)to; /* the array and its count are in struct config */
    if (node->kind == NODE_SEQUENCE) {
        if (!node->children) report(loader, node->place, "'%s' is an empty list: give at least one file", node->name);
        for (const struct yaml_node *child = node->children; child; child = child->next)
            if (read_stream_path(loader, child, &path)) add_source(loader->config, path);
        return true;
    }
    if (node->kind != NODE_SCALAR) return report_kind(loader, node, "text or a list");
    if (!read_stream_path(loader, node, &path)) return false;
    add_source(loader->config, path);
    return true;
}

static bool read_source(struct loader *loader, const struct yaml_node *node, void *to)
{
    static const struct key keys[] = {
        {"path", read_source_paths, 0, true},
        {"format", read_source_format, 0, false},
        {"event_type", read_text, offsetof(struct config, source.event_type), false},
        {"max_line", read_max_line, offsetof(struct config, source.max_line), false},
    };
    loader->config->source.place = node->place;
    return read_mapping(loader, node, keys, to);
}

/* ---- plugins */

static bool read_block(struct loader *loader, const struct yaml_node *node, void *to)
{
    const struct yaml_node **block = to;
    if (node->kind != NODE_MAPPING) return report_kind(loader, node, "a mapping");
    *block = node;
    return true;
}

static bool check_plugin_file(struct loader *loader, const struct config_text *path, struct stat *file)
{
    if (stat(path->value, file)) {
        if (errno == ENOENT) report(loader, path->place, "no such plugin '%s': build it, or correct the path", path->value);
        else report(loader, path->place, "cannot read the plugin '%s': %s", path->value, strerror(errno));
        return false;
    }
    if (S_ISDIR(file->st_mode)) {
        report(loader, path->place, "the plugin '%s' is a folder: name the .so file", path->value);
        return false;
    }
    const struct config *config = loader->config;
    for (size_t i = 0; i < config->plugin_count; i++) {
        const struct stat *other = &loader->plugin_files[i];
        if (other->st_dev != file->st_dev || other->st_ino != file->st_ino) continue;
        report(loader, path->place, "the plugin '%s' is listed twice: the first is in line %u", path->value,
               config->plugins[i].path.place.line);
        return false;
    }
    return true;
}

/* dlopen() would search a name without a slash among the system's libraries. */
static void anchor_path(struct config_text *path)
{
    if (strchr(path->value, '/')) return;
    char *anchored = format_text("./%s", path->value);
    free(path->value);
    path->value = anchored;
}

static void read_plugin(struct loader *loader, const struct yaml_node *node)
{
    static const struct key keys[] = {
        {"path", read_path, offsetof(struct config_plugin, path), true},
        {"config", read_block, offsetof(struct config_plugin, config), false},
    };
    struct config *config = loader->config;
    struct config_plugin plugin = {0};
    struct stat file;
    bool good = node->kind == NODE_MAPPING ? read_mapping(loader, node, keys, &plugin)
                : node->kind == NODE_SCALAR ? read_path(loader, node, &plugin.path)
                                            : report_kind(loader, node, "a path or a mapping");
    if (good) anchor_path(&plugin.path);
    if (!good || !check_plugin_file(loader, &plugin.path, &file)) {
        free(plugin.path.value);
        return;
    }
    config->plugins = reallocate(config->plugins, (config->plugin_count + 1) * sizeof *config->plugins);
    loader->plugin_files = reallocate(loader->plugin_files, (config->plugin_count + 1) * sizeof *loader->plugin_files);
    loader->plugin_files[config->plugin_count] = file;
    config->plugins[config->plugin_count++] = plugin;
}

static bool read_plugins(struct loader *loader, const struct yaml_node *node, void *to)
{
    (void)to;
    if (node->kind != NODE_SEQUENCE) return report_kind(loader, node, "a list");
    if (!node->children) report(loader, node->place, "'%s' is an empty list: give at least one plugin", node->name);
    for (const struct yaml_node *child = node->children; child; child = child->next) read_plugin(loader, child);
    return true;
}

/* ---- state */

static bool read_initial(struct loader *loader, const struct yaml_node *node, void *to)
{
    struct config_text *initial = to;
    struct stat file;
    if (!read_path(loader, node, initial)) return false;
    if (!stat(initial->value, &file)) {
        if (!S_ISDIR(file.st_mode)) return true;
        report(loader, initial->place, "'%s' is a folder: name the file that a jsonl sink of state wrote", initial->value);
    } else {
        report(loader, initial->place, "cannot read '%s': %s", initial->value, strerror(errno));
    }
    free(initial->value);
    *initial = (struct config_text){0};
    return false;
}

static bool read_state(struct loader *loader, const struct yaml_node *node, void *to)
{
    static const struct key keys[] = {
        {"initial", read_initial, offsetof(struct config, initial), false},
        {"partition_by", read_text, offsetof(struct config, partition_by), false},
    };
    return read_mapping(loader, node, keys, to);
}

/* ---- sinks */

/* A sink as written, before its keys are checked against each other. */
struct sink_draft {
    struct config_text state, effects, path;
    unsigned format;
    const struct yaml_node *format_node; /* NULL: not given */
};

static const char *const sink_formats[] = {[SINK_CSV] = "csv", [SINK_JSONL] = "jsonl", [SINK_TABLE] = "table", NULL};

static bool read_sink_format(struct loader *loader, const struct yaml_node *node, void *to)
{
    struct sink_draft *draft = to;
    if (!read_word(loader, node, sink_formats, &draft->format)) return false;
    draft->format_node = node;
    return true;
}

/* Without `format:` the ending of the path decides; otherwise rows are csv and effects
 * jsonl. */
static enum sink_format default_format(const struct sink_draft *draft)
{
    const char *ending = draft->path.value ? strrchr(draft->path.value, '.') : NULL;
    if (ending && !strcmp(ending, ".csv")) return SINK_CSV;
    if (ending && !strcmp(ending, ".jsonl")) return SINK_JSONL;
    return draft->state.value ? SINK_CSV : SINK_JSONL;
}

static bool check_subject(struct loader *loader, const struct yaml_node *node, const struct sink_draft *draft)
{
    const struct yaml_node *state = yaml_node_find(node, "state"), *effects = yaml_node_find(node, "effects");
    if (state && effects) {
        report(loader, node->place, "a sink has 'state' or 'effects', not both: make two sinks of it");
        return false;
    }
    if (!state && !effects) {
        report(loader, node->place, "a sink lacks what goes to it: 'state: NAME' for final rows, or 'effects: NAME'");
        return false;
    }
    if (draft->state.value && !strcmp(draft->state.value, "*")) {
        report(loader, draft->state.place, "'state' names one effect; for all, make a sink for each");
        return false;
    }
    return draft->state.value || draft->effects.value;
}

static bool check_format(struct loader *loader, const struct sink_draft *draft, enum sink_format format)
{
    struct place place = draft->format_node ? draft->format_node->place : draft->path.place;
    if (draft->effects.value && format == SINK_TABLE) {
        report(loader, place, "effects are written as csv or jsonl, not as a table");
        return false;
    }
    if (draft->effects.value && format != SINK_JSONL && !strcmp(draft->effects.value, "*")) {
        report(loader, place, "all effects together are written as jsonl only: their columns differ");
        return false;
    }
    return true;
}

static void read_sink(struct loader *loader, const struct yaml_node *node)
{
    static const struct key keys[] = {
        {"state", read_text, offsetof(struct sink_draft, state), false},
        {"effects", read_text, offsetof(struct sink_draft, effects), false},
        {"format", read_sink_format, 0, false},
        {"path", read_stream_path, offsetof(struct sink_draft, path), true},
    };
    struct config *config = loader->config;
    struct sink_draft draft = {0};
    bool good = read_mapping(loader, node, keys, &draft);
    if (node->kind == NODE_MAPPING && !check_subject(loader, node, &draft)) good = false;
    enum sink_format format = draft.format_node ? (enum sink_format)draft.format : default_format(&draft);
    if (check_format(loader, &draft, format) && good) {
        config->sinks = reallocate(config->sinks, (config->sink_count + 1) * sizeof *config->sinks);
        config->sinks[config->sink_count++] = (struct config_sink){
            .subject = draft.state.value ? SINK_STATE : SINK_EFFECTS,
            .effect = draft.state.value ? draft.state : draft.effects,
            .format = format,
            .path = draft.path,
            .place = node->place,
        };
        return;
    }
    free(draft.state.value);
    free(draft.effects.value);
    free(draft.path.value);
}

static bool read_sinks(struct loader *loader, const struct yaml_node *node, void *to)
{
    (void)to;
    if (node->kind != NODE_SEQUENCE) return report_kind(loader, node, "a list");
    for (const struct yaml_node *child = node->children; child; child = child->next) read_sink(loader, child);
    return true;
}

/* ---- the whole file */

static bool read_rejects(struct loader *loader, const struct yaml_node *node, void *to)
{
    static const struct key keys[] = {
        {"path", read_stream_path, offsetof(struct config, rejects.path), false},
        {"malformed", read_policy, offsetof(struct config, rejects.malformed), false},
        {"invalid", read_policy, offsetof(struct config, rejects.invalid), false},
        {"unhandled", read_policy, offsetof(struct config, rejects.unhandled), false},
        {"limit", read_limit, offsetof(struct config, rejects.limit), false},
        {"max_bytes", read_max_bytes, offsetof(struct config, rejects.max_bytes), false},
    };
    return read_mapping(loader, node, keys, to);
}

static void read_pipeline(struct loader *loader, const struct yaml_node *root)
{
    /* a nested mapping fills members of struct config itself, so its offset is 0 */
    static const struct key keys[] = {
        {"source", read_source, 0, true},
        {"plugins", read_plugins, 0, true},
        {"state", read_state, 0, false},
        {"sinks", read_sinks, 0, false},
        {"rejects", read_rejects, 0, false},
        {"threads", read_threads, offsetof(struct config, threads), false},
        {"handler_timeout", read_duration, offsetof(struct config, handler_timeout_ns), false},
    };
    if (root->kind == NODE_MAPPING) read_mapping(loader, root, keys, loader->config);
    else report_kind(loader, root, "a mapping with 'source', 'plugins' and more");
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == path ? copy_text("/") : slash ? format_text("%.*s", (int)(slash - path), path) : copy_text(".");
}

static void set_defaults(struct config *config)
{
    config->source.place = (struct place){config->path, 0, 0};
    config->source.max_line = line_bytes_default;
    config->rejects.max_bytes = reject_bytes_default;
    /* the others are POLICY_REJECT, which is 0 */
    config->rejects.unhandled = POLICY_SKIP;
    config->handler_timeout_ns = 10000000000;
}

struct config *config_load_bytes(const char *path, const char *bytes, size_t size, struct diagnostics *diagnostics)
{
    struct config *config = allocate(sizeof *config);
    config->path = copy_text(path);
    config->folder = folder_of(path);
    config->tree = yaml_tree_parse(bytes, size, config->path, diagnostics);
    if (!config->tree) {
        config_destroy(config);
        return NULL;
    }
    struct loader loader = {.config = config, .diagnostics = diagnostics};
    set_defaults(config);
    read_pipeline(&loader, config->tree);
    if (!config->source.event_type.value)
        config->source.event_type = (struct config_text){copy_text("event_type"), config->source.place};
    free(loader.plugin_files);
    return config;
}

/* Reads up to one byte more than a pipeline file may have; the parser then refuses it. */
static bool read_file(const char *path, struct buffer *content)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t count = file < 0 ? -1 : 1;
    while (count > 0 && content->size <= YAML_BYTES_MAX) {
        size_t room = YAML_BYTES_MAX + 1 - content->size;
        do count = read(file, buffer_reserve(content, room), room);
        while (count < 0 && errno == EINTR);
        if (count > 0) content->size += (size_t)count;
    }
    int problem = errno;
    if (file >= 0) close(file);
    errno = problem;
    return count >= 0;
}

struct config *config_load(const char *path, struct diagnostics *diagnostics)
{
    struct buffer content = {0};
    struct config *config = NULL;
    if (read_file(path, &content)) config = config_load_bytes(path, content.data, content.size, diagnostics);
    else diagnostics_add(diagnostics, SEVERITY_ERROR, (struct place){path, 0, 0}, "cannot read it: %s", strerror(errno));
    buffer_finish(&content);
    return config;
}

static void drop_sources(struct config *config)
{
    for (size_t i = 0; i < config->source.path_count; i++) free(config->source.paths[i].value);
    free(config->source.paths);
    config->source.paths = NULL;
    config->source.path_count = 0;
}

void config_set_sources(struct config *config, char *const *paths, size_t count)
{
    drop_sources(config);
    for (size_t i = 0; i < count; i++) add_source(config, (struct config_text){copy_text(paths[i]), {NULL, 0, 0}});
}

void config_destroy(struct config *config)
{
    if (!config) return;
    drop_sources(config);
    free(config->source.event_type.value);
    for (size_t i = 0; i < config->plugin_count; i++) free(config->plugins[i].path.value);
    free(config->plugins);
    for (size_t i = 0; i < config->sink_count; i++) {
        free(config->sinks[i].effect.value);
        free(config->sinks[i].path.value);
    }
    free(config->sinks);
    free(config->initial.value);
    free(config->partition_by.value);
    free(config->rejects.path.value);
    yaml_tree_destroy(config->tree);
    free(config->path);
    free(config->folder);
    free(config);
}
