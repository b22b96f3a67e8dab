/* SPDX-License-Identifier: MIT
 * A plugin's own `config:` block, as its init function reads it through etl_config_*(). */
#ifndef CONFIG_PLUGIN_CONFIG_H
#define CONFIG_PLUGIN_CONFIG_H

#include "base/diagnostic.h"
#include "config/config.h"

#include <etl.h>

struct plugin_config;

/* `block` may be NULL: every key is absent. Borrowed; strings handed out live until plugin_config_destroy(). */
struct plugin_config *plugin_config_create(const struct yaml_node *block);
/* etl_host.config: see there. A value of another type is kept as a diagnostic at its place. */
etl_result plugin_config_read(struct plugin_config *config, const char *key, uint32_t type, void *out,
                              struct diagnostics *diagnostics);
/* After init: keys in the block that were never asked for, each a diagnostic at its place, with the nearest one that was. */
void plugin_config_check_unknown(const struct plugin_config *config, struct diagnostics *diagnostics);
/* The keys that were asked for, up to a NULL. */
const char *const *plugin_config_asked(const struct plugin_config *config);
void plugin_config_destroy(struct plugin_config *config);

#endif
