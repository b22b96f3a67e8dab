/* SPDX-License-Identifier: MIT
 * advice: what a run says last where it read loglines and handled none, since the reason is then most likely in the
 * pipeline file: the key of the event type as it was given, and a better one if the log has it; event types that were seen,
 * and those that plugins handle. For this the first lines of the log are read once more, unless they came from a pipe: so a
 * run that goes well pays nothing for it. */
#ifndef ADVICE_H
#define ADVICE_H

#include <stdio.h>

struct run;

/* After a run, also of a quiet one. Says nothing where a line was handled, or where there was none but blank ones. */
void advice_print(const struct run *pipeline, FILE *to);

#endif
