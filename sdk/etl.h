/* SPDX-License-Identifier: MIT
 *
 * etl.h: all that a plugin of etl-host needs.
 *
 * A plugin turns loglines into effects. It declares the fields it wants of an event (ETL_EVENT), the effects it may
 * return (ETL_EFFECT), a handler (an ordinary function from one to the other), and registers them in ETL_PLUGIN.
 * Nothing is linked: the host hands in its services as tables of functions, and everything else here is inline.
 *
 * The laws, once for the whole header:
 *
 *   Ownership  Borrow in, copy out. What the host hands to a handler (the event, its strings, a row of etl_lookup, memory
 *              of etl_allocate) lives until that handler returns. What a handler hands to the host is copied before
 *              the call returns. Declarations (etl_event, etl_effect, etl_row and their field tables) are static and
 *              const: they live as long as the plugin.
 *   Threads    [init] functions are called from etl_plugin_init only, by one thread. [handler] functions are called from
 *              a handler only, with the context that this handler was given. Handlers run on any thread, several at
 *              once: a handler keeps nothing between calls, and writes to nothing but its own locals. [any] functions
 *              are pure: anywhere, any thread.
 *   Zero       All-zero bytes are 0, '', false, the decimal 0 and the time 1970-01-01T00:00:00Z, in every kind.
 *   Errors     Sticky: what failed once stays failed, whatever is returned afterwards, so that a handler may be written
 *              without looking at results. A refused event leaves no effect behind.
 *   Growth     Structs that cross the border carry their size and grow only at the end. etl_string, etl_json,
 *              etl_decimal and etl_timestamp are frozen.
 *
 * C17 with GNU C's statement of visibility; compiles as C++17 too (the etl_emit family there needs C++20, for its
 * designated initialisers). The author's guide is the README.md beside this file. */
#ifndef ETL_H
#define ETL_H

#include "etl/decimal.h"
#include "etl/json.h"
#include "etl/kinds.h"
#include "etl/time.h"
#include "etl/values.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------------- version */

/* A host loads a plugin of its own major version and of any minor version up to its own. */
#define ETL_ABI_MAJOR 1u
#define ETL_ABI_MINOR 0u
#define ETL_MAGIC 0x4c544531u /* 'ETL1' */

#define ETL_EXPORT __attribute__((visibility("default")))
/* What a function of the printf kind was given, as a text. */
#define ETL_TEXT_SIZE_ 1024
#define ETL_PRINT_(text, format) \
    do { \
        va_list arguments_; \
        va_start(arguments_, format); \
        vsnprintf(text, ETL_TEXT_SIZE_, format, arguments_); \
        va_end(arguments_); \
    } while (0)
/* Is this member of a table of services there, on this host? */
#define ETL_HAS_(table, member) \
    ((table) && (table)->size >= offsetof(__typeof__(*(table)), member) + sizeof (table)->member && (table)->member)

/* ------------------------------------------------------------------------------------------------- values */

/* The values of members (etl_string, etl_json, etl_decimal, etl_timestamp) and the kinds of fields are in etl/values.h, exact
 * arithmetic in etl/decimal.h, times as text in etl/time.h, and the reader of nested values in etl/json.h. */

/* What a handler, an init function, or a service answers. */
typedef enum {
    ETL_OK = 0,     /* done; the effects count */
    ETL_REJECT = 1, /* this event is refused, with the reason that etl_reject() was given */
    ETL_FAIL = 2,   /* the whole run stops here */
} etl_result;

/* ------------------------------------------------------------------------------------------------ declarations */

/* What a field is to its event, effect or row. */
enum etl_role {
    ETL_ROLE_FIELD = 1,  /* read from the logline; of a row: kept as the reducer leaves it */
    ETL_ROLE_EVENT_TYPE, /* the event type of the logline, by whatever name the log has it */
    ETL_ROLE_KEY,        /* names the row */
    ETL_ROLE_SUM,        /* value folds: the row's value plus this one; exact, of any size */
    ETL_ROLE_LAST,       /* the latest in log order */
    ETL_ROLE_FIRST,      /* the earliest in log order */
    ETL_ROLE_MIN,        /* the least by value */
    ETL_ROLE_MAX,        /* the greatest by value */
    ETL_ROLE_COUNT,      /* how many effects reached the row; what the effect says here is not looked at */
    ETL_ROLE_VALUE,      /* no fold of its own: the effect's reducer uses it */
};

