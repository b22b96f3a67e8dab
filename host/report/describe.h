/* SPDX-License-Identifier: MIT
 * describe: what `check` and `list` print of a pipeline that is in order. */
#ifndef REPORT_DESCRIBE_H
#define REPORT_DESCRIBE_H

#include <stdio.h>

struct run;

/* What would run, stage by stage: `check`. */
void describe_run(const struct run *run, FILE *to);
/* Plugins, event types with their handlers, effects, tables: `list`. */
void describe_plugins(const struct run *run, FILE *to);
/* Where handlers that read state keep the run on one thread: a line that says so, and what to add. After `before`. */
void describe_one_thread(const struct run *run, const char *before, FILE *to);

#endif
