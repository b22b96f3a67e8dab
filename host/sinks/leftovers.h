/* SPDX-License-Identifier: MIT
 * leftovers: hidden files (temporary.h) that killed runs left beside outputs. Files
 * that a run had not published are removed. A run that was killed while publishing,
 * before all its outputs were in place, is rolled back: files that it replaced return,
 * and files that it created go. Files of a live run, in whatever container, are locked
 * and left alone. */
#ifndef SINKS_LEFTOVERS_H
#define SINKS_LEFTOVERS_H

#include "base/buffer.h"

/* Cleans up beside the outputs with these paths. Adds the outputs that were rolled
 * back to `restored`, in quotes, separated by commas. */
void leftovers_remove(const char *const *paths, size_t count, struct buffer *restored);

#endif
