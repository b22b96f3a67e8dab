/* SPDX-License-Identifier: MIT
 * dispatch_impl: shared by the files of dispatch. dispatch.c: loading, and the end of
 * events; plugin.c: dlopen and the handshake; registry.c: the services of init
 * functions; context.c: the services of handlers; loan.c: the memory that contexts are
 * lent in; declaration.c: checks of declarations; partition.c: partition_by. */
#ifndef DISPATCH_DISPATCH_IMPL_H
#define DISPATCH_DISPATCH_IMPL_H

#include "base/guard.h"
#include "base/memory.h"
#include "dispatch/dispatch.h"
#include "effects/emitter.h"

#include <stdatomic.h>

/* ---- declarations */

enum declaration { DECLARATION_EVENT, DECLARATION_EFFECT, DECLARATION_ROW };

/* Copies a struct of `size` bytes that may come from another version of the header: a
 * shorter one is filled up with zeros, but must have `least` bytes; bytes beyond
 * `known` must be zero. */
bool struct_take(void *to, size_t known, size_t least, const void *from, size_t size, const char *what, struct error *error);
/* Are all parts fit for use: sizes, names, kinds, roles, offsets? Further demands of
 * effects and rows are checked by effects/. */
bool declaration_check(const struct etl_record *record, enum declaration what, struct error *error);
/* The field of this name, or NULL. */
const struct etl_field *declaration_find(const struct etl_record *record, const char *name);
/* Is it UTF-8 of 1 to `most` bytes? A name must not have control characters either. */
bool text_check(const char *text, const char *what, size_t most, struct error *error);
bool name_check(const char *name, const char *what, size_t most, struct error *error);

/* ---- plugins */

struct registry;

struct loaded {
    struct plugin plugin;
    /* of dlopen; never closed, because threads and thread-local destructors of the
     * plugin may outlive any moment to do so */
    void *handle;
    etl_result (*init)(struct etl_host *);
    struct guard_call call; /* for code that runs while the plugin is loaded */
    struct registry *registry; /* NULL before init */
};

/* dlopen and the handshake. Fills all of `loaded` but the registry. */
bool plugin_open(struct loaded *loaded, const char *path, struct error *error);

/* ---- registration */

/* The requests of one init function. */
struct registry *registry_create(struct loaded *loaded, const struct config_plugin *config, struct diagnostics *diagnostics);
/* Calls init. False: its registrations are void, and diagnostics say why. */
bool registry_run_init(struct registry *registry);
/* Applies the registrations: all of them, or (with diagnostics) none. */
bool registry_apply(struct registry *registry, struct dispatch *dispatch, struct schema *schema);
void registry_destroy(struct registry *registry);

/* ---- handlers */

/* How an effect's partition value is compared with the event's: the offset of the
 * value in each struct. */
struct partition {
    uint32_t kind; /* 0: no handler reads the table, or there is no partition_by */
    uint32_t effect_offset, event_offset;
};

/* An effect that a handler may emit or look up, found by the address of its
 * declaration. */
struct use {
    const struct etl_effect *effect;
    struct binding *binding;
    struct partition partition;
};
/* The declared ones come first; then the same effects as declared in other source
 * files of the plugin, in order of use. */
struct uses {
    struct use items[2 * ETL_EFFECTS_MAX];
    unsigned count, declared;
};

/* A handler and its arguments. Each handler has its own, so that use of a context
 * while its handler does not run is noticed. */
struct context {
    struct etl_context base;
    struct etl_context *lent; /* the copy of `base` that the handler gets */
    const struct context *parent; /* the context it was forked from; NULL: not forked */
    struct dispatch *dispatch;
    /* The first effect that the handler declares, which it may emit without further
     * checks. If there is none, the address of an effect that no plugin has. */
    const struct etl_effect *plain;
    struct lane emit_path;  /* for `plain`; {0}: there never is one */
    const void *event;      /* its struct in the decoder's frame */
    struct guard_call call; /* what: "handler 'buy'" */
    unsigned event_type;
    struct handler handler;
    struct uses emits, reads;
};

/* NULL: an effect conflicts with an earlier declaration. */
struct context *context_create(struct dispatch *dispatch, const struct etl_handler *handler, const struct plugin *plugin,
                               const char *what, struct error *error);
/* The same handler for another thread, whose decoder has this frame. */
struct context *context_fork(const struct context *parent, struct dispatch *dispatch, const char *frame);
/* Restores `plain`, before the first event and after a refused one, which took it
 * away. */
void context_renew(struct context *context);
void context_destroy(struct context *context);
/* The parent of a context that was used by a thread that runs no handler, or a stand-in
 * if it is not known; NULL: none was used so. */
extern _Atomic(const struct context *) context_misused;

/* ---- contexts as handlers see them */

/* Lends complete contexts to their handlers. Called by the main thread, before there
 * are others. */
void loan_create(struct context **contexts, size_t count);
/* The parent of the context that was lent at this address; NULL: none was. Any thread. */
const struct context *loan_owner(const void *context);

/* Checks the result of a call that may have gone wrong, and sets the standing of the
 * event. */
void context_check_result(struct context *context, etl_result result);

/* Zeroed memory that a plugin asked for. A size that cannot be had ends the process
 * and names the plugin. */
void *allocate_for_plugin(struct scratch *scratch, size_t bytes);
/* Writes one line for the operator. `line` may be NULL. */
void operator_log(enum etl_level level, const char *plugin, const char *what, const struct logline *line, const char *text);
/* Copies what fits, and replaces invalid UTF-8 by U+FFFD. */
void text_copy(char *to, size_t size, const char *text);

/* ---- the whole */

enum standing { STANDING_GOOD, STANDING_REFUSED, STANDING_STOPPED };

struct chain {
    struct context **items; /* ends in NULL */
    size_t count;
    /* of the partition key of its events; 0: none of its handlers touches a table that
     * is read */
    uint32_t partition_kind;
    size_t partition_offset; /* of the value in a decoder's frame */
};

struct dispatch {
    const struct dispatch *parent; /* it owns the plugins; NULL: this one does */
    struct effects *effects;
    struct emitter *emitter;
    const char *frame; /* the decoder's */
    struct loaded **plugins;
    size_t plugin_count;
    struct context **contexts; /* in order */
    size_t context_count;
    struct chain *chains; /* by event type */
    size_t chain_count;
    const char *partition_by;  /* NULL: not given */
    struct table **partitioned; /* tables that some handler reads */
    size_t partitioned_count;

    /* the current event */
    enum standing standing; /* GOOD between events */
    struct refusal refusal;
    struct error error;
    struct scratch scratch;
    /* the cause of `standing`; NULL: the handler that ran */
    const struct context *blamed;
};

/* ---- partition_by */

/* Checks the demands of partition_by on handlers, and notes the offsets of the values
 * for each use. */
void partition_check(struct dispatch *dispatch, const struct config *config, struct diagnostics *diagnostics);
/* The same for one use that is found while events are handled. */
void partition_bind(struct context *context, struct use *use);
/* Is the effect's value equal to the event's? Otherwise the error names both. */
bool partition_matches(const struct context *context, const struct use *use, const void *record, struct error *error);

#endif
