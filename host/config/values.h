/* SPDX-License-Identifier: MIT
 * values: strict parsers for scalars of a pipeline file. They return false and store
 * nothing if the text is anything else or out of range. */
#ifndef CONFIG_VALUES_H
#define CONFIG_VALUES_H

#include <stdbool.h>
#include <stdint.h>

bool bool_parse(const char *text, bool *value);      /* true, false */
/* a JSON number without fraction and exponent */
bool int64_parse(const char *text, int64_t *value);
bool double_parse(const char *text, double *value);  /* a JSON number; finite */
/* 1MiB: an integer and B, kB, MB, GB, KiB, MiB or GiB, or no unit */
bool size_parse(const char *text, uint64_t *bytes);
/* 10s: an integer and ms, s, m or h; 0 needs no unit */
bool duration_parse(const char *text, int64_t *ns);

#endif
