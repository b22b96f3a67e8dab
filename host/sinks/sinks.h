/* SPDX-License-Identifier: MIT
 * sinks: the outputs of results. Files are written beside their place under a
 * temporary name, all are completed before the first is renamed into place, and a run
 * that stopped publishes nothing. */
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

/* Checks all sinks and the rejects path against each other, the inputs and the tables.
 * Opens nothing. Faults go to `diagnostics` at their place. */
struct sinks *sinks_create(const struct config *config, const struct state *state, const struct source *source,
                           struct diagnostics *diagnostics);
/* Opens the outputs: temporary files, or the target itself if it is not a regular
 * file. */
bool sinks_open(struct sinks *sinks, struct error *error);
/* Sinks of effects, by number. A committed effect is formatted where it was committed
 * (any thread; nothing if the sink does not want it). The texts are then added in log
 * order. */
size_t sinks_effects_count(const struct sinks *sinks);
void sinks_format_effect(const struct sinks *sinks, size_t index, const struct table *table, const void *entry, bool remove,
                         struct buffer *to);
bool sinks_add_effects(struct sinks *sinks, size_t index, const char *text, size_t size, struct error *error);
/* Writes the rows of all state sinks with `threads` threads. The bytes do not depend
 * on their number. */
bool sinks_write_state(struct sinks *sinks, unsigned threads, struct error *error);
/* Completes all outputs. Afterwards nothing can fail for lack of space. */
bool sinks_complete(struct sinks *sinks, struct error *error);
/* Collects the outputs, each once, to be published together with others. Returns their
 * number, at most that of the entries of `sinks:`. */
size_t sinks_outputs(const struct sinks *sinks, struct output **to);
/* Is the output of this entry of `sinks:` written directly, so that its content stays? */
bool sinks_is_direct(const struct sinks *sinks, size_t index);
/* Removes outputs that were not published. */
void sinks_destroy(struct sinks *sinks);

#endif
