/* SPDX-License-Identifier: MIT
 * config_load() on bytes, for those who have no file: tests and the fuzzer. */
#ifndef CONFIG_CONFIG_LOAD_H
#define CONFIG_CONFIG_LOAD_H

#include "config/config.h"

/* As if these bytes were what the file `path` holds. */
struct config *config_load_bytes(const char *path, const char *bytes, size_t size, struct diagnostics *diagnostics);

#endif
