/* SPDX-License-Identifier: MIT
 * dispatch: plugins, and the calls into them. Loading is dlopen, the handshake, init; an event goes to the handlers of its
 * type in order, and all of its effects count or none. */
#ifndef DISPATCH_DISPATCH_H
#define DISPATCH_DISPATCH_H

#include "base/diagnostic.h"
#include "base/error.h"
#include "base/logline.h"
#include "config/config.h"
#include "decode/decode.h"
#include "effects/effects.h"

struct plugin {
    const char *path, *name, *version, *summary;
    const char *const *settings; /* keys of its `config:` that it asked for, up to a NULL */
};

struct handler {
    const struct plugin *plugin;
    const char *name; /* for messages */
    const char *event_type;
    const struct etl_event *event;
    etl_handle_function *handle;
    void *data;
    size_t event_offset; /* of its struct in a decoder's frame */
    struct binding *emits[ETL_EFFECTS_MAX], *reads[ETL_EFFECTS_MAX];
    unsigned emit_count, read_count;
    size_t number; /* among all handlers, in order */
};

/* Plugins, and one thread's calls into them. */
struct dispatch;

/* Loads the plugins of `config` in order. Registers event types and structs with `schema`, effects with `effects`. What is wrong
 * goes to `diagnostics`, at the plugin's place in the file. Never NULL. */
struct dispatch *dispatch_create(const struct config *config, struct schema *schema, struct effects *effects,
                                 struct diagnostics *diagnostics);
/* The same handlers for a thread: with contexts of its own, events that come from its decoder, and effects that go to its
 * emitter. To be destroyed before its parent. */
struct dispatch *dispatch_fork(const struct dispatch *parent, const struct decoder *decoder, struct emitter *emitter);
void dispatch_destroy(struct dispatch *dispatch);

/* What was loaded, in order: for `list`, `check` and the summary. Of plugins that are wrong, members may be NULL. */
size_t dispatch_plugin_count(const struct dispatch *dispatch);
const struct plugin *dispatch_plugin(const struct dispatch *dispatch, size_t index);
size_t dispatch_handler_count(const struct dispatch *dispatch);
const struct handler *dispatch_handler(const struct dispatch *dispatch, size_t index);
/* The handlers of an event type, in the order in which they are called; NULL behind the last. */
const struct handler *dispatch_chain(const struct dispatch *dispatch, unsigned event_type, size_t index);
/* At the end of the log: did no thread that runs no handler use a context? Otherwise the error says whose. */
bool dispatch_check_misuse(struct error *error);
/* Does some handler read state? */
bool dispatch_reads(const struct dispatch *dispatch);
/* Could `partition_by` be this key: have all tables that are read, and all events whose handlers touch them, a field of that
 * name? */
bool dispatch_could_partition(const struct dispatch *dispatch, const char *key);
/* Of a fork: the partition key's value in the event that was just decoded, with its kind: whose thread is to handle it. NULL: any
 * thread. */
const void *dispatch_partition_value(const struct dispatch *dispatch, unsigned event_type, enum etl_kind *kind);

enum outcome {
    OUTCOME_HANDLED,
    OUTCOME_REJECTED, /* a handler refused the event */
    OUTCOME_FAILED,   /* a handler stops the run, or broke the contract */
};

struct refusal {
    const struct handler *handler; /* who refused or failed; NULL where it was the commit that failed */
    size_t called;                 /* how many handlers of the chain were called */
    char reason[1024];             /* UTF-8; of FAILED it names the plugin and the handler, of REJECTED it is the reason alone */
};

/* Of a fork: why the last event that was given to handlers, by dispatch_event() (dispatcher.h), was REJECTED or FAILED; until the
 * next. */
const struct refusal *dispatch_refusal(const struct dispatch *dispatch);

#endif
