/* SPDX-License-Identifier: MIT
 * Loading plugins in order, forks for threads, and the end of events that went wrong. */
#include "dispatch/dispatch.h"
#include "dispatch/dispatcher.h"

#include <assert.h>
#include <stdlib.h>

/* ---- loading */

/* Faults are reported by plugin name, and the system loads a file only once. */
static bool check_unique(const struct dispatch *dispatch, const struct loaded *loaded, struct error *error)
{
    for (size_t i = 0; i < dispatch->plugin_count; i++) {
        const struct loaded *other = dispatch->plugins[i];
        if (other == loaded || !other->plugin.name) continue;
        if (other->handle == loaded->handle)
            return error_set(error, "plugin '%s' is the same file as '%s', which is loaded already", loaded->plugin.path,
                             other->plugin.path);
        if (!strcmp(other->plugin.name, loaded->plugin.name))
            return error_set(error, "plugin '%s' calls itself '%s', as plugin '%s' does: one of them needs another name",
                             loaded->plugin.path, loaded->plugin.name, other->plugin.path);
    }
    return true;
}

static void load(struct dispatch *dispatch, const struct config_plugin *config, struct schema *schema,
                 struct diagnostics *diagnostics)
{
    struct error error;
    struct loaded *loaded = allocate(sizeof *loaded);
    dispatch->plugins = reallocate(dispatch->plugins, (dispatch->plugin_count + 1) * sizeof(struct loaded *));
    /* also on failure, because code of it may still run */
    dispatch->plugins[dispatch->plugin_count++] = loaded;
    if (!plugin_open(loaded, config->path.value, &error) || !check_unique(dispatch, loaded, &error)) {
        diagnostics_add(diagnostics, SEVERITY_ERROR, config->path.place, "%s", error.text);
        return;
    }
    loaded->registry = registry_create(loaded, config, diagnostics);
    if (registry_run_init(loaded->registry)) registry_apply(loaded->registry, dispatch, schema);
}

static void chain_handler(struct dispatch *dispatch, struct context *context)
{
    if (context->event_type >= dispatch->chain_count) {
        size_t count = context->event_type + 1;
        dispatch->chains = reallocate(dispatch->chains, count * sizeof *dispatch->chains);
        memset(dispatch->chains + dispatch->chain_count, 0, (count - dispatch->chain_count) * sizeof *dispatch->chains);
        dispatch->chain_count = count;
    }
    struct chain *chain = &dispatch->chains[context->event_type];
    chain->items = reallocate(chain->items, (chain->count + 2) * sizeof(struct context *));
    chain->items[chain->count++] = context;
    chain->items[chain->count] = NULL;
}

struct dispatch *dispatch_create(const struct config *config, struct schema *schema, struct effects *effects,
                                 struct diagnostics *diagnostics)
{
    struct dispatch *dispatch = allocate(sizeof *dispatch);
    dispatch->effects = effects;
    atomic_store(&context_misused, NULL);
    for (size_t i = 0; i < config->plugin_count; i++)
        if (config->plugins[i].path.value) load(dispatch, &config->plugins[i], schema, diagnostics);
    for (size_t i = 0; i < dispatch->context_count; i++) {
        dispatch->contexts[i]->handler.number = i;
        chain_handler(dispatch, dispatch->contexts[i]);
    }
    partition_check(dispatch, config, diagnostics);
    return dispatch;
}

struct dispatch *dispatch_fork(const struct dispatch *parent, const struct decoder *decoder, struct emitter *emitter)
{
    struct dispatch *dispatch = allocate(sizeof *dispatch);
    *dispatch = (struct dispatch){.parent = parent, .effects = parent->effects, .emitter = emitter,
                                  .frame = decoder_frame(decoder), .partition_by = parent->partition_by,
                                  .context_count = parent->context_count};
    dispatch->contexts = allocate(parent->context_count * sizeof(struct context *));
    for (size_t i = 0; i < parent->context_count; i++) {
        dispatch->contexts[i] = context_fork(parent->contexts[i], dispatch, dispatch->frame);
        chain_handler(dispatch, dispatch->contexts[i]);
    }
    if (dispatch->context_count) loan_create(dispatch->contexts, dispatch->context_count);
    for (size_t i = 0; i < dispatch->chain_count; i++) {
        dispatch->chains[i].partition_kind = parent->chains[i].partition_kind;
        dispatch->chains[i].partition_offset = parent->chains[i].partition_offset;
    }
    dispatch->partitioned = allocate(parent->partitioned_count * sizeof(struct table *));
    for (size_t i = 0; i < parent->partitioned_count; i++) dispatch->partitioned[i] = parent->partitioned[i];
    dispatch->partitioned_count = parent->partitioned_count;
    return dispatch;
}

