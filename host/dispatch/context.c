/* SPDX-License-Identifier: MIT
 * Contexts, and the services that handlers call through them. */
#include "base/compiler.h"
#include "base/console.h"
#include "base/glyph.h"
#include "base/memory.h"
#include "base/shorten.h"
#include "base/utf8.h"
#include "dispatch/dispatch_impl.h"

#include <stdlib.h>

enum { ALLOCATE_MAX = 1 << 30 };

/* ---- texts of plugins */

void text_copy(char *to, size_t size, const char *text)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    size_t left = strlen(text), at = 0, length;
    for (; left; text += length, left -= length) {
        bool valid = (length = utf8_length(text, left)) != 0;
        size_t add = valid ? length : sizeof replacement - 1;
        if (add >= size - at) break;
        memcpy(to + at, valid ? text : replacement, add);
        at += add;
        if (!valid) length = 1;
    }
    to[at] = 0;
}

void operator_log(enum etl_level level, const char *plugin, const char *what, const struct logline *line, const char *text)
{
    static const char *const names[] = {[ETL_DEBUG] = "debug", [ETL_INFO] = "info", [ETL_WARNING] = "warning",
                                        [ETL_ERROR] = "error"};
    char clean[4096], *place = line ? format_text(", %s:%" PRIu64, logline_source(line), logline_line(line)) : NULL;
    text_copy(clean, sizeof clean, text);
    glyphs_clean(clean, ' '); /* one line stays one line */
    guard_serve();
    fprintf(console_error(), "etl-host: %s: plugin '%s'%s%s%s: %s\n",
            (size_t)level <= ETL_ERROR ? names[level] : "info", plugin, what ? ", " : "", what ? what : "", place ? place : "", clean);
    guard_served();
    free(place);
}

void *allocate_for_plugin(struct scratch *scratch, size_t bytes)
{
    if (bytes > ALLOCATE_MAX) {
        char did[96];
        snprintf(did, sizeof did, "asked for %zu bytes of memory at once, more than %d", bytes, ALLOCATE_MAX);
        guard_stop(did);
    }
    guard_serve();
    void *memory = memset(scratch_allocate(scratch, bytes ? bytes : 1), 0, bytes);
    guard_served();
    return memory;
}

/* ---- the standing of the event */

static const struct etl_effect nobodys;
static const char breach_kind[] = "breach of contract: ";

/* `blamed`: the context itself, or another one whose plugin is to blame. */
COLD static etl_result stop_for(struct context *context, const struct context *blamed, const char *kind,
                                                 const char *text)
{
    struct dispatch *dispatch = context->dispatch;
    struct refusal *refusal = &dispatch->refusal;
    if (dispatch->standing == STANDING_STOPPED) return ETL_FAIL;
    dispatch->standing = STANDING_STOPPED;
    dispatch->blamed = blamed;
    context->plain = &nobodys;
    snprintf(refusal->reason, sizeof refusal->reason, "plugin '%s', %s: %s", blamed->call.plugin, blamed->call.what, kind);
    size_t at = strlen(refusal->reason);
    text_copy(refusal->reason + at, sizeof refusal->reason - at, text);
    return ETL_FAIL;
}

static etl_result stop(struct context *context, const char *kind, const char *text)
{
    return stop_for(context, context, kind, text);
}

__attribute__((format(printf, 2, 3))) static etl_result breach(struct context *context, const char *format, ...)
{
    char text[sizeof(struct error)];
    va_list arguments;
    va_start(arguments, format);
    format_short(text, sizeof text, format, arguments);
    va_end(arguments);
    return stop(context, breach_kind, text);
}

COLD static etl_result refuse(struct context *context, const char *reason)
{
    struct dispatch *dispatch = context->dispatch;
    if (dispatch->standing == STANDING_STOPPED) return ETL_FAIL;
    if (dispatch->standing == STANDING_GOOD) text_copy(dispatch->refusal.reason, sizeof dispatch->refusal.reason, reason);
    dispatch->standing = STANDING_REFUSED;
    context->plain = &nobodys;
    return ETL_REJECT;
}

