/* SPDX-License-Identifier: MIT
 * What the files of dispatch share. dispatch.c: the parts together, and the calls; plugin.c: dlopen and the handshake;
 * registry.c: what an init function is offered; context.c: what a handler is offered; loan.c: and where it is; declaration.c: declarations that cross the
 * border; partition.c: partition_by. */
#ifndef DISPATCH_DISPATCH_IMPL_H
#define DISPATCH_DISPATCH_IMPL_H

#include "base/guard.h"
#include "base/memory.h"
#include "dispatch/dispatch.h"
#include "effects/emitter.h"

#include <stdatomic.h>

/* ---- declarations */

enum declaration { DECLARATION_EVENT, DECLARATION_EFFECT, DECLARATION_ROW };

/* Copies a struct of `size` bytes, whatever the version of the header that it was compiled with: a shorter one is continued with
 * zeros, but not below `least`; what is longer than `known` must be zero. */
bool struct_take(void *to, size_t known, size_t least, const void *from, size_t size, const char *what, struct error *error);
/* Is everything in it fit to be used: sizes, names, kinds, roles, offsets? What an effect or a row needs beyond that is
 * for effects/ to say. */
bool declaration_check(const struct etl_record *record, enum declaration what, struct error *error);
/* The field of this name, or NULL. */
const struct etl_field *declaration_find(const struct etl_record *record, const char *name);
/* Is it UTF-8 of 1 to `most` bytes? A name has no control characters either. */
bool text_check(const char *text, const char *what, size_t most, struct error *error);
bool name_check(const char *name, const char *what, size_t most, struct error *error);

/* ---- plugins */

struct registry;

struct loaded {
    struct plugin plugin;
    /* of dlopen; never closed, for threads and thread-local destructors of the plugin may outlive any moment to do it */
    void *handle;
    etl_result (*init)(struct etl_host *);
    struct guard_call call; /* of what runs while it is loaded */
    struct registry *registry; /* NULL before init */
};

/* dlopen and the handshake. Fills all of `loaded` but the registry. */
bool plugin_open(struct loaded *loaded, const char *path, struct error *error);

/* ---- registration */

/* What one init function asked for. */
struct registry *registry_create(struct loaded *loaded, const struct config_plugin *config, struct diagnostics *diagnostics);
/* Calls init. False: registrations are void, diagnostics say why. */
bool registry_run_init(struct registry *registry);
/* Makes the registrations count: all of them, or (with diagnostics) none. */
bool registry_apply(struct registry *registry, struct dispatch *dispatch, struct schema *schema);
void registry_destroy(struct registry *registry);

/* ---- handlers */

/* How a table's rows are told from the event's: the offset of the same value in the one struct and in the other. */
struct partition {
    uint32_t kind; /* 0: no handler reads the table, or there is no partition_by */
    uint32_t effect_offset, event_offset;
};

/* An effect that a handler may emit or look up, by the address of its declaration. */
struct use {
    const struct etl_effect *effect;
    struct binding *binding;
    struct partition partition;
};
/* The declared ones first; then the same effects declared in other source files of the plugin, as they come. */
struct uses {
    struct use items[2 * ETL_EFFECTS_MAX];
    unsigned count, declared;
};

/* A handler and what it is called with. One each, so that a context that is used when its handler does not run is noticed. */
struct context {
    struct etl_context base;
    struct etl_context *lent; /* the copy of it that the handler has a pointer to */
    const struct context *parent; /* as of which it was forked; NULL: it was not */
    struct dispatch *dispatch;
    /* the effect that it may emit without further checks, which is the first it declares; one that nobody has: there is none */
    const struct etl_effect *plain;
    struct lane plain_lane; /* of that one; {0}: there never is one */
    const void *event;      /* its struct in the decoder's frame */
    struct guard_call call; /* what: "handler 'buy'" */
    unsigned event_type;
    struct handler handler;
    struct uses emits, reads;
};

/* NULL: an effect does not go together with what is there. */
struct context *context_create(struct dispatch *dispatch, const struct etl_handler *handler, const struct plugin *plugin,
                               const char *what, struct error *error);
/* The same handler, for another thread, whose decoder has this frame. */
struct context *context_fork(const struct context *parent, struct dispatch *dispatch, const char *frame);
/* Before the first event, and after one that was refused, which took it away: it may emit without further checks. */
void context_renew(struct context *context);
void context_destroy(struct context *context);
/* A context was used by a thread that runs no handler; NULL: none was. Its parent is, or one that nobody owns where that is not
 * known. */
extern _Atomic(const struct context *) context_misused;

/* ---- what handlers have pointers to */

/* Lends contexts, which are whole, to their handlers. By the main thread, before there are others. */
void loan_create(struct context **contexts, size_t count);
/* The parent of the context that was lent as this; NULL: it is none. Any thread. */
const struct context *loan_owner(const void *context);

/* The end of a call that may have gone wrong: how the event stands after it. */
void context_settle(struct context *context, etl_result result);

/* Zeroed memory that a plugin asked for. More than there can be ends the process, and says who asked. */
void *allocate_for_plugin(struct scratch *scratch, size_t bytes);
/* One line for the operator. `line` may be NULL. */
void operator_log(enum etl_level level, const char *plugin, const char *what, const struct logline *line, const char *text);
/* Copies what fits, with U+FFFD for what is not UTF-8. */
void text_copy(char *to, size_t size, const char *text);

/* ---- all of it */

enum standing { STANDING_GOOD, STANDING_REFUSED, STANDING_STOPPED };

struct chain {
    struct context **items; /* up to a NULL */
    size_t count;
    uint32_t partition_kind; /* of the partition key of its events; 0: none of its handlers touches a table that is read */
    size_t partition_offset; /* where the value stands in a decoder's frame */
};

struct dispatch {
    const struct dispatch *parent; /* whose plugins these are; NULL: its own */
    struct effects *effects;
    struct emitter *emitter;
    const char *frame; /* of the decoder */
    struct loaded **plugins;
    size_t plugin_count;
    struct context **contexts; /* in order */
    size_t context_count;
    struct chain *chains; /* by event type */
    size_t chain_count;
    const char *partition_by;  /* NULL: not given */
    struct table **partitioned; /* tables that some handler reads */
    size_t partitioned_count;

    /* the event at hand */
    enum standing standing; /* GOOD between events */
    struct refusal refusal;
    struct error error;
    struct scratch scratch;
    const struct context *blamed; /* for how it stands; NULL: whose handler ran */
};

/* ---- partition_by */

/* Checks what it asks of handlers, and notes for each use where the values stand. */
void partition_check(struct dispatch *dispatch, const struct config *config, struct diagnostics *diagnostics);
/* The same for one use, found while events are handled. */
void partition_bind(struct context *context, struct use *use);
/* Is the effect's value the event's? Otherwise the error says both. */
bool partition_matches(const struct context *context, const struct use *use, const void *record, struct error *error);

#endif
