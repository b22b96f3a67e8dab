/* SPDX-License-Identifier: MIT
 * advice: printed at the end of a run that read loglines and handled none, because the
 * fault is then most likely in the pipeline file. It shows the configured key of the
 * event type, a better one if the log has it, event types that were seen, and those
 * that plugins handle. It reads the first lines of the log again, unless they came
 * from a pipe, so a run that goes well pays nothing. */
#ifndef ADVICE_H
#define ADVICE_H

#include <stdio.h>

struct run;

/* Called after each run, even a quiet one. Prints nothing if a line was handled, or if
 * all lines were blank. */
void advice_print(const struct run *pipeline, FILE *to);

#endif