/* ---- the owner of a context */

static const char misuse_text[] = "its context was used after the handler had returned, or by another thread";
static const struct context of_nobody = {.call = {"?", "a thread of a plugin", NULL}};
_Atomic(const struct context *) context_misused;

static struct context *context_of(const struct guard_call *call)
{
    return (struct context *)((uintptr_t)call - offsetof(struct context, call));
}

/* Notes the use of a context that was kept, handed to a thread, or copied. If a
 * handler runs on this thread, its event is the last; otherwise the first event that
 * notices it. */
COLD static struct context *misuse(const struct etl_context *given)
{
    const struct guard_call *call = guard_running(guard_record);
    const struct context *owner = loan_owner(given);
    if (call && loan_owner(call->lent)) stop_for(context_of(call), owner ? owner : context_of(call), breach_kind, misuse_text);
    else atomic_store(&context_misused, owner ? owner : &of_nobody);
    return NULL;
}

/* The context given to a service, if its handler runs on this thread; otherwise NULL. */
static inline struct context *find_context(const struct etl_context *given)
{
    const struct guard_call *call = guard_call(guard_record);
    return LIKELY(call->lent == given) ? context_of(call) : misuse(given);
}

bool dispatch_check_misuse(struct error *error)
{
    const struct context *misused = atomic_load(&context_misused);
    return !misused || error_set(error, "plugin '%s', %s: %s%s", misused->call.plugin, misused->call.what, breach_kind, misuse_text);
}

void context_check_result(struct context *context, etl_result result)
{
    struct dispatch *dispatch = context->dispatch;
    const struct context *misused = atomic_load(&context_misused);
    if (misused) {
        stop_for(context, misused, breach_kind, misuse_text);
    } else if (result == ETL_FAIL && dispatch->standing == STANDING_REFUSED) {
        char reason[sizeof dispatch->refusal.reason];
        strcpy(reason, dispatch->refusal.reason);
        stop(context, "failed without saying why, after the event was refused: ", reason);
    } else if (result == ETL_FAIL) {
        stop(context, "", "failed without saying why");
    } else if (result == ETL_REJECT && dispatch->standing == STANDING_GOOD) {
        breach(context, "returned ETL_REJECT without a reason: that is for etl_reject() to give");
    } else if (result != ETL_OK && result != ETL_REJECT) {
        breach(context, "returned %d, which is none of ETL_OK, ETL_REJECT and ETL_FAIL", (int)result);
    }
}

/* ---- the effect that is meant */

struct manner {
    const char *did, *list;
};
static const struct manner emitted = {"emitted", ".emits"}, removed = {"removed", ".emits"}, looked_up = {"looked up", ".reads"};

/* The same effect has another address if it is declared in another source file of the
 * plugin. */
static struct use *find_twin(struct context *context, struct uses *uses, const struct etl_effect *effect,
                             const struct manner *manner)
{
    struct error why;
    if (!effect) {
        breach(context, "%s an effect that is NULL", manner->did);
        return NULL;
    }
    if (!declaration_check(&effect->record, DECLARATION_EFFECT, &why)) {
        breach(context, "%s something else than an effect: %s", manner->did, why.text);
        return NULL;
    }
    unsigned same = 0;
    while (same < uses->declared && strcmp(uses->items[same].effect->record.name, effect->record.name)) same++;
    if (same == uses->declared) {
        breach(context, "%s '%s', which it does not declare in %s", manner->did, effect->record.name, manner->list);
        return NULL;
    }
    struct binding *binding = effects_bind(context->dispatch->effects, effect, context->handler.plugin->name, &why);
    if (!binding) {
        breach(context, "%s '%s', which it declares otherwise in %s: %s", manner->did, effect->record.name, manner->list,
               why.text);
        return NULL;
    }
    /* too many twins: the last is replaced */
    if (uses->count == sizeof uses->items / sizeof *uses->items) uses->count--;
    struct use *use = &uses->items[uses->count++];
    *use = (struct use){.effect = effect, .binding = binding};
    partition_bind(context, use);
    return use;
}

