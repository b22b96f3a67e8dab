/* SPDX-License-Identifier: MIT
 * plugin_config: a plugin's own `config:` block, as its init function reads it through
 * etl_config_*(). */
#ifndef CONFIG_PLUGIN_CONFIG_H
#define CONFIG_PLUGIN_CONFIG_H

#include "base/diagnostic.h"
#include "config/config.h"

#include <etl.h>

struct plugin_config;

/* `block` may be NULL: then every key is absent. It is borrowed. Strings handed out
 * live until plugin_config_destroy(). */
struct plugin_config *plugin_config_create(const struct yaml_node *block);
/* Implements etl_host.config. A value of another type becomes a diagnostic at its
 * place. */
etl_result plugin_config_read(struct plugin_config *config, const char *key, uint32_t type, void *out,
                              struct diagnostics *diagnostics);
/* Called after init: reports each key of the block that was never asked for, at its
 * place, with the nearest key that was. */
void plugin_config_check_unknown(const struct plugin_config *config, struct diagnostics *diagnostics);
/* The keys that were asked for; ends in NULL. */
const char *const *plugin_config_asked(const struct plugin_config *config);
void plugin_config_destroy(struct plugin_config *config);

#endif