/* One member of a struct that crosses the border. Made by the macros below; offsets and sizes in bytes. */
struct etl_field {
    const char *name;    /* of the member; effects and rows are printed under it */
    const char *path;    /* where in the logline: keys joined by dots ("actor.id"; "\\." is a dot inside a key). NULL: the name */
    uint32_t kind;       /* enum etl_kind */
    uint32_t role;       /* enum etl_role */
    uint32_t offset;     /* of the member */
    uint32_t has_offset; /* of its bool member, where optional */
    uint32_t optional;   /* 0 or 1 */
    uint32_t unit;       /* of an integer epoch, in nanoseconds; 0: seconds */
};

/* What is common to events, effects and rows. */
struct etl_record {
    uint32_t size;        /* of the struct that begins with this record: etl_event, etl_effect, etl_row */
    uint32_t struct_size; /* of the author's struct */
    uint32_t field_size;  /* of an element of `fields`, by which the host walks them */
    uint32_t field_count;
    const struct etl_field *fields;
    const char *name;
};

struct etl_event { struct etl_record record; };
struct etl_effect { struct etl_record record; };
struct etl_row { struct etl_record record; };

#define ETL_FIELD_ROW_(s, m, path, kind, role, unit) {#m, path, kind, role, (uint32_t)offsetof(struct s, m), 0, 0, unit}
#define ETL_OPTIONAL_ROW_(s, m, has, path, kind, role, unit) \
    {#m, path, kind, role, (uint32_t)offsetof(struct s, m), ETL_HAS_OFFSET_(struct s, has), 1, unit}

/* Fields of events (and of rows). `s` is the struct's name, `m` the member, `has` a bool member that says whether an
 * optional field was there (absent or null: false, and the member is all zero), `path` where it stands in the logline. */
#define ETL_FIELD(s, m) ETL_FIELD_ROW_(s, m, NULL, ETL_KIND_(struct s, m), ETL_ROLE_FIELD, 0)
#define ETL_FIELD_AT(s, m, path) ETL_FIELD_ROW_(s, m, path, ETL_KIND_(struct s, m), ETL_ROLE_FIELD, 0)
#define ETL_OPTIONAL(s, m, has) ETL_OPTIONAL_ROW_(s, m, has, NULL, ETL_KIND_(struct s, m), ETL_ROLE_FIELD, 0)
#define ETL_OPTIONAL_AT(s, m, has, path) ETL_OPTIONAL_ROW_(s, m, has, path, ETL_KIND_(struct s, m), ETL_ROLE_FIELD, 0)
/* A timestamp whose integers count `unit`s: ETL_SECONDS, ETL_MILLISECONDS, ETL_MICROSECONDS or ETL_NANOSECONDS. */
#define ETL_TIMESTAMP_AT(s, m, path, unit) ETL_FIELD_ROW_(s, m, path, ETL_TIMESTAMP_KIND_(struct s, m), ETL_ROLE_FIELD, unit)
#define ETL_OPTIONAL_TIMESTAMP_AT(s, m, has, path, unit) \
    ETL_OPTIONAL_ROW_(s, m, has, path, ETL_TIMESTAMP_KIND_(struct s, m), ETL_ROLE_FIELD, unit)
/* The event type that the logline was handled under; an etl_string. */
#define ETL_EVENT_TYPE(s, m) ETL_FIELD_ROW_(s, m, NULL, ETL_STRING_KIND_(struct s, m), ETL_ROLE_EVENT_TYPE, 0)

/* Fields of effects. Keys come first and name the row, in this order; the rest folds into it. */
#define ETL_KEY(s, m) ETL_FIELD_ROW_(s, m, NULL, ETL_KEY_KIND_(struct s, m), ETL_ROLE_KEY, 0)
#define ETL_SUM(s, m) ETL_FIELD_ROW_(s, m, NULL, ETL_SUM_KIND_(struct s, m), ETL_ROLE_SUM, 0)
#define ETL_LAST(s, m) ETL_FIELD_ROW_(s, m, NULL, ETL_KIND_(struct s, m), ETL_ROLE_LAST, 0)
#define ETL_FIRST(s, m) ETL_FIELD_ROW_(s, m, NULL, ETL_KIND_(struct s, m), ETL_ROLE_FIRST, 0)
#define ETL_MIN(s, m) ETL_FIELD_ROW_(s, m, NULL, ETL_ORDER_KIND_(struct s, m), ETL_ROLE_MIN, 0)
#define ETL_MAX(s, m) ETL_FIELD_ROW_(s, m, NULL, ETL_ORDER_KIND_(struct s, m), ETL_ROLE_MAX, 0)
#define ETL_COUNT(s, m) ETL_FIELD_ROW_(s, m, NULL, ETL_COUNT_KIND_(struct s, m), ETL_ROLE_COUNT, 0)
#define ETL_VALUE(s, m) ETL_FIELD_ROW_(s, m, NULL, ETL_KIND_(struct s, m), ETL_ROLE_VALUE, 0)
/* The same, where an effect may leave the value out: `has` false leaves the row's value alone. */
#define ETL_SUM_OPTIONAL(s, m, has) ETL_OPTIONAL_ROW_(s, m, has, NULL, ETL_SUM_KIND_(struct s, m), ETL_ROLE_SUM, 0)
#define ETL_LAST_OPTIONAL(s, m, has) ETL_OPTIONAL_ROW_(s, m, has, NULL, ETL_KIND_(struct s, m), ETL_ROLE_LAST, 0)
#define ETL_FIRST_OPTIONAL(s, m, has) ETL_OPTIONAL_ROW_(s, m, has, NULL, ETL_KIND_(struct s, m), ETL_ROLE_FIRST, 0)
#define ETL_MIN_OPTIONAL(s, m, has) ETL_OPTIONAL_ROW_(s, m, has, NULL, ETL_ORDER_KIND_(struct s, m), ETL_ROLE_MIN, 0)
#define ETL_MAX_OPTIONAL(s, m, has) ETL_OPTIONAL_ROW_(s, m, has, NULL, ETL_ORDER_KIND_(struct s, m), ETL_ROLE_MAX, 0)
#define ETL_COUNT_OPTIONAL(s, m, has) ETL_OPTIONAL_ROW_(s, m, has, NULL, ETL_COUNT_KIND_(struct s, m), ETL_ROLE_COUNT, 0)
#define ETL_VALUE_OPTIONAL(s, m, has) ETL_OPTIONAL_ROW_(s, m, has, NULL, ETL_KIND_(struct s, m), ETL_ROLE_VALUE, 0)

/* Declare, at file scope, what is in `struct name`: afterwards `name` is also the declaration, as in `.event = &name`.
 *   struct buy { etl_string ticker; int64_t amount; };
 *   ETL_EVENT(buy, ETL_FIELD(buy, ticker), ETL_FIELD(buy, amount));
 * ETL_EVENT: fields of a logline. ETL_EFFECT: keys (one at least) and values. ETL_ROW: what a reducer keeps; ETL_FIELD and
 * ETL_OPTIONAL only. An effect is known by its name across plugins: where two declare it, they must declare the same.
 * The names "effect" and "remove" are reserved in effects and rows. */
#define ETL_EVENT(name, ...) ETL_RECORD_(etl_event, name, __VA_ARGS__)
#define ETL_EFFECT(name, ...) ETL_RECORD_(etl_effect, name, __VA_ARGS__)
#define ETL_ROW(name, ...) ETL_RECORD_(etl_row, name, __VA_ARGS__)
#ifdef __cplusplus
#define ETL_RECORD_TYPE_(name) typedef struct name name##_etl_struct_;
#else
#define ETL_RECORD_TYPE_(name)
#endif
#define ETL_RECORD_(type, name, ...) \
    ETL_RECORD_TYPE_(name) \
    ETL_UNUSED_ static const struct etl_field name##_etl_fields_[] = {__VA_ARGS__}; \
    ETL_UNUSED_ static const struct type name = {{sizeof(struct type), sizeof(struct name), sizeof(struct etl_field), \
        (uint32_t)(sizeof name##_etl_fields_ / sizeof *name##_etl_fields_), name##_etl_fields_, #name}}

/* ------------------------------------------------------------------------------------------------ services */

enum etl_level { ETL_DEBUG, ETL_INFO, ETL_WARNING, ETL_ERROR };

/* What a handler is called with: its own data, and the host's services. Use the functions below, not the members. */
struct etl_context {
    uint32_t size;
    void *data; /* etl_handler.data */
    etl_result (*emit)(struct etl_context *, const struct etl_effect *, const void *record);
    etl_result (*remove)(struct etl_context *, const struct etl_effect *, const void *keys);
    const void *(*lookup)(struct etl_context *, const struct etl_effect *, const struct etl_row *, const void *keys);
    etl_result (*reject)(struct etl_context *, const char *reason);
    etl_result (*fail)(struct etl_context *, const char *reason);
    void (*log)(struct etl_context *, enum etl_level, const char *text);
    void *(*allocate)(struct etl_context *, size_t bytes);
};

/* [any thread] Handles one event. `event` points to the struct that etl_handler.event declares (NULL if it declares none).
 * Returns ETL_OK, or what etl_reject() or etl_fail() returned; any other value stops the run as the plugin's breach. */
typedef etl_result etl_handle_function(struct etl_context *context, const void *event);

/* [any thread] Folds `effect` (the effect's struct) into `row` (the row's struct; all zero when the row is new). Strings that it
 * leaves in `row` may point into the row as it was, into `effect`, or to constants: the host copies them. Sees nothing else. A
 * row left with an invalid decimal, a double that is not finite, or text that is not UTF-8, stops the run. */
typedef void etl_reduce_function(void *row, const void *effect);

#define ETL_EFFECTS_MAX 16 /* effects that one handler may emit, and that it may read */

/* One handler, for one event type. Zero members are absent. */
struct etl_handler {
    uint32_t size;                                    /* set by etl_handle() */
    const char *event_type;                           /* which loglines; required */
    const struct etl_event *event;                    /* what it wants of them; NULL: nothing but to be called */
    etl_handle_function *handle;                      /* required */
    const struct etl_effect *emits[ETL_EFFECTS_MAX];  /* what it may emit and remove; NULL entries are passed over */
    const struct etl_effect *reads[ETL_EFFECTS_MAX];  /* whose tables it may look at; NULL entries are passed over */
    void *data;                                       /* handed to each call; see etl_data() */
    const char *name;                                 /* for messages; NULL: the event type */
};

/* One reducer, for one effect, in place of the declared folds. */
struct etl_reducer {
    uint32_t size;                   /* set by etl_reduce() */
    const struct etl_effect *effect; /* whose effects; required */
    const struct etl_row *row;       /* what the row keeps beside the effect's keys; required */
    etl_reduce_function *reduce;     /* required */
    const char *name;                /* for messages; NULL: the effect's name */
};

/* What an init function is called with. Use the functions below, not the members. */
struct etl_host {
    uint32_t size;
    uint32_t abi_minor; /* the host's */
    etl_result (*handle)(struct etl_host *, const struct etl_handler *);
    etl_result (*reduce)(struct etl_host *, const struct etl_reducer *);
    /* *out as ETL_CONFIG_* says; ETL_REJECT: the key is not there, or is not of that type (an error that the host keeps) */
    etl_result (*config)(struct etl_host *, const char *key, uint32_t type, void *out);
    etl_result (*fail)(struct etl_host *, const char *reason);
    void (*log)(struct etl_host *, enum etl_level, const char *text);
    void *(*allocate)(struct etl_host *, size_t bytes);
};

enum etl_config_type {
    ETL_CONFIG_ANY,     /* no `out`: is the key there? */
    ETL_CONFIG_BOOL,    /* bool */
    ETL_CONFIG_INT64,   /* int64_t */
    ETL_CONFIG_DOUBLE,  /* double */
    ETL_CONFIG_DECIMAL, /* etl_decimal */
    ETL_CONFIG_STRING,  /* const char *, terminated */
    ETL_CONFIG_STRINGS, /* struct etl_strings: a list of strings */
};

struct etl_strings {
    const char *const *items; /* terminated strings */
    size_t count;
};

/* Read before init is called. Made by ETL_PLUGIN. */
struct etl_plugin_info {
    uint32_t magic; /* ETL_MAGIC */
    uint32_t size;
    uint32_t abi_major, abi_minor; /* of the header that the plugin was compiled with */
    const char *name, *version, *summary;
};

/* The two symbols that a plugin exports. */
ETL_EXPORT extern const struct etl_plugin_info etl_plugin_info;
ETL_EXPORT etl_result etl_plugin_init(struct etl_host *host ETL_UNUSED_);

/* ETL_PLUGIN("name", "1.0.0", "one line") { etl_handle(host, ...); ... return ETL_OK; }
 * [init] The body may call what is marked [init], on `host`. Registration is all or nothing: where anything failed, or the body
 * returned something else than ETL_OK, nothing of the plugin stays registered and the host does not run. */
#define ETL_PLUGIN(name_, version_, summary_) \
    const struct etl_plugin_info etl_plugin_info = {ETL_MAGIC, sizeof(struct etl_plugin_info), ETL_ABI_MAJOR, ETL_ABI_MINOR, \
                                                    name_, version_, summary_}; \
    etl_result etl_plugin_init(struct etl_host *host)

/* ------------------------------------------------------------------------------------------- in the init function */

/* [init] Registers a handler: etl_handle(host, .event_type = "buy", .event = &buy, .handle = handle_buy, .emits = {&position});
 * ETL_FAIL where the registration is refused: the host keeps the reason and will say it. */
#define etl_handle(host, ...) ETL_REGISTER_(etl_register_handler, etl_handler, host, __VA_ARGS__)
/* [init] Registers a reducer: etl_reduce(host, .effect = &fill, .row = &average_cost, .reduce = apply_fill); */
#define etl_reduce(host, ...) ETL_REGISTER_(etl_register_reducer, etl_reducer, host, __VA_ARGS__)
#ifdef __cplusplus
#define ETL_REGISTER_(function, type, host, ...) \
    ([](struct etl_host *h, type r) { r.size = sizeof r; return function(h, &r); }((host), type{.size = 0, __VA_ARGS__}))
#else
#define ETL_REGISTER_(function, type, host, ...) function((host), &(struct type){.size = sizeof(struct type), __VA_ARGS__})
#endif

static inline etl_result etl_register_handler(struct etl_host *host, const struct etl_handler *handler)
{
    return ETL_HAS_(host, handle) ? host->handle(host, handler) : ETL_FAIL;
}

static inline etl_result etl_register_reducer(struct etl_host *host, const struct etl_reducer *reducer)
{
    return ETL_HAS_(host, reduce) ? host->reduce(host, reducer) : ETL_FAIL;
}

/* [init] Is this key in the plugin's `config:` block? It counts as known from then on. */
static inline bool etl_config_has(struct etl_host *host, const char *key)
{
    return ETL_HAS_(host, config) && host->config(host, key, ETL_CONFIG_ANY, NULL) == ETL_OK;
}

/* [init] The value of a key of the plugin's `config:` block, or `fallback` where the key is not there. A value of another type is
 * an error that the host says with file, line and column, and loading fails; so does a key that init never asked for. Strings
 * live as long as the plugin. */
static inline bool etl_config_bool(struct etl_host *host, const char *key, bool fallback)
{
    if (ETL_HAS_(host, config)) host->config(host, key, ETL_CONFIG_BOOL, &fallback);
    return fallback;
}

static inline int64_t etl_config_int64(struct etl_host *host, const char *key, int64_t fallback)
{
    if (ETL_HAS_(host, config)) host->config(host, key, ETL_CONFIG_INT64, &fallback);
    return fallback;
}

static inline double etl_config_double(struct etl_host *host, const char *key, double fallback)
{
    if (ETL_HAS_(host, config)) host->config(host, key, ETL_CONFIG_DOUBLE, &fallback);
    return fallback;
}

static inline etl_decimal etl_config_decimal(struct etl_host *host, const char *key, etl_decimal fallback)
{
    if (ETL_HAS_(host, config)) host->config(host, key, ETL_CONFIG_DECIMAL, &fallback);
    return fallback;
}

static inline const char *etl_config_string(struct etl_host *host, const char *key, const char *fallback)
{
    if (ETL_HAS_(host, config)) host->config(host, key, ETL_CONFIG_STRING, &fallback);
    return fallback;
}

/* [init] A list of strings; empty where the key is not there. */
static inline struct etl_strings etl_config_strings(struct etl_host *host, const char *key)
{
    struct etl_strings strings = {NULL, 0};
    if (ETL_HAS_(host, config)) host->config(host, key, ETL_CONFIG_STRINGS, &strings);
    return strings;
}

/* [init] Memory for `.data`: zeroed, aligned for any type, owned by the host, freed after the last handler returned. Never NULL
 * (a host without memory stops). `bytes` from 1. */
static inline void *etl_host_allocate(struct etl_host *host, size_t bytes)
{
    if (!ETL_HAS_(host, allocate)) abort();
    return host->allocate(host, bytes);
}

/* [init] Says why the plugin cannot be loaded: return etl_host_fail(host, "needs 'limit' above %d", least); */
ETL_FORMAT_(2, 3) static inline etl_result etl_host_fail(struct etl_host *host, const char *format, ...)
{
    char text[ETL_TEXT_SIZE_];
    ETL_PRINT_(text, format);
    return ETL_HAS_(host, fail) ? host->fail(host, text) : ETL_FAIL;
}

/* [init] A line for the operator, on standard error, with the plugin's name. */
ETL_FORMAT_(3, 4) static inline void etl_host_log(struct etl_host *host, enum etl_level level, const char *format, ...)
{
    char text[ETL_TEXT_SIZE_];
    ETL_PRINT_(text, format);
    if (ETL_HAS_(host, log)) host->log(host, level, text);
}

/* ------------------------------------------------------------------------------------------------- in a handler */

#ifdef __cplusplus
/* To leave members out is what etl_emit and its family are for; C does not warn of it either. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
} /* extern "C" */
template <typename record> static inline const record *etl_borrow_(const record &r) { return &r; }
#define ETL_STRUCT_(name, ...) etl_borrow_(name##_etl_struct_{__VA_ARGS__})
#define ETL_STRUCT_TYPE_(name) name##_etl_struct_
extern "C" {
#else
#define ETL_STRUCT_(name, ...) (&(struct name){__VA_ARGS__})
#define ETL_STRUCT_TYPE_(name) struct name
#endif

/* [handler] Returns an effect: etl_emit(context, position, .account_id = 1, .ticker = t->ticker, .amount = shares);
 * Members left out are zero. The host copies it. Refuses the event (and returns ETL_REJECT) where a value cannot stand in
 * state: an invalid decimal, a double that is not finite, text that is not UTF-8, JSON that is not JSON or is null,
 * the 65,537th effect. */
#define etl_emit(context, effect, ...) etl_emit_record((context), &(effect), ETL_STRUCT_(effect, __VA_ARGS__))
/* [handler] The effect that takes the row of these keys away, if it is there; what follows starts it anew. Only keys count. */
#define etl_remove(context, effect, ...) etl_remove_record((context), &(effect), ETL_STRUCT_(effect, __VA_ARGS__))
/* [handler] The row of these keys as of before this logline, or NULL: const struct position *p = etl_lookup(context, position,
 * .account_id = 1, .ticker = t->ticker). The handler must have declared it in `.reads`. A sum too large for its member refuses
 * the event and gives NULL. */
#define etl_lookup(context, effect, ...) \
    ((const ETL_STRUCT_TYPE_(effect) *)etl_lookup_record((context), &(effect), NULL, ETL_STRUCT_(effect, __VA_ARGS__)))
/* [handler] The same, of an effect that has a reducer: a pointer to the reducer's row.
 * const struct average_cost *c = etl_lookup_row(context, fill, average_cost, .account_id = 1); */
#define etl_lookup_row(context, effect, row, ...) \
    ((const ETL_STRUCT_TYPE_(row) *)etl_lookup_record((context), &(effect), &(row), ETL_STRUCT_(effect, __VA_ARGS__)))

static inline etl_result etl_emit_record(struct etl_context *context, const struct etl_effect *effect, const void *record)
{
    return ETL_HAS_(context, emit) ? context->emit(context, effect, record) : ETL_FAIL;
}

static inline etl_result etl_remove_record(struct etl_context *context, const struct etl_effect *effect, const void *keys)
{
    return ETL_HAS_(context, remove) ? context->remove(context, effect, keys) : ETL_FAIL;
}

static inline const void *etl_lookup_record(struct etl_context *context, const struct etl_effect *effect,
                                            const struct etl_row *row, const void *keys)
{
    return ETL_HAS_(context, lookup) ? context->lookup(context, effect, row, keys) : NULL;
}

/* [handler] What the handler was registered with as `.data`. */
static inline void *etl_data(const struct etl_context *context)
{
    return context ? context->data : NULL;
}

/* [handler] Memory until the handler returns: zeroed, aligned for any type. Never NULL (a host without memory stops). */
static inline void *etl_allocate(struct etl_context *context, size_t bytes)
{
    if (!ETL_HAS_(context, allocate)) abort();
    return context->allocate(context, bytes);
}

/* [handler] Refuses the event, with a reason for people: return etl_reject(context, "sells %" PRId64 " more than held", n);
 * The first reason counts. A reason of more than 1,023 bytes is cut. */
ETL_FORMAT_(2, 3) static inline etl_result etl_reject(struct etl_context *context, const char *format, ...)
{
    char text[ETL_TEXT_SIZE_];
    ETL_PRINT_(text, format);
    return ETL_HAS_(context, reject) ? context->reject(context, text) : ETL_REJECT;
}

/* [handler] Stops the whole run, with a reason. For what makes every further result wrong, not for a bad event. */
ETL_FORMAT_(2, 3) static inline etl_result etl_fail(struct etl_context *context, const char *format, ...)
{
    char text[ETL_TEXT_SIZE_];
    ETL_PRINT_(text, format);
    return ETL_HAS_(context, fail) ? context->fail(context, text) : ETL_FAIL;
}

/* [handler] A line for the operator, on standard error, with the plugin, the handler and the place of the logline. */
ETL_FORMAT_(3, 4) static inline void etl_log(struct etl_context *context, enum etl_level level, const char *format, ...)
{
    char text[ETL_TEXT_SIZE_];
    ETL_PRINT_(text, format);
    if (ETL_HAS_(context, log)) context->log(context, level, text);
}

/* [handler] What a JSON string says. Borrows from it where it has no escape; otherwise the text is of etl_allocate(). */
static inline bool etl_json_string(struct etl_context *context, etl_json string, etl_string *text)
{
    if (etl_json_plain_(string, text)) return true;
    if (etl_json_type(string) != ETL_JSON_STRING) return false;
    char *to = context ? (char *)etl_allocate(context, string.size) : NULL;
    size_t size = to ? etl_json_unescape(string, to) : ETL_JSON_BAD;
    if (size == ETL_JSON_BAD) return false;
    text->data = to, text->size = size;
    return true;
}

#ifdef __cplusplus
}
#endif

#endif
