/* SPDX-License-Identifier: MIT
 * Any bytes as a pipeline file: they are read or refused, every mistake is printed, and blocks of plugins are read as all types. */
#define _GNU_SOURCE
#include "config/config_load.h"
#include "config/plugin_config.h"
#include "config/yaml_tree.h"

#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *nowhere;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    nowhere = fopen("/dev/null", "w");
    if (!nowhere || setenv("NUMBER", "4", 1) || setenv("EMPTY", "", 1) || setenv("HOSTILE", "${NUMBER}\"]: &a *b", 1)) abort();
    return 0;
}

static void read_block(const struct yaml_node *block, struct diagnostics *diagnostics)
{
    struct plugin_config *config = plugin_config_create(block);
    size_t count = 0;
    for (const struct yaml_node *child = block ? block->children : NULL; child && count < 16; child = child->next, count++)
        for (uint32_t type = ETL_CONFIG_ANY; type <= ETL_CONFIG_STRINGS + 1; type++) {
            union {
                int64_t integer;
                etl_decimal decimal;
                struct etl_strings strings;
            } out;
            plugin_config_read(config, child->key, type, &out, diagnostics);
        }
    plugin_config_check_unknown(config, diagnostics);
    plugin_config_destroy(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diagnostics diagnostics = {0};
    struct config *config = config_load_bytes("/nowhere/pipeline.yaml", (const char *)data, size, &diagnostics);
    if (!config && !diagnostics.errors) abort(); /* refused without a word */
    for (size_t i = 0; config && i < config->plugin_count; i++) read_block(config->plugins[i].config, &diagnostics);
    diagnostics_print(&diagnostics, nowhere);
    config_destroy(config);
    diagnostics_finish(&diagnostics);
    return 0;
}
