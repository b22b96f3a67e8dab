/* SPDX-License-Identifier: MIT
 * conflicts: checks that a pipeline's outputs can be written, and do not conflict with
 * each other or with an input. */
#ifndef SINKS_CONFLICTS_H
#define SINKS_CONFLICTS_H

#include "base/diagnostic.h"
#include "config/config.h"
#include "source/source.h"

/* Reports each output (sinks, then rejects) that cannot be written, is written twice,
 * or is also read, to `diagnostics`. */
void conflicts_check(const struct config *config, const struct source *source, struct diagnostics *diagnostics);

#endif
