/* SPDX-License-Identifier: MIT
 * yaml_tree: a YAML file as a small tree that knows the place of everything. Features
 * that a pipeline file does not need (anchors, aliases, merge keys, tags, several
 * documents, keys that are not text, a key twice) are mistakes, and so is anything
 * that would grow without bound.
 *
 * `${VAR}` and `${VAR:-default}` in a scalar value, never in a key, are replaced by
 * the environment variable after parsing: its content is text of that scalar and is
 * not read as YAML. The default applies if the variable is not set or empty; it ends
 * at the next '}'. A variable that is not set and has no default is a mistake. `$${`
 * yields a literal `${`; any other '$' is literal. */
#ifndef CONFIG_YAML_TREE_H
#define CONFIG_YAML_TREE_H

#include "base/diagnostic.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    /* of a file, and of the text that all variables expand to */
    YAML_BYTES_MAX = 1024 * 1024,
    YAML_DEPTH_MAX = 64,          /* nested lists and mappings */
    YAML_NODES_MAX = 65536,       /* scalars, lists and mappings */
    YAML_TAGS_MAX = 16,           /* %TAG lines, which have no effect */
};

enum yaml_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING };

struct yaml_node {
    enum yaml_kind kind;
    /* scalar without quotes: it may be a number, true or false; a quoted one is only
     * text */
    bool plain;
    bool null;   /* scalar without a value: nothing at all, or a plain ~ or null */
    bool broken; /* already reported: readers of the value report nothing more */
    bool repeated; /* an earlier key again; never set in a finished tree */
    struct place place;
    char *text; /* of a scalar, terminated, contains no NUL */
    char *key;  /* of a mapping's child; NULL: a list's child, or the root */
    struct place key_place;
    /* for messages: the key, or that of the list that contains it; "": none */
    const char *name;
    struct yaml_node *children, *next; /* in the order of the file */
};

/* The tree of the file's only document; NULL: it is not YAML, is empty, or exceeds a
 * limit. Mistakes go to `diagnostics`, under the name `file`, which is borrowed for as
 * long as the tree lives. */
struct yaml_node *yaml_tree_parse(const char *bytes, size_t size, const char *file, struct diagnostics *diagnostics);
void yaml_tree_destroy(struct yaml_node *root);

/* The kind of a node, for messages: "a list", "a mapping", "text" or "nothing". */
const char *yaml_node_description(const struct yaml_node *node);
/* A mapping's child, or NULL. */
const struct yaml_node *yaml_node_find(const struct yaml_node *mapping, const char *key);

#endif