void dispatch_destroy(struct dispatch *dispatch)
{
    if (!dispatch) return;
    for (size_t i = 0; i < dispatch->chain_count; i++) free(dispatch->chains[i].items);
    for (size_t i = 0; i < dispatch->context_count; i++) context_destroy(dispatch->contexts[i]);
    for (size_t i = 0; i < dispatch->plugin_count; i++) {
        registry_destroy(dispatch->plugins[i]->registry);
        free(dispatch->plugins[i]);
    }
    scratch_finish(&dispatch->scratch);
    free(dispatch->partitioned);
    free(dispatch->chains);
    free(dispatch->contexts);
    free(dispatch->plugins);
    free(dispatch);
}

size_t dispatch_plugin_count(const struct dispatch *dispatch)
{
    return dispatch->plugin_count;
}

const struct plugin *dispatch_plugin(const struct dispatch *dispatch, size_t index)
{
    return &dispatch->plugins[index]->plugin;
}

size_t dispatch_handler_count(const struct dispatch *dispatch)
{
    return dispatch->context_count;
}

const struct handler *dispatch_handler(const struct dispatch *dispatch, size_t index)
{
    return &dispatch->contexts[index]->handler;
}

const struct handler *dispatch_chain(const struct dispatch *dispatch, unsigned event_type, size_t index)
{
    const struct chain *chain = &dispatch->chains[event_type];
    return index < chain->count ? &chain->items[index]->handler : NULL;
}

bool dispatch_reads(const struct dispatch *dispatch)
{
    for (size_t i = 0; i < dispatch->context_count; i++)
        if (dispatch->contexts[i]->handler.read_count) return true;
    return false;
}

/* ---- events */

const void *dispatch_partition_value(const struct dispatch *dispatch, unsigned event_type, enum etl_kind *kind)
{
    const struct chain *chain = &dispatch->chains[event_type];
    *kind = chain->partition_kind;
    return chain->partition_kind ? dispatch->frame + chain->partition_offset : NULL;
}

/* The number of handlers called, up to and including this one. */
static size_t count_called(const struct dispatch *dispatch, const struct context *context)
{
    const struct chain *chain = &dispatch->chains[context->event_type];
    size_t count = 1;
    while (chain->items[count - 1] != context) count++;
    return count;
}

static enum outcome roll_back(struct dispatch *dispatch, struct context *context)
{
    const struct context *blamed = dispatch->blamed ? dispatch->blamed : context;
    enum outcome outcome = dispatch->standing == STANDING_STOPPED ? OUTCOME_FAILED : OUTCOME_REJECTED;
    effects_rollback(dispatch->emitter);
    context_renew(context);
    dispatch->standing = STANDING_GOOD;
    dispatch->blamed = NULL;
    dispatch->refusal.called = count_called(dispatch, context);
    /* the handler that ran when the fault was noticed */
    dispatch->refusal.handler = blamed->handler.plugin ? &blamed->handler : NULL;
    return outcome;
}

enum outcome dispatch_conclude(struct dispatch *dispatch, struct context *context, etl_result result)
{
    context_check_result(context, result);
    return dispatch->standing == STANDING_GOOD ? OUTCOME_HANDLED : roll_back(dispatch, context);
}

enum outcome dispatch_fail(struct dispatch *dispatch, unsigned event_type)
{
    dispatch->refusal.called = dispatch->chains[event_type].count;
    dispatch->refusal.handler = NULL;
    memcpy(dispatch->refusal.reason, dispatch->error.text, sizeof dispatch->error.text);
    return OUTCOME_FAILED;
}

const struct refusal *dispatch_refusal(const struct dispatch *dispatch)
{
    return &dispatch->refusal;
}
