/* SPDX-License-Identifier: MIT
 * sinks: where results go. Files are written beside their place under a temporary name, all are completed before the
 * first is renamed into place, and nothing is published of a run that stopped. */
#ifndef SINKS_SINKS_H
#define SINKS_SINKS_H

#include "base/buffer.h"
#include "base/diagnostic.h"
#include "base/error.h"
#include "config/config.h"
#include "sinks/output.h"
#include "source/source.h"
#include "state/state.h"

struct sinks;

/* Checks all sinks and the rejects path against each other, the inputs and the tables; opens nothing. What is wrong goes to
 * `diagnostics` at its place. */
struct sinks *sinks_create(const struct config *config, const struct state *state, const struct source *source,
                           struct diagnostics *diagnostics);
/* Opens the outputs: temporary files, or the thing itself where it is not a regular file. */
bool sinks_open(struct sinks *sinks, struct error *error);
/* Sinks of effects, by number. One committed effect is made into text wherever it was committed (any thread; nothing where the
 * sink does not want it); texts are then added in log order. */
size_t sinks_effects_count(const struct sinks *sinks);
void sinks_format_effect(const struct sinks *sinks, size_t index, const struct table *table, const void *entry, bool remove,
                         struct buffer *to);
bool sinks_add_effects(struct sinks *sinks, size_t index, const char *text, size_t size, struct error *error);
/* Writes the rows of all state sinks, by so many threads; the bytes are the same by any number of them. */
bool sinks_write_state(struct sinks *sinks, unsigned threads, struct error *error);
/* Completes all outputs: all that can fail for want of space has happened then. */
bool sinks_complete(struct sinks *sinks, struct error *error);
/* The outputs, each once, to be published together with others: how many, not more than there are entries of `sinks:`. */
size_t sinks_outputs(const struct sinks *sinks, struct output **to);
/* Is the output of this entry of `sinks:` written as it goes, so that what was written stands? */
bool sinks_is_direct(const struct sinks *sinks, size_t index);
/* Removes what was not published. */
void sinks_destroy(struct sinks *sinks);

#endif