static inline struct use *find_use(struct context *context, struct uses *uses, const struct etl_effect *effect,
                                   const struct manner *manner)
{
    for (unsigned i = 0; i < uses->count; i++)
        if (uses->items[i].effect == effect) return &uses->items[i];
    return find_twin(context, uses, effect, manner);
}

/* ---- services */

typedef enum emit_status emit_function(struct emitter *, struct binding *, const void *, struct error *);

NOINLINE static etl_result emit(const struct etl_context *base, const struct etl_effect *effect, const void *record,
                                                 emit_function *function, const struct manner *manner)
{
    struct context *context = find_context(base);
    if (!context) return ETL_FAIL;
    struct dispatch *dispatch = context->dispatch;
    struct use *use = find_use(context, &context->emits, effect, manner);
    struct error error;
    if (!use) return ETL_FAIL;
    if (!record) return breach(context, "%s '%s' with a record that is NULL", manner->did, effect->record.name);
    if (dispatch->standing != STANDING_GOOD) return dispatch->standing == STANDING_STOPPED ? ETL_FAIL : ETL_REJECT;
    if ((use->partition.kind && !partition_matches(context, use, record, &error)) ||
        function(dispatch->emitter, use->binding, record, &error) != EMIT_OK)
        return refuse(context, error.text);
    return ETL_OK;
}

/* Is this the usual case: a handler that emits the effect it declares first, with no
 * earlier fault? */
static inline bool is_plain(const struct guard_call *call, const struct etl_context *base, const struct etl_effect *effect,
                            const void *record)
{
    return call->lent == base && effect == context_of(call)->plain && record;
}

static etl_result service_emit(struct etl_context *context, const struct etl_effect *effect, const void *record)
{
    return emit(context, effect, record, effects_emit, &emitted);
}

/* The same, where a compiled signature exists for the effect that the handler declares
 * first. */
