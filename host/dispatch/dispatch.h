/* SPDX-License-Identifier: MIT
 * dispatch: plugins, and the calls into them. Loading is dlopen, the handshake, init; an event goes to the handlers of its
 * type in order, and all of its effects count or none. */
#ifndef DISPATCH_DISPATCH_H
#define DISPATCH_DISPATCH_H

#include "base/diagnostic.h"
#include "base/error.h"
#include "config/config.h"
#include "decode/decode.h"
#include "effects/effects.h"
#include "source/source.h"

struct plugin {
    const char *path, *name, *version, *summary;
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
    uint64_t called, refused; /* how often */
};

struct dispatch;

/* Loads the plugins of `config` in order. Registers event types and structs with `schema`, effects with `effects`. What is wrong
 * goes to `diagnostics`, at the plugin's place in the file. Never NULL. */
struct dispatch *dispatch_create(const struct config *config, struct schema *schema, struct effects *effects,
                                 struct diagnostics *diagnostics);
void dispatch_destroy(struct dispatch *dispatch);

/* What was loaded, in order: for `list`, `check` and the summary. Of plugins that are wrong, members may be NULL. */
size_t dispatch_plugin_count(const struct dispatch *dispatch);
const struct plugin *dispatch_plugin(const struct dispatch *dispatch, size_t index);
size_t dispatch_handler_count(const struct dispatch *dispatch);
const struct handler *dispatch_handler(const struct dispatch *dispatch, size_t index);

enum outcome {
    OUTCOME_HANDLED,
    OUTCOME_REJECTED, /* a handler refused the event */
    OUTCOME_FAILED,   /* a handler stops the run, or broke the contract */
};

struct refusal {
    const struct handler *handler; /* who refused or failed; NULL where it was the commit that failed */
    char reason[1024];             /* UTF-8; of FAILED it names the plugin and the handler, of REJECTED it is the reason alone */
};

/* Gives the event that `decoder` just decoded to the handlers of its type, and commits or rolls back their effects. The refusal
 * is set for REJECTED and FAILED. */
enum outcome dispatch_event(struct dispatch *dispatch, unsigned event_type, const struct decoder *decoder,
                            const struct logline *line, struct refusal *refusal);

#endif
