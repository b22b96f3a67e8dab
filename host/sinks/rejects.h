/* SPDX-License-Identifier: MIT
 * Rejects: loglines that were refused, each with its original bytes, its place and the reason, as JSON lines in log order. They
 * are published also when the run stops: up to the logline that stopped it.
 *
 * By default they go to standard error. Where that is a terminal, some 20 are enough for people: further ones are counted, and
 * the terminal says so at once, and how many at the end. Anything else gets them all, up to rejects.max_bytes: from the first that
 * would be beyond, they are only counted. */
#ifndef SINKS_REJECTS_H
#define SINKS_REJECTS_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/logline.h"
#include "config/config.h"
#include "sinks/output.h"

enum reject_class { REJECT_MALFORMED, REJECT_INVALID, REJECT_UNHANDLED };

/* As rejects have it, and the key of its policy. */
const char *reject_class_name(enum reject_class class);

struct reject {
    enum reject_class class;
    const char *reason;
    const char *plugin, *handler; /* who refused it; NULL: nobody in particular */
};

struct rejects;

struct rejects *rejects_create(const struct config *config);
bool rejects_open(struct rejects *rejects, struct error *error);
/* A reject is made into text where it is found (any thread), and added in log order. */
void rejects_format(struct buffer *to, const struct logline *line, const struct reject *reject);
bool rejects_add(struct rejects *rejects, const char *text, size_t size, struct error *error);
/* How many were not written, since rejects.max_bytes was reached. */
uint64_t rejects_dropped(const struct rejects *rejects);
/* Is the next one written as it comes, perhaps to a terminal? */
bool rejects_are_direct(const struct rejects *rejects);
/* As with sinks. */
bool rejects_complete(struct rejects *rejects, struct error *error);
struct output *rejects_output(const struct rejects *rejects);
void rejects_destroy(struct rejects *rejects);

#endif
