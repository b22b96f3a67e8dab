/* SPDX-License-Identifier: MIT
 * conflicts: whether the outputs of a pipeline can be written, and do not stand in each other's way or in that of an input. */
#ifndef SINKS_CONFLICTS_H
#define SINKS_CONFLICTS_H

#include "base/diagnostic.h"
#include "config/config.h"
#include "source/source.h"

/* Each output (sinks, then rejects) that cannot be written, is written twice, or is also read, goes to `diagnostics`. */
void conflicts_check(const struct config *config, const struct source *source, struct diagnostics *diagnostics);

#endif
