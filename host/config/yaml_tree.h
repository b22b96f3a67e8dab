/* SPDX-License-Identifier: MIT
 * A YAML file as a small tree that knows where everything stood. What a pipeline file has no use for (anchors, aliases, merge
 * keys, tags, several documents, keys that are not text, a key twice) is a mistake, and so is what would grow without bound.
 *
 * `${VAR}` and `${VAR:-default}` in a scalar value, never in a key, are replaced by the environment variable after parsing:
 * whatever it holds is text of that scalar and is not read as YAML. The default is taken where the variable is not set or
 * empty; it ends at the next '}'. A variable that is not set and has no default is a mistake. `$${` stands for `${` itself;
 * every other '$' is just that. */
#ifndef CONFIG_YAML_TREE_H
#define CONFIG_YAML_TREE_H

#include "base/diagnostic.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    YAML_BYTES_MAX = 1024 * 1024, /* of a file, and of all that variables expand to */
    YAML_DEPTH_MAX = 64,          /* lists and mappings in each other */
    YAML_NODES_MAX = 65536,       /* scalars, lists and mappings */
    YAML_TAGS_MAX = 16,           /* %TAG lines, which say nothing here */
};

enum yaml_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING };

struct yaml_node {
    enum yaml_kind kind;
    bool plain;  /* scalar without quotes: it may be a number, true or false; a quoted one is text only */
    bool null;   /* scalar that says nothing: no value at all, or a plain ~ or null */
    bool broken; /* already reported: whoever reads the value says nothing more */
    bool repeated; /* a key that was there before; not in a finished tree */
    struct place place;
    char *text; /* of a scalar, terminated, without NUL in it */
    char *key;  /* of a mapping's child; NULL: of a list, or the root */
    struct place key_place;
    const char *name;                 /* for messages: the key, or that of the list that it is in; "" where there is none */
    struct yaml_node *children, *next; /* in the order of the file */
};

/* The tree of the file's one document, or NULL where it is not YAML, empty, or over a limit. What is wrong goes to
 * `diagnostics`, under the name `file`, which is borrowed for as long as the tree lives. */
struct yaml_node *yaml_tree_parse(const char *bytes, size_t size, const char *file, struct diagnostics *diagnostics);
void yaml_tree_destroy(struct yaml_node *root);

/* What a node is, for messages: "a list", "a mapping", "text" or "nothing". */
const char *yaml_node_description(const struct yaml_node *node);
/* A mapping's child, or NULL. */
const struct yaml_node *yaml_node_find(const struct yaml_node *mapping, const char *key);

#endif
