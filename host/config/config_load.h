/* SPDX-License-Identifier: MIT
 * config_load: loads a configuration from bytes in memory, for tests and the fuzzer. */
#ifndef CONFIG_CONFIG_LOAD_H
#define CONFIG_CONFIG_LOAD_H

#include "config/config.h"

/* Like config_load() of a file `path` with this content. */
struct config *config_load_bytes(const char *path, const char *bytes, size_t size, struct diagnostics *diagnostics);

#endif
