/* SPDX-License-Identifier: MIT
 * Scalars of a pipeline file, read strictly: false, and nothing stored, where the text is anything else or out of range. */
#ifndef CONFIG_VALUES_H
#define CONFIG_VALUES_H

#include <stdbool.h>
#include <stdint.h>

bool bool_parse(const char *text, bool *value);      /* true, false */
bool int64_parse(const char *text, int64_t *value);  /* a JSON number without fraction and exponent */
bool double_parse(const char *text, double *value);  /* a JSON number; finite */
bool size_parse(const char *text, uint64_t *bytes);  /* 1MiB: an integer and B, kB, MB, GB, KiB, MiB, GiB, or nothing */
bool duration_parse(const char *text, int64_t *ns);  /* 10s: an integer and ms, s, m, h; 0 needs no unit */

#endif
