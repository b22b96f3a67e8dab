/* SPDX-License-Identifier: MIT
 * describe: the output of `check` and `list` for a valid pipeline. */
#ifndef REPORT_DESCRIBE_H
#define REPORT_DESCRIBE_H

#include <stdio.h>

struct run;

/* `check`: what would run, stage by stage. */
void describe_run(const struct run *run, FILE *to);
/* `list`: plugins, event types with their handlers, effects, tables. */
void describe_plugins(const struct run *run, FILE *to);
/* If handlers that read state keep the run on one thread: prints a line that says so,
 * and what to add. It begins with `before`. */
void describe_one_thread(const struct run *run, const char *before, FILE *to);

#endif
