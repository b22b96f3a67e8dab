/* SPDX-License-Identifier: MIT
 * Typed reads of a plugin's `config:` block. */
#include "config/plugin_config.h"
#include "base/memory.h"
#include "config/values.h"
#include "config/yaml_tree.h"

#include <stdlib.h>
#include <string.h>

struct plugin_config {
    const struct yaml_node *block;
    const char **asked; /* keys that init asked for; ends in NULL; stored in `memory` */
    size_t asked_count;
    struct scratch memory; /* holds strings and lists that were handed out */
};

struct plugin_config *plugin_config_create(const struct yaml_node *block)
{
    struct plugin_config *config = allocate(sizeof *config);
    config->block = block;
    config->asked = allocate(sizeof *config->asked);
    return config;
}

void plugin_config_destroy(struct plugin_config *config)
{
    if (!config) return;
    scratch_finish(&config->memory);
    free(config->asked);
    free(config);
}

const char *const *plugin_config_asked(const struct plugin_config *config)
{
    return config->asked;
}

static const char *keep_text(struct plugin_config *config, const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(scratch_allocate(&config->memory, size), text, size);
}

static void note_asked(struct plugin_config *config, const char *key)
{
    for (size_t i = 0; i < config->asked_count; i++)
        if (!strcmp(config->asked[i], key)) return;
    config->asked = reallocate(config->asked, (config->asked_count + 2) * sizeof *config->asked);
    config->asked[config->asked_count++] = keep_text(config, key);
    config->asked[config->asked_count] = NULL;
}

/* ---- a reader for each enum etl_config_type; false: the value has another type */

typedef bool read_value(struct plugin_config *config, const struct yaml_node *node, void *out);

static bool is_plain(const struct yaml_node *node)
{
    return node->kind == NODE_SCALAR && node->plain;
}

static bool read_bool(struct plugin_config *config, const struct yaml_node *node, void *out)
{
    return is_plain(node) && bool_parse(node->text, out);
}

static bool read_decimal(struct plugin_config *config, const struct yaml_node *node, void *out)
{
    return is_plain(node) && etl_decimal_parse((etl_string){node->text, strlen(node->text)}, out);
}

static bool read_int64(struct plugin_config *config, const struct yaml_node *node, void *out)
{
    etl_decimal exact;
    return read_decimal(config, node, &exact) && etl_decimal_to_int64(exact, out);
}

static bool read_double(struct plugin_config *config, const struct yaml_node *node, void *out)
{
    return is_plain(node) && double_parse(node->text, out);
}

static bool read_string(struct plugin_config *config, const struct yaml_node *node, void *out)
{
    const char **text = out;
    if (node->kind != NODE_SCALAR || node->null) return false;
    *text = keep_text(config, node->text);
    return true;
}

static bool read_strings(struct plugin_config *config, const struct yaml_node *node, void *out)
{
    struct etl_strings *strings = out;
    size_t count = 0;
    if (node->kind != NODE_SEQUENCE) return false;
    for (const struct yaml_node *child = node->children; child; child = child->next, count++)
        if (!child->broken && (child->kind != NODE_SCALAR || child->null)) return false;
    const char **items = scratch_allocate(&config->memory, (count + 1) * sizeof *items), **item = items;
    for (const struct yaml_node *child = node->children; child; child = child->next) *item++ = keep_text(config, child->text);
    *item = NULL;
    *strings = (struct etl_strings){items, count};
    return true;
}

static const struct {
    read_value *read;
    const char *expected;
} types[] = {
    [ETL_CONFIG_BOOL] = {read_bool, "true or false"},
    [ETL_CONFIG_INT64] = {read_int64, "an integer from -2^63 to 2^63-1"},
    [ETL_CONFIG_DOUBLE] = {read_double, "a number"},
    [ETL_CONFIG_DECIMAL] = {read_decimal, "a decimal number of up to 38 digits"},
    [ETL_CONFIG_STRING] = {read_string, "text"},
    [ETL_CONFIG_STRINGS] = {read_strings, "a list of texts"},
};

enum { TYPE_COUNT = sizeof types / sizeof *types };

/* ---- the questions of a plugin */

static void report_type(const struct yaml_node *node, const char *expected, struct diagnostics *diagnostics)
{
    if (node->null)
        diagnostics_add(diagnostics, SEVERITY_ERROR, node->place, "'%s' has no value: expected %s", node->name, expected);
    else if (node->kind == NODE_SCALAR)
        diagnostics_add(diagnostics, SEVERITY_ERROR, node->place, "'%s' is %s, not %s'%s'", node->name, expected,
                        node->plain ? "" : "the quoted ", node->text);
    else
        diagnostics_add(diagnostics, SEVERITY_ERROR, node->place, "'%s' is %s, not %s", node->name, expected,
                        yaml_node_description(node));
}

/* Refuses a question that breaks the contract, or that only a newer host could answer. */
static bool check_question(const char *key, uint32_t type, const void *out, struct place place, struct diagnostics *diagnostics)
{
    if (key && type < TYPE_COUNT && (out || type == ETL_CONFIG_ANY)) return true;
    if (!key)
        diagnostics_add(diagnostics, SEVERITY_ERROR, place, "the plugin asked for a key without a name");
    else if (type >= TYPE_COUNT)
        diagnostics_add(diagnostics, SEVERITY_ERROR, place,
                        "the plugin asked for '%s' as a type (%u) that this host does not know", key, type);
    else
        diagnostics_add(diagnostics, SEVERITY_ERROR, place, "the plugin asked for '%s' without a place for it", key);
    return false;
}

etl_result plugin_config_read(struct plugin_config *config, const char *key, uint32_t type, void *out,
                              struct diagnostics *diagnostics)
{
    struct place place = config->block ? config->block->place : (struct place){NULL, 0, 0};
    if (!check_question(key, type, out, place, diagnostics)) return ETL_REJECT;
    note_asked(config, key);
    const struct yaml_node *node = yaml_node_find(config->block, key);
    if (!node) return ETL_REJECT;
    if (type == ETL_CONFIG_ANY) return ETL_OK;
    if (node->broken) return ETL_REJECT;
    if (types[type].read(config, node, out)) return ETL_OK;
    report_type(node, types[type].expected, diagnostics);
    return ETL_REJECT;
}

void plugin_config_check_unknown(const struct plugin_config *config, struct diagnostics *diagnostics)
{
    for (const struct yaml_node *child = config->block ? config->block->children : NULL; child; child = child->next) {
        size_t i = 0;
        while (i < config->asked_count && strcmp(config->asked[i], child->key)) i++;
        if (i < config->asked_count) continue;
        const char *near = nearest_word(child->key, config->asked);
        if (near)
            diagnostics_add(diagnostics, SEVERITY_ERROR, child->key_place, "unknown key '%s' (did you mean '%s'?)", child->key,
                            near);
        else
            diagnostics_add(diagnostics, SEVERITY_ERROR, child->key_place, "unknown key '%s': the plugin has no such option",
                            child->key);
    }
}
