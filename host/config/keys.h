/* SPDX-License-Identifier: MIT
 * keys: fills the structs of config.h from the tree: a table of keys for each mapping,
 * a reader for each kind of value. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include "config/config.h"
#include "config/yaml_tree.h"

#include <sys/stat.h>

struct loader {
    struct config *config;
    struct diagnostics *diagnostics;
    struct stat *plugin_files; /* of config->plugins; finds two entries for one file */
};

/* Reads a key's value into `to`. False: the mistake was reported and nothing was
 * stored. */
typedef bool read_function(struct loader *loader, const struct yaml_node *node, void *to);

struct key {
    const char *name;
    read_function *read;
    size_t offset; /* of the member to fill, in the struct that the mapping fills */
    bool required;
};

enum { KEYS_MAX = 8 };

#define report(loader, place, ...) diagnostics_add((loader)->diagnostics, SEVERITY_ERROR, place, __VA_ARGS__)
/* Reads a mapping by its keys, an array of struct key. False: a required key is
 * missing or wrong, or the node is not a mapping. */
#define read_mapping(loader, node, keys, to) \
    (__extension__({ \
        _Static_assert(sizeof(keys) / sizeof *(keys) <= KEYS_MAX, "more keys than KEYS_MAX"); \
        read_keys(loader, node, keys, sizeof(keys) / sizeof *(keys), to); \
    }))
bool read_keys(struct loader *loader, const struct yaml_node *node, const struct key *keys, size_t count, void *to);
/* Reports what was expected for a key whose value has another kind. Always returns
 * false. */
bool report_kind(struct loader *loader, const struct yaml_node *node, const char *expected);

/* ---- readers of scalars */
read_function read_text;        /* struct config_text, not empty */
read_function read_path; /* struct config_text, resolved against the file's folder */
read_function read_stream_path; /* the same; "-" means standard input or output */
read_function read_policy;      /* enum policy */
read_function read_limit;       /* uint64_t */
read_function read_max_line;    /* uint64_t, in bytes */
read_function read_max_bytes;   /* uint64_t; 0: no limit */
read_function read_duration;    /* int64_t, in nanoseconds */
read_function read_threads;     /* unsigned; 0: auto */
/* Reads one of a few words as its index in `words`, which ends in NULL. */
bool read_word(struct loader *loader, const struct yaml_node *node, const char *const *words, unsigned *index);

#endif
