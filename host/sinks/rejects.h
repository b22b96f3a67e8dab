/* SPDX-License-Identifier: MIT
 * rejects: loglines that were rejected, each with its original bytes, its place and
 * the reason, as JSON lines in log order. They are published even if the run stops, up
 * to the logline that stopped it.
 *
 * The default is standard error. A terminal shows some 20 of them, which is enough for
 * people: it says at once that further ones are only counted, and gives their number
 * at the end. Any other output gets all rejects, up to rejects.max_bytes: from the
 * first one that would exceed it, they are only counted. */
#ifndef SINKS_REJECTS_H
#define SINKS_REJECTS_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/logline.h"
#include "config/config.h"
#include "sinks/output.h"

enum reject_class { REJECT_MALFORMED, REJECT_INVALID, REJECT_UNHANDLED };

/* The name in rejects, which is also the key of the class's policy. */
const char *reject_class_name(enum reject_class class);

struct reject {
    enum reject_class class;
    const char *reason;
    const char *plugin, *handler; /* who rejected it; NULL: no handler */
};

struct rejects;

struct rejects *rejects_create(const struct config *config);
bool rejects_open(struct rejects *rejects, struct error *error);
/* A reject is formatted where it is found (any thread), and added in log order. */
void rejects_format(struct buffer *to, const struct logline *line, const struct reject *reject);
bool rejects_add(struct rejects *rejects, const char *text, size_t size, struct error *error);
/* The number of rejects that were not written because of rejects.max_bytes. */
uint64_t rejects_dropped(const struct rejects *rejects);
/* Is the next reject written directly, perhaps to a terminal? */
bool rejects_are_direct(const struct rejects *rejects);
/* The same as for sinks. */
bool rejects_complete(struct rejects *rejects, struct error *error);
struct output *rejects_output(const struct rejects *rejects);
void rejects_destroy(struct rejects *rejects);

#endif
