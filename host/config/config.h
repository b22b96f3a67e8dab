/* SPDX-License-Identifier: MIT
 * config: reads and checks a pipeline file. libyaml's events become a small tree that
 * knows lines and columns (yaml_tree.h); tables of keys turn the tree into the structs
 * below. All mistakes are found in one go. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/diagnostic.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct yaml_node;

struct config_text {
    char *value; /* NULL: not given */
    struct place place;
};

enum policy { POLICY_REJECT, POLICY_SKIP, POLICY_STOP };
enum sink_subject { SINK_STATE, SINK_EFFECTS };
enum sink_format { SINK_CSV, SINK_JSONL, SINK_TABLE };

struct config_plugin {
    struct config_text path;        /* resolved against the file's folder */
    const struct yaml_node *config; /* the `config:` block, or NULL */
};

struct config_sink {
    enum sink_subject subject;
    struct config_text effect; /* the effect's name, or "*" */
    /* default: by the ending of the path, .csv or .jsonl; otherwise csv for state,
     * jsonl for effects */
    enum sink_format format;
    struct config_text path; /* resolved; "-": standard output */
    struct place place;
};

struct config {
    char *path;   /* of the pipeline file, as given; places name it */
    char *folder; /* paths in the file are relative to it */
    struct yaml_node *tree;
    struct {
        struct config_text *paths; /* resolved; "-": standard input */
        size_t path_count;
        /* a path of keys, like etl_field.path; default "event_type" */
        struct config_text event_type;
        uint64_t max_line;             /* bytes; default 1 MiB */
        struct place place;
    } source;
    struct config_plugin *plugins;
    size_t plugin_count;
    struct config_text initial, partition_by; /* value NULL: not given */
    struct config_sink *sinks;
    size_t sink_count;
    struct {
        struct config_text path; /* value NULL: standard error */
        enum policy malformed, invalid, unhandled;
        uint64_t limit;     /* 0: none */
        uint64_t max_bytes; /* of all rejects written; 0: no limit; default 1 GiB */
    } rejects;
    unsigned threads;           /* 0: auto */
    int64_t handler_timeout_ns; /* 0: never */
};

/* Reads and checks the file. Mistakes go to `diagnostics`; NULL only if the file
 * cannot be read or is not YAML. A source path, plugin or sink with a mistake is left
 * out, and other values keep their defaults, so that the rest can be checked further:
 * the result may have no source path or no plugin. Plugin paths contain a slash, so
 * that dlopen() takes them as files. */
struct config *config_load(const char *path, struct diagnostics *diagnostics);
/* Replaces source.paths by files from the command line, relative to the current
 * folder. Their places have no file. */
void config_set_sources(struct config *config, char *const *paths, size_t count);
void config_destroy(struct config *config);

#endif
