/* SPDX-License-Identifier: MIT
 * The services of an init function, and the registrations that it makes. */
#include "base/guard.h"
#include "base/shorten.h"
#include "config/plugin_config.h"
#include "dispatch/dispatch_impl.h"

#include <stdlib.h>

enum { HANDLERS_MAX = 4096, REDUCERS_MAX = 4096, TEXT_MAX = 512 };

struct registration {
    struct etl_handler handler;
    const char *what; /* "handler 'buy'" */
};

struct registry {
    struct etl_host base; /* first: the init function's pointer */
    struct loaded *loaded;
    struct place place;
    struct diagnostics *diagnostics;
    struct plugin_config *config;
    /* holds copies of texts, and memory that the plugin asked for */
    struct scratch memory;
    bool open;             /* init runs */
    bool failed;
    struct error why; /* the first failure; empty: without a reason */
    struct registration *handlers;
    size_t handler_count;
    struct etl_reducer *reducers;
    size_t reducer_count;
};

__attribute__((format(printf, 2, 3))) static char *keep_text(struct registry *registry, const char *format, ...)
{
    char text[TEXT_MAX + 64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t size = strlen(text) + 1;
    return memcpy(scratch_allocate(&registry->memory, size), text, size);
}

static etl_result refuse(struct registry *registry, const char *why)
{
    if (!registry->failed) error_set(&registry->why, "%s", why);
    registry->failed = true;
    return ETL_FAIL;
}

/* ---- handlers */

static bool check_effects(const struct etl_effect *const *effects, const char *member, struct error *error)
{
    struct error why;
    for (size_t i = 0; i < ETL_EFFECTS_MAX; i++)
        if (effects[i] && !declaration_check(&effects[i]->record, DECLARATION_EFFECT, &why))
            return error_set(error, "%s: %s", member, why.text);
    return true;
}

static bool check_handler(const struct etl_handler *handler, struct error *error)
{
    struct error why;
    if (!text_check(handler->event_type, "its .event_type", TEXT_MAX, &why))
        return error_set(error, "registers a handler, but %s", why.text);
    if ((handler->name && !name_check(handler->name, "its .name", TEXT_MAX, &why)) ||
        (!handler->handle && !error_set(&why, "its .handle is NULL")) ||
        (handler->event && !declaration_check(&handler->event->record, DECLARATION_EVENT, &why)) ||
        !check_effects(handler->emits, ".emits", &why) || !check_effects(handler->reads, ".reads", &why))
        return error_set(error, "registers a handler for event type '%s', but %s", handler->event_type, why.text);
    return true;
}

/* The number of earlier handlers of this event type; SIZE_MAX: this one is among them. */
static size_t count_earlier(const struct registry *registry, const struct etl_handler *handler)
{
    size_t count = 0;
    for (size_t i = 0; i < registry->handler_count; i++) {
        const struct etl_handler *other = &registry->handlers[i].handler;
        if (strcmp(other->event_type, handler->event_type)) continue;
        if (other->handle == handler->handle) return SIZE_MAX;
        count++;
    }
    return count;
}

static void add_handler(struct registry *registry, const struct etl_handler *handler, size_t earlier)
{
    registry->handlers = reallocate(registry->handlers, (registry->handler_count + 1) * sizeof *registry->handlers);
    struct registration *pending = &registry->handlers[registry->handler_count++];
    pending->handler = *handler;
    pending->handler.event_type = keep_text(registry, "%s", handler->event_type);
    if (handler->name) pending->handler.name = keep_text(registry, "%s", handler->name);
    else if (earlier) pending->handler.name = keep_text(registry, "%s#%zu", handler->event_type, earlier + 1);
    else pending->handler.name = pending->handler.event_type;
    pending->what = keep_text(registry, "handler '%s'", pending->handler.name);
}

static etl_result service_handle(struct etl_host *host, const struct etl_handler *given)
{
    struct registry *registry = (struct registry *)host;
    struct etl_handler handler;
    struct error why;
    if (!registry->open) return ETL_FAIL;
    if (!given) return refuse(registry, "registers a handler that is NULL");
    if (!struct_take(&handler, sizeof handler, sizeof handler, given, given->size, "etl_handler", &why) ||
        !check_handler(&handler, &why))
        return refuse(registry, why.text);
    size_t earlier = count_earlier(registry, &handler);
    if (earlier == SIZE_MAX)
        error_set(&why, "registers handler '%s' for event type '%s' twice", handler.name ? handler.name : handler.event_type,
                  handler.event_type);
    else if (registry->handler_count == HANDLERS_MAX)
        error_set(&why, "registers more than %d handlers", HANDLERS_MAX);
    else {
        add_handler(registry, &handler, earlier);
        return ETL_OK;
    }
    return refuse(registry, why.text);
}

/* ---- reducers */

static bool check_reducer(const struct etl_reducer *reducer, struct error *error)
{
    struct error why;
    if (!reducer->effect) return error_set(error, "registers a reducer, but its .effect is NULL");
    if (!declaration_check(&reducer->effect->record, DECLARATION_EFFECT, &why))
        return error_set(error, "registers a reducer, but .effect: %s", why.text);
    if ((!reducer->reduce && !error_set(&why, "its .reduce is NULL")) ||
        (!reducer->row && !error_set(&why, "its .row is NULL")) ||
        !declaration_check(&reducer->row->record, DECLARATION_ROW, &why) ||
        (reducer->name && !name_check(reducer->name, "its .name", TEXT_MAX, &why)))
        return error_set(error, "registers a reducer for effect '%s', but %s", reducer->effect->record.name, why.text);
    return true;
}

static etl_result service_reduce(struct etl_host *host, const struct etl_reducer *given)
{
    struct registry *registry = (struct registry *)host;
    struct etl_reducer reducer;
    struct error why;
    if (!registry->open) return ETL_FAIL;
    if (!given) return refuse(registry, "registers a reducer that is NULL");
    if (!struct_take(&reducer, sizeof reducer, sizeof reducer, given, given->size, "etl_reducer", &why) ||
        !check_reducer(&reducer, &why))
        return refuse(registry, why.text);
    if (registry->reducer_count == REDUCERS_MAX) return refuse(registry, "registers more reducers than there may be");
    if (reducer.name) reducer.name = keep_text(registry, "%s", reducer.name);
    registry->reducers = reallocate(registry->reducers, (registry->reducer_count + 1) * sizeof *registry->reducers);
    registry->reducers[registry->reducer_count++] = reducer;
    return ETL_OK;
}

/* ---- the other services */

static etl_result service_config(struct etl_host *host, const char *key, uint32_t type, void *out)
{
    struct registry *registry = (struct registry *)host;
    struct error bad, why;
    if (!registry->open) return ETL_REJECT;
    if (!text_check(key, "the key", TEXT_MAX, &bad)) error_set(&why, "asks for its configuration, but %s", bad.text);
    else if (type > ETL_CONFIG_STRINGS) error_set(&why, "asks for '%s' in its configuration, as unknown type %u", key, type);
    else if (!out && type != ETL_CONFIG_ANY) error_set(&why, "asks for '%s' in its configuration with nowhere to put it", key);
    else return plugin_config_read(registry->config, key, type, out, registry->diagnostics);
    refuse(registry, why.text);
    return ETL_REJECT;
}

static etl_result service_fail(struct etl_host *host, const char *reason)
{
    struct registry *registry = (struct registry *)host;
    char text[sizeof registry->why.text] = "";
    if (!registry->open) return ETL_FAIL;
    if (reason) text_copy(text, sizeof text, reason);
    return refuse(registry, text);
}

static void service_log(struct etl_host *host, enum etl_level level, const char *text)
{
    const struct registry *registry = (const struct registry *)host;
    if (registry->open && text) operator_log(level, registry->loaded->plugin.name, NULL, NULL, text);
}

static void *service_allocate(struct etl_host *host, size_t bytes)
{
    struct registry *registry = (struct registry *)host;
    if (!registry->open) return NULL;
    return allocate_for_plugin(&registry->memory, bytes);
}

/* ---- init */

struct registry *registry_create(struct loaded *loaded, const struct config_plugin *config, struct diagnostics *diagnostics)
{
    struct registry *registry = allocate(sizeof *registry);
    registry->base = (struct etl_host){.size = sizeof registry->base, .abi_minor = ETL_ABI_MINOR, .handle = service_handle,
                                       .reduce = service_reduce, .config = service_config, .fail = service_fail,
                                       .log = service_log, .allocate = service_allocate};
    registry->loaded = loaded;
    registry->place = config->path.place;
    registry->diagnostics = diagnostics;
    registry->config = plugin_config_create(config->config);
    return registry;
}

__attribute__((format(printf, 2, 3))) static bool complain(struct registry *registry, const char *format, ...)
{
    struct error error;
    va_list arguments;
    va_start(arguments, format);
    format_short(error.text, sizeof error.text, format, arguments);
    va_end(arguments);
    diagnostics_add(registry->diagnostics, SEVERITY_ERROR, registry->place, "plugin '%s': %s", registry->loaded->plugin.name,
                    error.text);
    return false;
}

bool registry_run_init(struct registry *registry)
{
    size_t errors = registry->diagnostics->errors;
    registry->open = true;
    guard_call_init(&registry->loaded->call, registry->loaded->plugin.name, "etl_plugin_init");
    guard_enter(&registry->loaded->call, NULL);
    etl_result result = registry->loaded->init(&registry->base);
    guard_leave();
    registry->open = false;
    registry->loaded->plugin.settings = plugin_config_asked(registry->config);

    if (registry->failed && *registry->why.text) return complain(registry, "%s", registry->why.text);
    if (result != ETL_OK && result != ETL_FAIL)
        return complain(registry, "breach of contract: etl_plugin_init returned %d, which is neither ETL_OK nor ETL_FAIL",
                        (int)result);
    /* a wrong value in its configuration is a sufficient reason */
    if (registry->failed || result != ETL_OK)
        return registry->diagnostics->errors > errors ? false : complain(registry, "etl_plugin_init failed without saying why");
    plugin_config_check_unknown(registry->config, registry->diagnostics);
    if (registry->diagnostics->errors > errors) return false;
    if (!registry->handler_count && !registry->reducer_count)
        return complain(registry, "registers nothing: etl_plugin_init has to register a handler or a reducer");
    return true;
}

/* ---- applying the registrations */

static struct context *apply_handler(struct registry *registry, struct dispatch *dispatch, struct schema *schema,
                                     struct registration *pending)
{
    struct error why;
    struct context *context = context_create(dispatch, &pending->handler, &registry->loaded->plugin, pending->what, &why);
    if (context) {
        context->event_type = schema_event_type(schema, pending->handler.event_type);
        if (!pending->handler.event ||
            schema_add_struct(schema, context->event_type, pending->handler.event, &context->handler.event_offset, &why))
            return context;
    }
    complain(registry, "handler '%s': %s", pending->handler.name, why.text);
    context_destroy(context);
    return NULL;
}

bool registry_apply(struct registry *registry, struct dispatch *dispatch, struct schema *schema)
{
    size_t before = dispatch->context_count, errors = registry->diagnostics->errors;
    struct error why;
    for (size_t i = 0; i < registry->reducer_count; i++)
        if (!effects_set_reducer(dispatch->effects, &registry->reducers[i], registry->loaded->plugin.name, &why))
            complain(registry, "%s", why.text);
    dispatch->contexts = reallocate(dispatch->contexts, (before + registry->handler_count) * sizeof *dispatch->contexts);
    for (size_t i = 0; i < registry->handler_count; i++) {
        struct context *context = apply_handler(registry, dispatch, schema, &registry->handlers[i]);
        if (context) dispatch->contexts[dispatch->context_count++] = context;
    }
    if (registry->diagnostics->errors == errors) return true;
    while (dispatch->context_count > before) context_destroy(dispatch->contexts[--dispatch->context_count]);
    return false;
}

void registry_destroy(struct registry *registry)
{
    if (!registry) return;
    plugin_config_destroy(registry->config);
    scratch_finish(&registry->memory);
    free(registry->handlers);
    free(registry->reducers);
    free(registry);
}