#define SERVICE(name, keys, ...) \
    static const struct signature signature_##name = SIGNATURE(keys, __VA_ARGS__); \
    NOINLINE static etl_result emit_unusual_##name(struct context *context, const void *record) \
    { \
        bool has_long = encode_finds_long(&signature_##name, context->emit_path.encoder, record); \
        if (has_long && effects_emit_known(context->emit_path, record, &signature_##name, true)) return ETL_OK; \
        return emit(context->lent, context->plain, record, effects_emit, &emitted); \
    } \
    static etl_result service_emit_##name(struct etl_context *base, const struct etl_effect *effect, const void *record) \
    { \
        const struct guard_call *call = guard_call(guard_record); \
        if (UNLIKELY(!is_plain(call, base, effect, record))) return emit(base, effect, record, effects_emit, &emitted); \
        struct context *context = context_of(call); \
        if (LIKELY(effects_emit_known(context->emit_path, record, &signature_##name, false))) return ETL_OK; \
        return emit_unusual_##name(context, record); \
    }
SIGNATURES(SERVICE)

static etl_result (*const emit_services[SIGNATURE_COUNT])(struct etl_context *, const struct etl_effect *, const void *) = {
    [SIGNATURE_NONE] = service_emit,
#define SERVICE_OF(name, ...) [SIGNATURE_##name] = service_emit_##name,
    SIGNATURES(SERVICE_OF)
};

static etl_result service_remove(struct etl_context *context, const struct etl_effect *effect, const void *keys)
{
    return emit(context, effect, keys, effects_remove, &removed);
}

static const void *service_lookup(struct etl_context *base, const struct etl_effect *effect, const struct etl_row *row,
                                  const void *keys)
{
    struct context *context = find_context(base);
    if (!context) return NULL;
    struct dispatch *dispatch = context->dispatch;
    struct use *use = find_use(context, &context->reads, effect, &looked_up);
    struct error error;
    const void *found = NULL;
    if (!use) return NULL;
    if (!keys) breach(context, "looked up '%s' with keys that are NULL", effect->record.name);
    else if ((row && !declaration_check(&row->record, DECLARATION_ROW, &error)) ||
             !binding_row_matches(use->binding, row, &error))
        breach(context, "looked up '%s' as a row that it does not have: %s", effect->record.name, error.text);
    if (dispatch->standing == STANDING_STOPPED) return NULL;
    const struct lookup lookup = {use->binding, row, keys};
    if ((use->partition.kind && !partition_matches(context, use, keys, &error)) ||
        effects_lookup(dispatch->emitter, &lookup, &dispatch->scratch, &found, &error) != EMIT_OK) {
        refuse(context, error.text);
        return NULL;
    }
    return found;
}

static etl_result service_reject(struct etl_context *base, const char *reason)
{
    struct context *context = find_context(base);
    if (!context) return ETL_FAIL;
    if (!reason || !*reason) return breach(context, "refused the event without a reason");
    return refuse(context, reason);
}

static etl_result service_fail(struct etl_context *base, const char *reason)
{
    struct context *context = find_context(base);
    if (!context) return ETL_FAIL;
    return stop(context, "", reason && *reason ? reason : "failed without saying why");
}

static void service_log(struct etl_context *base, enum etl_level level, const char *text)
{
    struct context *context = find_context(base);
    if (context && text) operator_log(level, context->call.plugin, context->call.what, guard_line(), text);
}

static void *service_allocate(struct etl_context *base, size_t bytes)
{
    struct context *context = find_context(base);
    return context ? allocate_for_plugin(&context->dispatch->scratch, bytes) : NULL;
}

/* ---- creation from a registration */

static bool bind_all(struct context *context, const struct etl_effect *const *effects, struct uses *uses,
                     struct binding **bindings, struct error *error)
{
    for (size_t i = 0; i < ETL_EFFECTS_MAX; i++) {
        if (!effects[i]) continue;
        struct binding *binding = effects_bind(context->dispatch->effects, effects[i], context->handler.plugin->name, error);
        if (!binding) return false;
        bindings[uses->count] = binding;
        uses->items[uses->count++] = (struct use){.effect = effects[i], .binding = binding};
    }
    uses->declared = uses->count;
    return true;
}

struct context *context_create(struct dispatch *dispatch, const struct etl_handler *handler, const struct plugin *plugin,
                               const char *what, struct error *error)
{
    struct context *context = allocate(sizeof *context);
    context->base = (struct etl_context){.size = sizeof context->base, .data = handler->data, .emit = service_emit,
                                         .remove = service_remove, .lookup = service_lookup, .reject = service_reject,
                                         .fail = service_fail, .log = service_log, .allocate = service_allocate};
    context->dispatch = dispatch;
    context->call = (struct guard_call){plugin->name, what, NULL};
    context->handler = (struct handler){.plugin = plugin, .name = handler->name, .event_type = handler->event_type,
                                        .event = handler->event, .handle = handler->handle, .data = handler->data};
    if (!bind_all(context, handler->emits, &context->emits, context->handler.emits, error) ||
        !bind_all(context, handler->reads, &context->reads, context->handler.reads, error)) {
        context_destroy(context);
        return NULL;
    }
    context->handler.emit_count = context->emits.count;
    context->handler.read_count = context->reads.count;
    return context;
}

struct context *context_fork(const struct context *parent, struct dispatch *dispatch, const char *frame)
{
    struct context *context = allocate(sizeof *context);
    context->base = parent->base;
    context->parent = parent;
    context->dispatch = dispatch;
    guard_call_init(&context->call, parent->call.plugin, parent->call.what);
    context->event_type = parent->event_type;
    context->handler = parent->handler;
    context->emits = parent->emits;
    context->reads = parent->reads;
    context->event = parent->handler.event ? frame + parent->handler.event_offset : NULL;
    const struct use *first = context->emits.items;
    if (context->emits.count && !first->partition.kind && !dispatch->emitter->listener) {
        context->emit_path = emitter_lane(dispatch->emitter, first->binding);
        context->base.emit = emit_services[context->emit_path.encoder->signature];
    }
    context_renew(context);
    return context;
}

void context_renew(struct context *context)
{
    context->plain = context->emit_path.emitter ? context->emits.items->effect : &nobodys;
}

void context_destroy(struct context *context)
{
    free(context);
}
