/* SPDX-License-Identifier: MIT
 * dispatch: plugins, and the calls into them. Loading is dlopen, the handshake and
 * init. An event goes to the handlers of its type in order, and either all or none of
 * its effects count. */
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
    /* keys of its `config:` that it asked for; ends in NULL */
    const char *const *settings;
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

/* Plugins, and the calls of one thread into them. */
struct dispatch;

/* Loads the plugins of `config` in order. Registers event types and structs with
 * `schema`, effects with `effects`. Faults go to `diagnostics`, at the plugin's place
 * in the file. Never NULL. */
struct dispatch *dispatch_create(const struct config *config, struct schema *schema, struct effects *effects,
                                 struct diagnostics *diagnostics);
/* The same handlers for another thread: with contexts of its own, events from its
 * decoder, and effects to its emitter. Destroyed before its parent. */
struct dispatch *dispatch_fork(const struct dispatch *parent, const struct decoder *decoder, struct emitter *emitter);
void dispatch_destroy(struct dispatch *dispatch);

/* The loaded plugins, in order: for `list`, `check` and the summary. Members of faulty
 * plugins may be NULL. */
size_t dispatch_plugin_count(const struct dispatch *dispatch);
const struct plugin *dispatch_plugin(const struct dispatch *dispatch, size_t index);
size_t dispatch_handler_count(const struct dispatch *dispatch);
const struct handler *dispatch_handler(const struct dispatch *dispatch, size_t index);
/* The handlers of an event type, in calling order; NULL behind the last. */
const struct handler *dispatch_chain(const struct dispatch *dispatch, unsigned event_type, size_t index);
/* Called at the end of the log: was no context used by a thread that runs no handler?
 * False: the error names its plugin. */
bool dispatch_check_misuse(struct error *error);
/* Does any handler read state? */
bool dispatch_reads(const struct dispatch *dispatch);
/* Could `partition_by` be this key: do all tables that are read, and all events whose
 * handlers touch them, have a field of that name? */
bool dispatch_could_partition(const struct dispatch *dispatch, const char *key);
/* For a fork: the value of the partition key in the event that was just decoded, with
 * its kind; it selects the thread that handles the event. NULL: any thread. */
const void *dispatch_partition_value(const struct dispatch *dispatch, unsigned event_type, enum etl_kind *kind);

enum outcome {
    OUTCOME_HANDLED,
    OUTCOME_REJECTED, /* a handler rejected the event */
    OUTCOME_FAILED,   /* a handler stopped the run, or broke the contract */
};

struct refusal {
    const struct handler *handler; /* who refused or failed; NULL: the commit failed */
    size_t called;                 /* how many handlers of the chain were called */
    /* UTF-8; names the plugin and the handler for FAILED; the reason alone for
     * REJECTED */
    char reason[1024];
};

/* For a fork: why the last event passed to dispatch_event() (dispatcher.h) was
 * REJECTED or FAILED. Valid until the next event. */
const struct refusal *dispatch_refusal(const struct dispatch *dispatch);

#endif
