/* SPDX-License-Identifier: MIT
 * leftovers: hidden files (temporary.h) that runs which were killed left beside outputs. What a run
 * had not published is removed. A run that was killed while it published, before all its outputs were
 * in place, is taken back: the files that it replaced return, and those that it made go. Files of a
 * run that lives, in whatever container, are locked, and left alone. */
#ifndef SINKS_LEFTOVERS_H
#define SINKS_LEFTOVERS_H

#include "base/buffer.h"

/* Beside the outputs that have these paths. Adds those that were taken back to `restored`, in quotes,
 * by commas. */
void leftovers_remove(const char *const *paths, size_t count, struct buffer *restored);

#endif
