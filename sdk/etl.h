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

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------------- version */

/* A host loads a plugin of its own major version and of any minor version up to its own. */
#define ETL_ABI_MAJOR 1u
#define ETL_ABI_MINOR 0u
#define ETL_MAGIC 0x4c544531u /* 'ETL1' */

#define ETL_EXPORT __attribute__((visibility("default")))
#define ETL_UNUSED_ __attribute__((unused))
#define ETL_FORMAT_(at, arguments) __attribute__((format(printf, at, arguments)))
/* Is this member of a table of services there, on this host? */
#define ETL_HAS_(table, member) \
    ((table) && (table)->size >= offsetof(__typeof__(*(table)), member) + sizeof (table)->member && (table)->member)

/* -------------------------------------------------------------------------------------------------- values */

/* Text: UTF-8, not terminated, may hold NUL. `data` may be NULL where `size` (in bytes) is 0. Frozen. */
typedef struct {
    const char *data;
    size_t size;
} etl_string;

/* The raw text of one JSON value, as it stood in the logline: valid JSON, without white space around it. Frozen. */
typedef struct {
    const char *data;
    size_t size;
} etl_json;

/* An exact decimal number: (high·2⁶⁴ + low) · 10^-scale, the coefficient in two's complement over both words.
 * 0 ≤ scale ≤ 38 and |coefficient| ≤ 10³⁸−1. A negative scale is the invalid decimal: what arithmetic gives when it
 * leaves that range; it sticks, and emitting it refuses the event. 1.0 and 1.00 are equal. Frozen. */
typedef struct {
    uint64_t low;
    int64_t high;
    int32_t scale;
} etl_decimal;

/* A point in time: nanoseconds since 1970-01-01T00:00:00Z, without leap seconds; 1677 to 2262. Frozen. */
typedef struct {
    int64_t ns;
} etl_timestamp;

/* What a handler, an init function, or a service answers. */
typedef enum {
    ETL_OK = 0,     /* done; the effects count */
    ETL_REJECT = 1, /* this event is refused, with the reason that etl_reject() was given */
    ETL_FAIL = 2,   /* the whole run stops here */
} etl_result;

/* ------------------------------------------------------------------------------------------------ declarations */

/* The kind of a field follows from the C type of the member. */
enum etl_kind {
    ETL_KIND_STRING = 1, /* etl_string: a JSON string */
    ETL_KIND_INT64,      /* int64_t: a JSON number whose value is an integer in range (2, 2.0, 2e3) */
    ETL_KIND_DOUBLE,     /* double: a JSON number, rounded to nearest; finite */
    ETL_KIND_BOOL,       /* bool: true or false */
    ETL_KIND_DECIMAL,    /* etl_decimal: a JSON number, or a string that holds one; exact */
    ETL_KIND_TIMESTAMP,  /* etl_timestamp: RFC 3339 text, or an integer epoch in the field's unit */
    ETL_KIND_JSON,       /* etl_json: any JSON value but null, nested ones included */
};

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

/* What one unit of an integer epoch is, in nanoseconds; for ETL_TIMESTAMP. */
#define ETL_SECONDS 1000000000
#define ETL_MILLISECONDS 1000000
#define ETL_MICROSECONDS 1000
#define ETL_NANOSECONDS 1

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

#ifdef __cplusplus
} /* extern "C": templates need C++ linkage */
template <typename> struct etl_kind_of_;
template <> struct etl_kind_of_<etl_string> { enum { kind = ETL_KIND_STRING, key = 1, sum = 0, order = 1, count = 0 }; };
template <> struct etl_kind_of_<int64_t> { enum { kind = ETL_KIND_INT64, key = 1, sum = 1, order = 1, count = 1 }; };
template <> struct etl_kind_of_<double> { enum { kind = ETL_KIND_DOUBLE, key = 0, sum = 1, order = 1, count = 0 }; };
template <> struct etl_kind_of_<bool> { enum { kind = ETL_KIND_BOOL, key = 1, sum = 0, order = 1, count = 0 }; };
template <> struct etl_kind_of_<etl_decimal> { enum { kind = ETL_KIND_DECIMAL, key = 1, sum = 1, order = 1, count = 0 }; };
template <> struct etl_kind_of_<etl_timestamp> { enum { kind = ETL_KIND_TIMESTAMP, key = 1, sum = 0, order = 1, count = 0 }; };
template <> struct etl_kind_of_<etl_json> { enum { kind = ETL_KIND_JSON, key = 0, sum = 0, order = 0, count = 0 }; };
template <typename kinds, bool allowed> struct etl_allowed_ {
    static_assert(allowed, "a member of this kind cannot have this role");
    enum { kind = kinds::kind };
};
#define ETL_KIND_OF_(s, m) etl_kind_of_<decltype(((s *)0)->m)>
#define ETL_KIND_(s, m) ((uint32_t)ETL_KIND_OF_(s, m)::kind)
#define ETL_KIND_IF_(s, m, allowed) ((uint32_t)etl_allowed_<ETL_KIND_OF_(s, m), (allowed)>::kind)
#define ETL_KEY_KIND_(s, m) ETL_KIND_IF_(s, m, ETL_KIND_OF_(s, m)::key != 0)
#define ETL_SUM_KIND_(s, m) ETL_KIND_IF_(s, m, ETL_KIND_OF_(s, m)::sum != 0)
#define ETL_ORDER_KIND_(s, m) ETL_KIND_IF_(s, m, ETL_KIND_OF_(s, m)::order != 0)
#define ETL_COUNT_KIND_(s, m) ETL_KIND_IF_(s, m, ETL_KIND_OF_(s, m)::count != 0)
#define ETL_STRING_KIND_(s, m) ETL_KIND_IF_(s, m, ETL_KIND_(s, m) == (uint32_t)ETL_KIND_STRING)
#define ETL_TIMESTAMP_KIND_(s, m) ETL_KIND_IF_(s, m, ETL_KIND_(s, m) == (uint32_t)ETL_KIND_TIMESTAMP)
#define ETL_HAS_OFFSET_(s, m) ((uint32_t)offsetof(s, m) + 0 * ETL_KIND_IF_(s, m, ETL_KIND_(s, m) == (uint32_t)ETL_KIND_BOOL))
extern "C" {
#else
/* A compile error here ("not compatible with any generic association") says: this member's C type is not a kind of
 * field, or not one that can have this role. A double or json is no key; only numbers are summed; a count is an int64_t. */
#define ETL_KIND_(s, m) \
    _Generic(((s *)0)->m, etl_string: ETL_KIND_STRING, int64_t: ETL_KIND_INT64, double: ETL_KIND_DOUBLE, bool: ETL_KIND_BOOL, \
             etl_decimal: ETL_KIND_DECIMAL, etl_timestamp: ETL_KIND_TIMESTAMP, etl_json: ETL_KIND_JSON)
#define ETL_KEY_KIND_(s, m) \
    _Generic(((s *)0)->m, etl_string: ETL_KIND_STRING, int64_t: ETL_KIND_INT64, bool: ETL_KIND_BOOL, \
             etl_decimal: ETL_KIND_DECIMAL, etl_timestamp: ETL_KIND_TIMESTAMP)
#define ETL_SUM_KIND_(s, m) _Generic(((s *)0)->m, int64_t: ETL_KIND_INT64, double: ETL_KIND_DOUBLE, etl_decimal: ETL_KIND_DECIMAL)
#define ETL_ORDER_KIND_(s, m) \
    _Generic(((s *)0)->m, etl_string: ETL_KIND_STRING, int64_t: ETL_KIND_INT64, double: ETL_KIND_DOUBLE, bool: ETL_KIND_BOOL, \
             etl_decimal: ETL_KIND_DECIMAL, etl_timestamp: ETL_KIND_TIMESTAMP)
#define ETL_COUNT_KIND_(s, m) _Generic(((s *)0)->m, int64_t: ETL_KIND_INT64)
#define ETL_STRING_KIND_(s, m) _Generic(((s *)0)->m, etl_string: ETL_KIND_STRING)
#define ETL_TIMESTAMP_KIND_(s, m) _Generic(((s *)0)->m, etl_timestamp: ETL_KIND_TIMESTAMP)
#define ETL_HAS_OFFSET_(s, m) _Generic(((s *)0)->m, bool: (uint32_t)offsetof(s, m))
#endif

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
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return ETL_HAS_(host, fail) ? host->fail(host, text) : ETL_FAIL;
}

/* [init] A line for the operator, on standard error, with the plugin's name. */
ETL_FORMAT_(3, 4) static inline void etl_host_log(struct etl_host *host, enum etl_level level, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
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
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return ETL_HAS_(context, reject) ? context->reject(context, text) : ETL_REJECT;
}

/* [handler] Stops the whole run, with a reason. For what makes every further result wrong, not for a bad event. */
ETL_FORMAT_(2, 3) static inline etl_result etl_fail(struct etl_context *context, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return ETL_HAS_(context, fail) ? context->fail(context, text) : ETL_FAIL;
}

/* [handler] A line for the operator, on standard error, with the plugin, the handler and the place of the logline. */
ETL_FORMAT_(3, 4) static inline void etl_log(struct etl_context *context, enum etl_level level, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (ETL_HAS_(context, log)) context->log(context, level, text);
}

/* ------------------------------------------------------------------------------------------------- strings */

#ifdef __cplusplus
static inline etl_string etl_string_of_(const char *data, size_t size) { etl_string s = {data, size}; return s; }
static inline etl_json etl_json_of_(const char *data, size_t size) { etl_json j = {data, size}; return j; }
#define ETL_STRING(literal) etl_string_of_("" literal, sizeof(literal) - 1)
#define ETL_JSON(literal) etl_json_of_("" literal, sizeof(literal) - 1)
#else
/* [any] A string literal as an etl_string; constant enough for an initialiser inside a function. */
#define ETL_STRING(literal) ((etl_string){"" literal, sizeof(literal) - 1})
/* [any] The same as an etl_json: ETL_JSON("[1,2]"). It must be JSON, without white space around it. */
#define ETL_JSON(literal) ((etl_json){"" literal, sizeof(literal) - 1})
#endif

/* [any] The same bytes? */
static inline bool etl_string_equal(etl_string a, etl_string b)
{
    return a.size == b.size && (!a.size || !memcmp(a.data, b.data, a.size));
}

/* [any] The same bytes as a terminated string? */
static inline bool etl_string_is(etl_string s, const char *text)
{
    size_t size = strlen(text);
    return s.size == size && (!size || !memcmp(s.data, text, size));
}

/* [any] Below 0, 0, or above 0: the order of bytes, which is the order in which rows are sorted. */
static inline int etl_string_compare(etl_string a, etl_string b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size ? memcmp(a.data, b.data, size) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

/* ------------------------------------------------------------------------------------------------- decimals */

/* Exact arithmetic; all of it is [any]. A result is invalid where no etl_decimal can hold it (its trailing zeros are dropped
 * before that is said), where an operand is invalid, and where a divisor is 0. A value made by hand whose scale is over 38 or
 * whose coefficient is out of range counts as invalid too. Nothing here rounds but _divide, _round and _to_double. */

#define ETL_DECIMAL_SCALE_MAX 38

/* How a result is brought to the scale that was asked for. */
enum etl_rounding {
    ETL_ROUND_HALF_EVEN, /* to the nearest; a half to the even digit: 2.5 → 2, 3.5 → 4 */
    ETL_ROUND_HALF_UP,   /* to the nearest; a half away from zero: 2.5 → 3, -2.5 → -3 */
    ETL_ROUND_DOWN,      /* towards zero: cuts */
    ETL_ROUND_UP,        /* away from zero */
    ETL_ROUND_FLOOR,     /* towards minus infinity */
    ETL_ROUND_CEILING,   /* towards plus infinity */
};

/* What ends in an underscore is this header's own. */
__extension__ typedef __int128 etl_int128_;
__extension__ typedef unsigned __int128 etl_uint128_;
#define ETL_APART_ static __attribute__((noinline, unused))
#define ETL_COLD_ static __attribute__((noinline, cold, unused))
#define ETL_COEFFICIENT_MAX_ ((etl_uint128_)10000000000000000000u * 10000000000000000000u - 1) /* 10³⁸−1 */

/* 10ⁿ, n up to 19 */
static inline uint64_t etl_power_(unsigned n)
{
    static const uint64_t powers[] = {
        1u, 10u, 100u, 1000u, 10000u, 100000u, 1000000u, 10000000u, 100000000u, 1000000000u, 10000000000u, 100000000000u,
        1000000000000u, 10000000000000u, 100000000000000u, 1000000000000000u, 10000000000000000u, 100000000000000000u,
        1000000000000000000u, 10000000000000000000u,
    };
    return powers[n];
}

/* 10ⁿ, n up to 38 */
static inline etl_uint128_ etl_power_wide_(unsigned n)
{
    return n < 20 ? etl_power_(n) : (etl_uint128_)etl_power_(19) * etl_power_(n - 19);
}

static inline etl_int128_ etl_decimal_coefficient_(etl_decimal d)
{
    return (etl_int128_)((etl_uint128_)(uint64_t)d.high << 64 | d.low);
}

static inline etl_uint128_ etl_decimal_magnitude_(etl_decimal d)
{
    etl_uint128_ bits = (etl_uint128_)(uint64_t)d.high << 64 | d.low;
    return d.high < 0 ? 0 - bits : bits;
}

static inline etl_decimal etl_decimal_make_(etl_int128_ coefficient, int32_t scale)
{
    etl_decimal d = {(uint64_t)coefficient, (int64_t)(coefficient >> 64), scale};
    return d;
}

static inline etl_decimal etl_decimal_signed_(bool negative, etl_uint128_ magnitude, int32_t scale)
{
    return etl_decimal_make_((etl_int128_)(negative ? 0 - magnitude : magnitude), scale);
}

/* Is the coefficient an int64_t? */
static inline bool etl_decimal_is_small_(etl_decimal d)
{
    return d.high == (int64_t)d.low >> 63;
}

/* The invalid decimal. */
static inline etl_decimal etl_decimal_invalid(void)
{
    etl_decimal d = {0, 0, -1};
    return d;
}

/* Is it a number? */
static inline bool etl_decimal_is_valid(etl_decimal d)
{
    /* from -max to max, moved up to 0 to 2 max: no branch on a sign, which is as good as random. The high words alone tell of all
     * that are not nearly as large as can be */
    const uint64_t top = (uint64_t)(ETL_COEFFICIENT_MAX_ >> 64);
    etl_uint128_ moved = (etl_uint128_)etl_decimal_coefficient_(d) + ETL_COEFFICIENT_MAX_;
    return (uint32_t)d.scale <= ETL_DECIMAL_SCALE_MAX && ((uint64_t)d.high + top < 2 * top || moved <= 2 * ETL_COEFFICIENT_MAX_);
}

/* coefficient · 10^-scale: etl_decimal_of(6105, 1) is 610.5. Invalid where scale is not 0 to 38. */
static inline etl_decimal etl_decimal_of(int64_t coefficient, int scale)
{
    etl_decimal d = {(uint64_t)coefficient, coefficient >> 63, scale};
    return (unsigned)scale <= ETL_DECIMAL_SCALE_MAX ? d : etl_decimal_invalid();
}

static inline etl_decimal etl_decimal_from_int64(int64_t number)
{
    return etl_decimal_of(number, 0);
}

/* Numbers of the general paths: 384 bits, the lowest word first. */
struct etl_wide_ {
    uint64_t word[6];
};

ETL_COLD_ struct etl_wide_ etl_wide_of_(etl_uint128_ value)
{
    struct etl_wide_ w = {{(uint64_t)value, (uint64_t)(value >> 64), 0, 0, 0, 0}};
    return w;
}

/* w · factor + carry; the caller sees to it that it fits. */
ETL_COLD_ struct etl_wide_ etl_wide_multiply_(struct etl_wide_ w, uint64_t factor)
{
    uint64_t carry = 0;
    for (int i = 0; i < 6; i++) {
        etl_uint128_ product = (etl_uint128_)w.word[i] * factor + carry;
        w.word[i] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
    return w;
}

/* w · 10ⁿ */
ETL_COLD_ struct etl_wide_ etl_wide_scale_(struct etl_wide_ w, unsigned n)
{
    for (; n > 19; n -= 19) w = etl_wide_multiply_(w, etl_power_(19));
    return etl_wide_multiply_(w, etl_power_(n));
}

ETL_COLD_ int etl_wide_compare_(const struct etl_wide_ *a, const struct etl_wide_ *b)
{
    for (int i = 5; i >= 0; i--)
        if (a->word[i] != b->word[i]) return a->word[i] < b->word[i] ? -1 : 1;
    return 0;
}

ETL_COLD_ struct etl_wide_ etl_wide_add_(struct etl_wide_ a, const struct etl_wide_ *b)
{
    uint64_t carry = 0;
    for (int i = 0; i < 6; i++) {
        etl_uint128_ sum = (etl_uint128_)a.word[i] + b->word[i] + carry;
        a.word[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    return a;
}

/* a - b, where a ≥ b */
ETL_COLD_ struct etl_wide_ etl_wide_subtract_(struct etl_wide_ a, const struct etl_wide_ *b)
{
    uint64_t borrow = 0;
    for (int i = 0; i < 6; i++) {
        etl_uint128_ difference = (etl_uint128_)a.word[i] - b->word[i] - borrow;
        a.word[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
    return a;
}

/* Divides in place; gives the remainder. */
ETL_COLD_ uint64_t etl_wide_divide_small_(struct etl_wide_ *w, uint64_t divisor)
{
    uint64_t remainder = 0;
    for (int i = 5; i >= 0; i--) {
        if (!remainder && !w->word[i]) continue;
        etl_uint128_ part = (etl_uint128_)remainder << 64 | w->word[i];
        w->word[i] = (uint64_t)(part / divisor);
        remainder = (uint64_t)(part % divisor);
    }
    return remainder;
}

/* Divides in place, bit by bit; gives the remainder. Both are under 2³⁸³. */
ETL_COLD_ struct etl_wide_ etl_wide_divide_(struct etl_wide_ *w, const struct etl_wide_ *divisor)
{
    struct etl_wide_ quotient = etl_wide_of_(0), remainder = etl_wide_of_(0);
    for (int bit = 383; bit >= 0; bit--) {
        remainder = etl_wide_add_(remainder, &remainder);
        remainder.word[0] |= w->word[bit / 64] >> bit % 64 & 1;
        if (etl_wide_compare_(&remainder, divisor) < 0) continue;
        remainder = etl_wide_subtract_(remainder, divisor);
        quotient.word[bit / 64] |= (uint64_t)1 << bit % 64;
    }
    *w = quotient;
    return remainder;
}

/* The decimal of this value, or the invalid one: drops trailing zeros, but only those that stand in the way. */
ETL_COLD_ etl_decimal etl_decimal_fit_(bool negative, struct etl_wide_ w, int scale)
{
    struct etl_wide_ most = etl_wide_of_(ETL_COEFFICIENT_MAX_);
    while (scale > ETL_DECIMAL_SCALE_MAX || etl_wide_compare_(&w, &most) > 0)
        if (!scale-- || etl_wide_divide_small_(&w, 10)) return etl_decimal_invalid();
    return etl_decimal_signed_(negative, (etl_uint128_)w.word[1] << 64 | w.word[0], scale);
}

/* |d| · 10^scale, for a scale from d.scale on */
ETL_COLD_ struct etl_wide_ etl_decimal_aligned_(etl_decimal d, int scale)
{
    return etl_wide_scale_(etl_wide_of_(etl_decimal_magnitude_(d)), (unsigned)(scale - d.scale));
}

/* Both small and valid, and their scales near enough to be aligned in 128 bits? Then x and y are. */
static inline bool etl_decimal_align_(etl_decimal a, etl_decimal b, etl_int128_ *x, etl_int128_ *y)
{
    if ((uint32_t)a.scale > ETL_DECIMAL_SCALE_MAX || (uint32_t)b.scale > ETL_DECIMAL_SCALE_MAX) return false;
    int apart = a.scale - b.scale;
    if (apart < -18 || apart > 18 || !etl_decimal_is_small_(a) || !etl_decimal_is_small_(b)) return false;
    *x = (etl_int128_)(int64_t)a.low * (int64_t)etl_power_(apart < 0 ? (unsigned)-apart : 0);
    *y = (etl_int128_)(int64_t)b.low * (int64_t)etl_power_(apart > 0 ? (unsigned)apart : 0);
    return true;
}

ETL_COLD_ etl_decimal etl_decimal_add_wide_(etl_decimal a, etl_decimal b)
{
    if (!etl_decimal_is_valid(a) || !etl_decimal_is_valid(b)) return etl_decimal_invalid();
    int scale = a.scale > b.scale ? a.scale : b.scale;
    struct etl_wide_ x = etl_decimal_aligned_(a, scale), y = etl_decimal_aligned_(b, scale);
    bool negative_a = a.high < 0, negative_b = b.high < 0;
    if (negative_a == negative_b) return etl_decimal_fit_(negative_a, etl_wide_add_(x, &y), scale);
    if (etl_wide_compare_(&x, &y) >= 0) return etl_decimal_fit_(negative_a, etl_wide_subtract_(x, &y), scale);
    return etl_decimal_fit_(negative_b, etl_wide_subtract_(y, &x), scale);
}

/* The general paths give coefficient and scale apart: a struct that one branch has in registers and the other in memory would go
 * through memory in both, which costs more than the arithmetic. */
ETL_APART_ etl_int128_ etl_decimal_add_general_(etl_decimal a, etl_decimal b, int32_t *scale)
{
    etl_int128_ x, y;
    if (etl_decimal_align_(a, b, &x, &y)) {
        *scale = a.scale > b.scale ? a.scale : b.scale;
        return x + y;
    }
    etl_decimal sum = etl_decimal_add_wide_(a, b);
    *scale = sum.scale;
    return etl_decimal_coefficient_(sum);
}

ETL_COLD_ etl_decimal etl_decimal_multiply_wide_(etl_decimal a, etl_decimal b)
{
    if (!etl_decimal_is_valid(a) || !etl_decimal_is_valid(b)) return etl_decimal_invalid();
    struct etl_wide_ x = etl_wide_of_(etl_decimal_magnitude_(a)), product, high;
    etl_uint128_ y = etl_decimal_magnitude_(b);
    high = etl_wide_multiply_(x, (uint64_t)(y >> 64));
    product = etl_wide_multiply_(x, (uint64_t)y);
    memmove(high.word + 1, high.word, 5 * sizeof *high.word);
    high.word[0] = 0;
    return etl_decimal_fit_((a.high < 0) != (b.high < 0), etl_wide_add_(product, &high), a.scale + b.scale);
}

ETL_APART_ etl_int128_ etl_decimal_multiply_general_(etl_decimal a, etl_decimal b, int32_t *scale)
{
    etl_decimal product = etl_decimal_multiply_wide_(a, b);
    *scale = product.scale;
    return etl_decimal_coefficient_(product);
}

ETL_COLD_ int etl_decimal_compare_wide_(etl_decimal a, etl_decimal b)
{
    bool valid_a = etl_decimal_is_valid(a), valid_b = etl_decimal_is_valid(b);
    if (!valid_a || !valid_b) return (int)valid_b - (int)valid_a;
    if ((a.high < 0) != (b.high < 0)) return a.high < 0 ? -1 : 1;
    int scale = a.scale > b.scale ? a.scale : b.scale;
    struct etl_wide_ x = etl_decimal_aligned_(a, scale), y = etl_decimal_aligned_(b, scale);
    int order = etl_wide_compare_(&x, &y);
    return a.high < 0 ? -order : order;
}

ETL_APART_ int etl_decimal_compare_general_(etl_decimal a, etl_decimal b)
{
    etl_int128_ x, y;
    if (etl_decimal_align_(a, b, &x, &y)) return (x > y) - (x < y);
    return etl_decimal_compare_wide_(a, b);
}

static inline etl_decimal etl_decimal_negate(etl_decimal d)
{
    return etl_decimal_is_valid(d) ? etl_decimal_make_(-etl_decimal_coefficient_(d), d.scale) : etl_decimal_invalid();
}

static inline etl_decimal etl_decimal_absolute(etl_decimal d)
{
    return etl_decimal_is_valid(d) && d.high >= 0 ? d : etl_decimal_negate(d);
}

static inline etl_decimal etl_decimal_add(etl_decimal a, etl_decimal b)
{
    int32_t scale = a.scale;
    if ((uint32_t)scale <= ETL_DECIMAL_SCALE_MAX && scale == b.scale && etl_decimal_is_small_(a) && etl_decimal_is_small_(b))
        return etl_decimal_make_((etl_int128_)(int64_t)a.low + (int64_t)b.low, scale);
    etl_int128_ sum = etl_decimal_add_general_(a, b, &scale);
    return etl_decimal_make_(sum, scale);
}

static inline etl_decimal etl_decimal_subtract(etl_decimal a, etl_decimal b)
{
    int32_t scale = a.scale;
    if ((uint32_t)scale <= ETL_DECIMAL_SCALE_MAX && scale == b.scale && etl_decimal_is_small_(a) && etl_decimal_is_small_(b))
        return etl_decimal_make_((etl_int128_)(int64_t)a.low - (int64_t)b.low, scale);
    etl_int128_ difference = etl_decimal_add_general_(a, etl_decimal_negate(b), &scale);
    return etl_decimal_make_(difference, scale);
}

/* The scale of the product is that of both added, as long as that fits. */
static inline etl_decimal etl_decimal_multiply(etl_decimal a, etl_decimal b)
{
    int32_t scale;
    if ((a.scale | b.scale) >= 0 && (uint32_t)a.scale + (uint32_t)b.scale <= ETL_DECIMAL_SCALE_MAX && etl_decimal_is_small_(a) &&
        etl_decimal_is_small_(b)) /* a product of two int64_t is under 2¹²⁶, which is under 10³⁸ */
        return etl_decimal_make_((etl_int128_)(int64_t)a.low * (int64_t)b.low, a.scale + b.scale);
    etl_int128_ product = etl_decimal_multiply_general_(a, b, &scale);
    return etl_decimal_make_(product, scale);
}

/* Does rounding take a magnitude up by one? `half`: how what is cut off compares to a half; `rest`: is anything cut off? */
static inline bool etl_rounds_up_(enum etl_rounding mode, bool negative, bool odd, int half, bool rest)
{
    switch (mode) {
    case ETL_ROUND_HALF_EVEN: return half > 0 || (half == 0 && odd);
    case ETL_ROUND_HALF_UP: return half >= 0;
    case ETL_ROUND_DOWN: return false;
    case ETL_ROUND_UP: return rest;
    case ETL_ROUND_FLOOR: return rest && negative;
    case ETL_ROUND_CEILING: return rest && !negative;
    }
    return false;
}

/* numerator / denominator at this scale, rounded. Both are under 2¹²⁷, and the quotient is in range. */
static inline etl_decimal etl_decimal_ratio_(bool negative, etl_uint128_ numerator, etl_uint128_ denominator, int scale,
                                             enum etl_rounding mode)
{
    etl_uint128_ quotient = numerator / denominator, rest = numerator - quotient * denominator, twice = rest * 2;
    int half = (twice > denominator) - (twice < denominator);
    quotient += etl_rounds_up_(mode, negative, (quotient & 1) != 0, half, rest != 0);
    return etl_decimal_signed_(negative, quotient, scale);
}

ETL_COLD_ etl_decimal etl_decimal_divide_wide_(etl_decimal a, etl_decimal b, int scale, enum etl_rounding mode)
{
    int shift = scale + b.scale - a.scale;
    bool negative = (a.high < 0) != (b.high < 0);
    struct etl_wide_ quotient = etl_wide_of_(etl_decimal_magnitude_(a)), divisor = etl_wide_of_(etl_decimal_magnitude_(b));
    struct etl_wide_ zero = etl_wide_of_(0), one = etl_wide_of_(1), rest, twice;
    if (shift >= 0) quotient = etl_wide_scale_(quotient, (unsigned)shift);
    else divisor = etl_wide_scale_(divisor, (unsigned)-shift);
    if (divisor.word[1] | divisor.word[2] | divisor.word[3]) rest = etl_wide_divide_(&quotient, &divisor);
    else rest = etl_wide_of_(etl_wide_divide_small_(&quotient, divisor.word[0]));
    twice = etl_wide_add_(rest, &rest);
    int half = etl_wide_compare_(&twice, &divisor);
    if (etl_rounds_up_(mode, negative, quotient.word[0] & 1, half, etl_wide_compare_(&rest, &zero) != 0))
        quotient = etl_wide_add_(quotient, &one);
    return etl_decimal_fit_(negative, quotient, scale);
}

ETL_APART_ etl_decimal etl_decimal_divide_general_(etl_decimal a, etl_decimal b, int scale, enum etl_rounding mode)
{
    int shift = scale + b.scale - a.scale;
    etl_uint128_ x = etl_decimal_magnitude_(a), y = etl_decimal_magnitude_(b);
    if (shift > 38 || shift < -38) return etl_decimal_divide_wide_(a, b, scale, mode);
    etl_uint128_ power = etl_power_wide_(shift > 0 ? (unsigned)shift : (unsigned)-shift);
    if ((shift > 0 ? x : y) > ETL_COEFFICIENT_MAX_ / power) return etl_decimal_divide_wide_(a, b, scale, mode);
    if (shift > 0) x *= power;
    else y *= power;
    return etl_decimal_ratio_((a.high < 0) != (b.high < 0), x, y, scale, mode);
}

/* a / b, rounded to `scale` (0 to 38) digits after the point: etl_decimal_divide(one, three, 4, ETL_ROUND_HALF_EVEN) is 0.3333.
 * Invalid where b is 0, or scale or mode is none. */
static inline etl_decimal etl_decimal_divide(etl_decimal a, etl_decimal b, int scale, enum etl_rounding mode)
{
    if (!etl_decimal_is_valid(a) || !etl_decimal_is_valid(b) || (unsigned)scale > ETL_DECIMAL_SCALE_MAX ||
        (unsigned)mode > ETL_ROUND_CEILING || !(b.low | (uint64_t)b.high))
        return etl_decimal_invalid();
    int shift = scale + b.scale - a.scale;
    if (etl_decimal_is_small_(a) && etl_decimal_is_small_(b) && shift >= -19 && shift <= 19)
        return etl_decimal_ratio_((a.high < 0) != (b.high < 0),
                                  etl_decimal_magnitude_(a) * etl_power_(shift > 0 ? (unsigned)shift : 0),
                                  etl_decimal_magnitude_(b) * etl_power_(shift < 0 ? (unsigned)-shift : 0), scale, mode);
    return etl_decimal_divide_general_(a, b, scale, mode);
}

/* d, rounded to at most `scale` (0 to 38) digits after the point. Invalid where scale or mode is none. */
static inline etl_decimal etl_decimal_round(etl_decimal d, int scale, enum etl_rounding mode)
{
    if (!etl_decimal_is_valid(d) || (unsigned)scale > ETL_DECIMAL_SCALE_MAX || (unsigned)mode > ETL_ROUND_CEILING)
        return etl_decimal_invalid();
    if (d.scale <= scale) return d;
    return etl_decimal_ratio_(d.high < 0, etl_decimal_magnitude_(d), etl_power_wide_((unsigned)(d.scale - scale)), scale, mode);
}

/* Below 0, 0, or above 0, by value. An invalid decimal is above every number, and as great as another invalid one. */
static inline int etl_decimal_compare(etl_decimal a, etl_decimal b)
{
    if ((uint32_t)a.scale <= ETL_DECIMAL_SCALE_MAX && a.scale == b.scale && etl_decimal_is_small_(a) && etl_decimal_is_small_(b))
        return ((int64_t)a.low > (int64_t)b.low) - ((int64_t)a.low < (int64_t)b.low);
    return etl_decimal_compare_general_(a, b);
}

/* The same value? False where one is invalid. */
static inline bool etl_decimal_equal(etl_decimal a, etl_decimal b)
{
    return etl_decimal_is_valid(a) && etl_decimal_compare(a, b) == 0;
}

/* -1, 0 or 1; 0 where it is invalid. */
static inline int etl_decimal_sign(etl_decimal d)
{
    return !etl_decimal_is_valid(d) ? 0 : d.high < 0 ? -1 : (d.low | (uint64_t)d.high) != 0;
}

/* False where it is invalid. */
static inline bool etl_decimal_is_zero(etl_decimal d)
{
    return !(d.low | (uint64_t)d.high) && etl_decimal_is_valid(d);
}

/* The lesser of two. Invalid where one is. */
static inline etl_decimal etl_decimal_min(etl_decimal a, etl_decimal b)
{
    if (!etl_decimal_is_valid(a) || !etl_decimal_is_valid(b)) return etl_decimal_invalid();
    return etl_decimal_compare(a, b) <= 0 ? a : b;
}

/* The greater of two. Invalid where one is. */
static inline etl_decimal etl_decimal_max(etl_decimal a, etl_decimal b)
{
    if (!etl_decimal_is_valid(a) || !etl_decimal_is_valid(b)) return etl_decimal_invalid();
    return etl_decimal_compare(a, b) >= 0 ? a : b;
}

/* The same value with the least scale: one form for each value. */
static inline etl_decimal etl_decimal_normalize(etl_decimal d)
{
    if (!etl_decimal_is_valid(d)) return etl_decimal_invalid();
    etl_uint128_ magnitude = etl_decimal_magnitude_(d);
    int32_t scale = magnitude ? d.scale : 0;
    while (scale && magnitude >> 64 && magnitude % 10 == 0) magnitude /= 10, scale--;
    if (magnitude >> 64) return etl_decimal_signed_(d.high < 0, magnitude, scale);
    uint64_t small = (uint64_t)magnitude;
    while (scale && small % 10 == 0) small /= 10, scale--;
    return etl_decimal_signed_(d.high < 0, small, scale);
}

/* False, and *number is left alone, where it is not an integer in range. */
static inline bool etl_decimal_to_int64(etl_decimal d, int64_t *number)
{
    etl_decimal whole = etl_decimal_normalize(d);
    if (whole.scale || !etl_decimal_is_small_(whole)) return false;
    *number = (int64_t)whole.low;
    return true;
}

/* Writes the digits of a number (at most 39), no terminator; gives how many. */
static inline unsigned etl_digits_(etl_uint128_ number, char *to)
{
    char reversed[40];
    unsigned count = 0;
    for (; number >> 64; number /= 10) reversed[count++] = (char)('0' + (int)(number % 10));
    for (uint64_t small = (uint64_t)number; small || !count; small /= 10) reversed[count++] = (char)('0' + (int)(small % 10));
    for (unsigned i = 0; i < count; i++) to[i] = reversed[count - 1 - i];
    return count;
}

/* The nearest double; 0 where it is invalid. */
static inline double etl_decimal_to_double(etl_decimal d)
{
    if (!etl_decimal_is_valid(d)) return 0;
    etl_uint128_ magnitude = etl_decimal_magnitude_(d);
    if (magnitude >> 53 == 0 && d.scale <= 19) /* both are doubles exactly, so that the division rounds once */
        return (double)etl_decimal_coefficient_(d) / (double)etl_power_((unsigned)d.scale);
    char text[48]; /* written with an exponent, since the point of strtod is the locale's */
    unsigned count = etl_digits_(magnitude, text);
    snprintf(text + count, sizeof text - count, "e-%d", (int)d.scale);
    return d.high < 0 ? -strtod(text, NULL) : strtod(text, NULL);
}

struct etl_decimal_text {
    char text[48];
};

/* The number in its shortest form: no exponent, no trailing zeros, zero is 0; "invalid" where it is none. Terminated.
 * printf("%s", etl_decimal_text(price).text): it lives to the end of the expression, so keep the struct, not the pointer. */
static inline struct etl_decimal_text etl_decimal_text(etl_decimal d)
{
    struct etl_decimal_text t = {"invalid"};
    if (!etl_decimal_is_valid(d)) return t;
    d = etl_decimal_normalize(d);
    char digits[40];
    unsigned count = etl_digits_(etl_decimal_magnitude_(d), digits), scale = (unsigned)d.scale;
    unsigned whole = count > scale ? count - scale : 0, zeros = count > scale ? 0 : scale - count;
    char *to = t.text;
    if (d.high < 0) *to++ = '-';
    if (!whole) *to++ = '0';
    memcpy(to, digits, whole), to += whole;
    if (scale) *to++ = '.';
    memset(to, '0', zeros), to += zeros;
    memcpy(to, digits + whole, count - whole), to += count - whole;
    *to = '\0';
    return t;
}

/* A text that is a JSON number, taken apart. */
struct etl_number_ {
    const char *whole, *fraction;
    size_t whole_count, fraction_count;
    int64_t exponent; /* what is beyond ±10¹⁸ is cut: no text is long enough to bring it back */
    bool negative;
};

static inline size_t etl_count_digits_(const char *data, size_t size)
{
    size_t count = 0;
    while (count < size && data[count] >= '0' && data[count] <= '9') count++;
    return count;
}

/* Is all of the text a number by the grammar of JSON? */
static inline bool etl_number_scan_(const char *at, size_t size, struct etl_number_ *n)
{
    n->exponent = 0, n->fraction_count = 0, n->fraction = NULL;
    n->negative = size && *at == '-';
    if (n->negative) at++, size--;
    n->whole = at, n->whole_count = etl_count_digits_(at, size);
    if (!n->whole_count || (n->whole_count > 1 && *at == '0')) return false;
    at += n->whole_count, size -= n->whole_count;
    if (size && *at == '.') {
        n->fraction = at + 1, n->fraction_count = etl_count_digits_(at + 1, size - 1);
        if (!n->fraction_count) return false;
        at += n->fraction_count + 1, size -= n->fraction_count + 1;
    }
    if (!size) return true;
    if (*at != 'e' && *at != 'E') return false;
    at++, size--;
    bool down = size && *at == '-';
    if (size && (*at == '-' || *at == '+')) at++, size--;
    if (!size || etl_count_digits_(at, size) != size) return false;
    for (size_t i = 0; i < size; i++)
        if (n->exponent < 100000000000000000) n->exponent = n->exponent * 10 + (at[i] - '0');
    if (down) n->exponent = -n->exponent;
    return true;
}

static inline char etl_number_digit_(const struct etl_number_ *n, size_t index)
{
    return index < n->whole_count ? n->whole[index] : n->fraction[index - n->whole_count];
}

/* Reads a number as JSON writes them (an exponent too), exactly. False, and *value is left alone, where the text is none, or has
 * more than 38 digits, or more than 38 of them after the point, without its leading and trailing zeros. */
static inline bool etl_decimal_parse(etl_string text, etl_decimal *value)
{
    struct etl_number_ n;
    etl_uint128_ magnitude = 0;
    size_t digits = 0, zeros = 0; /* zeros are kept back until a digit follows them */
    if (!etl_number_scan_(text.data, text.size, &n)) return false;
    for (size_t i = 0; i < n.whole_count + n.fraction_count; i++) {
        char digit = etl_number_digit_(&n, i);
        if (digit == '0') {
            zeros += digits > 0;
            continue;
        }
        if (zeros >= 38 || digits + zeros >= 38) return false;
        magnitude = magnitude * etl_power_wide_((unsigned)zeros + 1) + (unsigned)(digit - '0');
        digits += zeros + 1, zeros = 0;
    }
    int64_t exponent = n.exponent + (int64_t)zeros - (int64_t)n.fraction_count;
    if (!digits) exponent = 0;
    if (exponent < -ETL_DECIMAL_SCALE_MAX || (exponent > 0 && exponent > 38 - (int64_t)digits)) return false;
    if (exponent > 0) magnitude *= etl_power_wide_((unsigned)exponent), exponent = 0;
    *value = etl_decimal_signed_(n.negative, magnitude, (int32_t)-exponent);
    return true;
}

/* ------------------------------------------------------------------------------------------------- timestamps */

/* N digits at `at`, as a number; -1 where they are not all digits. */
static inline int etl_digits_at_(const char *at, unsigned count)
{
    int number = 0;
    for (; count; count--, at++) {
        if (*at < '0' || *at > '9') return -1;
        number = number * 10 + (*at - '0');
    }
    return number;
}

/* Days from 1970-01-01 to the first of March of a year, in the calendar that counts years from March. */
static inline int64_t etl_days_to_march_(int64_t year)
{
    return year * 365 + year / 4 - year / 100 + year / 400 - 719468;
}

/* Days from 1970-01-01 to this date (years 0 to 9999); false where there is no such day. */
static inline bool etl_days_to_date_(int year, int month, int day, int64_t *days)
{
    static const unsigned char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > lengths[month - 1] + (leap && month == 2)) return false;
    int from_march = (month + 9) % 12; /* so that the leap day is a year's last */
    *days = etl_days_to_march_(year - (month < 3)) + (153 * from_march + 2) / 5 + day - 1;
    return true;
}

/* The offset of a zone in minutes: Z, z, or +hh:mm, all of the text. */
static inline bool etl_zone_parse_(const char *at, size_t size, int *minutes)
{
    if (size == 1 && (*at == 'Z' || *at == 'z')) {
        *minutes = 0;
        return true;
    }
    if (size != 6 || (*at != '+' && *at != '-') || at[3] != ':') return false;
    int hour = etl_digits_at_(at + 1, 2), minute = etl_digits_at_(at + 4, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return false;
    *minutes = (*at == '-' ? -1 : 1) * (hour * 60 + minute);
    return true;
}

/* [any] Reads RFC 3339: 2024-01-02T03:04:05.123456789+01:00, T or a space between date and time, Z or an offset, up to nine
 * digits of fraction. A leap second (23:59:60 UTC) is the second that follows it. False, and *time is left alone, where the text
 * is anything else, is no day of the calendar, or is out of the range of etl_timestamp. */
static inline bool etl_timestamp_parse(etl_string text, etl_timestamp *time)
{
    const char *at = text.data;
    if (text.size < 20 || at[4] != '-' || at[7] != '-' || (at[10] != 'T' && at[10] != 't' && at[10] != ' ') || at[13] != ':' ||
        at[16] != ':')
        return false;
    int hour = etl_digits_at_(at + 11, 2), minute = etl_digits_at_(at + 14, 2), second = etl_digits_at_(at + 17, 2), zone;
    int64_t days, fraction = 0;
    if (!etl_days_to_date_(etl_digits_at_(at, 4), etl_digits_at_(at + 5, 2), etl_digits_at_(at + 8, 2), &days)) return false;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;
    size_t used = 19;
    if (at[used] == '.') {
        size_t count = etl_count_digits_(at + 20, text.size - 20);
        if (!count || count > 9) return false;
        fraction = etl_digits_at_(at + 20, (unsigned)count) * (int64_t)etl_power_(9 - (unsigned)count);
        used += 1 + count;
    }
    if (!etl_zone_parse_(at + used, text.size - used, &zone)) return false;
    int64_t minutes = days * 1440 + hour * 60 + minute - zone;
    if (second == 60 && (minutes + 1) % 1440 != 0) return false;
    etl_int128_ ns = (etl_int128_)(minutes * 60 + second) * ETL_SECONDS + fraction;
    if (ns < INT64_MIN || ns > INT64_MAX) return false;
    time->ns = (int64_t)ns;
    return true;
}

struct etl_timestamp_text {
    char text[40];
};

static inline void etl_put_digits_(char *to, int64_t number, unsigned count)
{
    while (count--) to[count] = (char)('0' + (int)(number % 10)), number /= 10;
}

/* [any] RFC 3339 in UTC, the fraction without trailing zeros: 2024-01-02T03:04:05.5Z. Terminated; use it like etl_decimal_text().
 * */
static inline struct etl_timestamp_text etl_timestamp_text(etl_timestamp time)
{
    struct etl_timestamp_text t = {"0000-00-00T00:00:00.000000000"};
    int64_t fraction = time.ns % ETL_SECONDS, seconds = time.ns / ETL_SECONDS;
    if (fraction < 0) fraction += ETL_SECONDS, seconds--;
    int64_t days = seconds / 86400 - (seconds % 86400 < 0), second = seconds - days * 86400;
    int64_t year = days < 0 ? 1968 + days / 365 : 1969 + days / 366; /* from March; near enough from below to be stepped up */
    while (etl_days_to_march_(year + 1) <= days) year++;
    int64_t day = days - etl_days_to_march_(year), month = (5 * day + 2) / 153;
    day -= (153 * month + 2) / 5 - 1;
    month = month < 10 ? month + 3 : month - 9;
    etl_put_digits_(t.text, year + (month < 3), 4);
    etl_put_digits_(t.text + 5, month, 2);
    etl_put_digits_(t.text + 8, day, 2);
    etl_put_digits_(t.text + 11, second / 3600, 2);
    etl_put_digits_(t.text + 14, second / 60 % 60, 2);
    etl_put_digits_(t.text + 17, second % 60, 2);
    etl_put_digits_(t.text + 20, fraction, 9);
    unsigned end = 29;
    while (fraction && t.text[end - 1] == '0') end--;
    if (!fraction) end = 19;
    t.text[end] = 'Z', t.text[end + 1] = '\0';
    return t;
}

/* ------------------------------------------------------------------------------------------------- JSON reader */

/* Walks the raw text of a nested value, without memory of its own; all of it is [any] but etl_json_string().
 *
 *     struct etl_json_iterator changes = etl_json_iterate(e->changes);
 *     for (etl_json change, text; etl_json_next(&changes, &change);)
 *         if (!etl_json_at(change, 1, &text) || !etl_json_decimal(text, &price)) return etl_reject(context, "no price");
 *
 * A function that fails gives false and leaves its output alone. What the host hands out is valid JSON; on any other bytes
 * these functions end, stay within them, and fail at the latest where they meet what is not JSON. */

enum etl_json_type {
    ETL_JSON_NULL,
    ETL_JSON_BOOL,
    ETL_JSON_NUMBER,
    ETL_JSON_STRING,
    ETL_JSON_ARRAY,
    ETL_JSON_OBJECT,
    ETL_JSON_NONE, /* not JSON; nothing */
};

static inline bool etl_json_is_(etl_json value, const char *text)
{
    return value.size == strlen(text) && !memcmp(value.data, text, value.size);
}

/* What a value is, by its first and last bytes (numbers by all of them). */
static inline enum etl_json_type etl_json_type(etl_json value)
{
    struct etl_number_ number;
    if (!value.size) return ETL_JSON_NONE;
    char first = value.data[0], last = value.size > 1 ? value.data[value.size - 1] : '\0';
    switch (first) {
    case '[': return last == ']' ? ETL_JSON_ARRAY : ETL_JSON_NONE;
    case '{': return last == '}' ? ETL_JSON_OBJECT : ETL_JSON_NONE;
    case '"': return last == '"' ? ETL_JSON_STRING : ETL_JSON_NONE;
    case 't': return etl_json_is_(value, "true") ? ETL_JSON_BOOL : ETL_JSON_NONE;
    case 'f': return etl_json_is_(value, "false") ? ETL_JSON_BOOL : ETL_JSON_NONE;
    case 'n': return etl_json_is_(value, "null") ? ETL_JSON_NULL : ETL_JSON_NONE;
    default: return etl_number_scan_(value.data, value.size, &number) ? ETL_JSON_NUMBER : ETL_JSON_NONE;
    }
}

static inline bool etl_json_is_space_(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline const char *etl_json_skip_space_(const char *at, const char *end)
{
    while (at < end && etl_json_is_space_(*at)) at++;
    return at;
}

/* Past the string that begins here; NULL where none ends. */
static inline const char *etl_json_skip_string_(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\' && ++at == end) return NULL;
    return at < end ? at + 1 : NULL;
}

/* Past the value that begins here; NULL where none does. Nested ones by counting, so that depth costs no stack. */
static inline const char *etl_json_skip_(const char *at, const char *end)
{
    size_t depth = 0;
    const char *from = at;
    if (at < end && *at == '"') return etl_json_skip_string_(at, end);
    if (at < end && *at != '[' && *at != '{') {
        while (at < end && !etl_json_is_space_(*at) && *at != ',' && *at != ':' && *at != ']' && *at != '}') at++;
        return at > from ? at : NULL;
    }
    while (at && at < end) {
        if (*at == '"') {
            at = etl_json_skip_string_(at, end);
            continue;
        }
        depth += *at == '[' || *at == '{';
        if ((*at == ']' || *at == '}') && !--depth) return at + 1;
        at++;
    }
    return NULL;
}

/* Where a walk through an array or object stands. */
struct etl_json_iterator {
    etl_json key; /* of the item, in an object: a raw JSON string; compare it by etl_json_string_is() */
    const char *at, *end;
    bool object, begun;
};

/* Begins a walk; of anything but an array or object it has no items. */
static inline struct etl_json_iterator etl_json_iterate(etl_json value)
{
    struct etl_json_iterator it = {{NULL, 0}, NULL, NULL, false, false};
    enum etl_json_type type = etl_json_type(value);
    if (type != ETL_JSON_ARRAY && type != ETL_JSON_OBJECT) return it;
    it.at = value.data + 1, it.end = value.data + value.size - 1;
    it.object = type == ETL_JSON_OBJECT;
    return it;
}

/* Takes the next item, as it stands between the commas; NULL where there is none. */
static inline const char *etl_json_take_(struct etl_json_iterator *it, const char *at, etl_json *item)
{
    const char *from = at;
    at = etl_json_skip_(from, it->end);
    if (!at) return NULL;
    item->data = from, item->size = (size_t)(at - from);
    return etl_json_skip_space_(at, it->end);
}

/* The next item of a walk, or false: that was all. */
static inline bool etl_json_next(struct etl_json_iterator *it, etl_json *item)
{
    etl_json key = {NULL, 0}, value = {NULL, 0};
    const char *at = etl_json_skip_space_(it->at, it->end);
    if (at < it->end && it->begun) at = *at == ',' ? etl_json_skip_space_(at + 1, it->end) : it->end;
    if (at < it->end && it->object) {
        at = *at == '"' ? etl_json_take_(it, at, &key) : NULL;
        at = at && at < it->end && *at == ':' ? etl_json_skip_space_(at + 1, it->end) : NULL;
    }
    if (at && at < it->end) at = etl_json_take_(it, at, &value);
    it->begun = true;
    it->at = at ? at : it->end;
    if (!at || !value.size) return false;
    it->key = key;
    *item = value;
    return true;
}

/* How many items an array or object has; 0 of anything else. */
static inline size_t etl_json_count(etl_json value)
{
    struct etl_json_iterator it = etl_json_iterate(value);
    size_t count = 0;
    while (etl_json_next(&it, &value)) count++;
    return count;
}

/* The item of an array (or the value of an object's member) at an index from 0. Walks there: for all items, use etl_json_next().
 * */
static inline bool etl_json_at(etl_json value, size_t index, etl_json *item)
{
    struct etl_json_iterator it = etl_json_iterate(value);
    do {
        if (!etl_json_next(&it, &value)) return false;
    } while (index--);
    *item = value;
    return true;
}

/* Four hexadecimal digits; -1 where they are none. */
static inline int32_t etl_json_hex_(const char *at, const char *end)
{
    int32_t code = 0;
    if (end - at < 4) return -1;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
        if (digit < 0) return -1;
        code = code * 16 + digit;
    }
    return code;
}

static inline size_t etl_utf8_write_(uint32_t code, char *to)
{
    size_t count = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    for (size_t i = count - 1; i > 0; i--, code >>= 6) to[i] = (char)(0x80 | (code & 0x3F));
    to[0] = (char)(leads[count] | code);
    return count;
}

/* Decodes \uXXXX at *at, or two of them that make a pair; 0 where they are none. */
static inline size_t etl_json_decode_unicode_(const char **at, const char *end, char *to)
{
    const char *p = *at;
    int32_t code = etl_json_hex_(p + 2, end), low;
    if (code < 0 || (code >= 0xDC00 && code <= 0xDFFF)) return 0;
    *at = p + 6;
    if (code < 0xD800 || code > 0xDBFF) return etl_utf8_write_((uint32_t)code, to);
    p += 6;
    if (end - p < 6 || p[0] != '\\' || p[1] != 'u') return 0;
    low = etl_json_hex_(p + 2, end);
    if (low < 0xDC00 || low > 0xDFFF) return 0;
    *at = p + 6;
    return etl_utf8_write_(0x10000u + (((uint32_t)code - 0xD800u) << 10) + ((uint32_t)low - 0xDC00u), to);
}

/* Decodes the next byte, or the next escape, of a string's inside; gives how many bytes were written, 0 where it is none. */
static inline size_t etl_json_decode_(const char **at, const char *end, char to[4])
{
    static const char names[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    const char *p = *at;
    if (*p != '\\') {
        if ((unsigned char)*p < 0x20 || *p == '"') return 0;
        to[0] = *p;
        *at = p + 1;
        return 1;
    }
    if (end - p < 2) return 0;
    if (p[1] == 'u') return etl_json_decode_unicode_(at, end, to);
    for (const char *name = names; *name; name += 2)
        if (name[0] == p[1]) {
            to[0] = name[1];
            *at = p + 2;
            return 1;
        }
    return 0;
}

#define ETL_JSON_BAD SIZE_MAX /* not a JSON string */

/* Writes what a JSON string says (UTF-8, without its quotes, not terminated) and gives its bytes: fewer than string.size, which
 * is how much room `to` must have. ETL_JSON_BAD where it is no string, has an escape that is none, or half a surrogate pair. */
static inline size_t etl_json_unescape(etl_json string, char *to)
{
    if (etl_json_type(string) != ETL_JSON_STRING) return ETL_JSON_BAD;
    size_t size = 0;
    for (const char *at = string.data + 1, *end = string.data + string.size - 1; at < end;) {
        char decoded[4];
        size_t count = etl_json_decode_(&at, end, decoded);
        if (!count) return ETL_JSON_BAD;
        memcpy(to + size, decoded, count);
        size += count;
    }
    return size;
}

/* Does this string say `text`, whatever escapes it is written with? False where it is no string. */
static inline bool etl_json_string_is(etl_json string, const char *text)
{
    if (etl_json_type(string) != ETL_JSON_STRING) return false;
    size_t size = strlen(text);
    for (const char *at = string.data + 1, *end = string.data + string.size - 1; at < end;) {
        char decoded[4];
        size_t count = etl_json_decode_(&at, end, decoded);
        if (!count || count > size || memcmp(text, decoded, count)) return false;
        text += count, size -= count;
    }
    return size == 0;
}

/* The value of an object's member of this key (compared without escapes); the first one, where a key is repeated. */
static inline bool etl_json_get(etl_json object, const char *key, etl_json *item)
{
    struct etl_json_iterator it = etl_json_iterate(object);
    while (etl_json_next(&it, &object))
        if (it.object && etl_json_string_is(it.key, key)) {
            *item = object;
            return true;
        }
    return false;
}

/* Is the inside of a string what the string says? It is, where it has no escape. */
static inline bool etl_json_plain_(etl_json string, etl_string *inside)
{
    if (etl_json_type(string) != ETL_JSON_STRING) return false;
    for (size_t i = 1; i + 1 < string.size; i++)
        if (string.data[i] == '\\' || string.data[i] == '"' || (unsigned char)string.data[i] < 0x20) return false;
    inside->data = string.data + 1, inside->size = string.size - 2;
    return true;
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

/* true or false. */
static inline bool etl_json_bool(etl_json value, bool *truth)
{
    if (etl_json_type(value) != ETL_JSON_BOOL) return false;
    *truth = value.data[0] == 't';
    return true;
}

/* A number, or a string that holds one, exactly; see etl_decimal_parse(). */
static inline bool etl_json_decimal(etl_json value, etl_decimal *number)
{
    etl_string text = {value.data, value.size};
    if (etl_json_type(value) != ETL_JSON_STRING || etl_json_plain_(value, &text)) return etl_decimal_parse(text, number);
    char *plain = (char *)malloc(value.size); /* a number with escapes in it: rare, and of any length */
    text.data = plain;
    text.size = plain ? etl_json_unescape(value, plain) : ETL_JSON_BAD;
    bool done = text.size != ETL_JSON_BAD && etl_decimal_parse(text, number);
    free(plain);
    return done;
}

/* A number whose value is an integer in range: 2, 2.0, 2e3. */
static inline bool etl_json_int64(etl_json value, int64_t *number)
{
    etl_string text = {value.data, value.size};
    etl_decimal exact;
    return etl_decimal_parse(text, &exact) && etl_decimal_to_int64(exact, number);
}

/* The nearest double of a number of any length: as many digits as can decide, the rest stands for itself by a 1. */
ETL_COLD_ double etl_number_to_double_(const struct etl_number_ *n)
{
    char text[832];
    size_t count = 0, index = 0, total = n->whole_count + n->fraction_count;
    while (index < total && etl_number_digit_(n, index) == '0') index++;
    while (index < total && count < 780) text[count++] = etl_number_digit_(n, index++);
    int64_t exponent = n->exponent + (int64_t)n->whole_count - (int64_t)index;
    for (size_t i = index; i < total; i++)
        if (etl_number_digit_(n, i) != '0') {
            text[count++] = '1', exponent--;
            break;
        }
    if (!count) text[count++] = '0';
    exponent = exponent > 99999 ? 99999 : exponent < -99999 ? -99999 : exponent;
    snprintf(text + count, sizeof text - count, "e%d", (int)exponent);
    return n->negative ? -strtod(text, NULL) : strtod(text, NULL);
}

/* A number, rounded to the nearest double; false where that is not finite. */
static inline bool etl_json_double(etl_json value, double *number)
{
    etl_string text = {value.data, value.size};
    struct etl_number_ n;
    etl_decimal exact;
    double nearest;
    if (!etl_number_scan_(text.data, text.size, &n)) return false;
    if (etl_decimal_parse(text, &exact) && !etl_decimal_is_zero(exact)) nearest = etl_decimal_to_double(exact);
    else nearest = etl_number_to_double_(&n); /* a zero may have a sign */
    if (nearest - nearest != 0) return false; /* infinite */
    *number = nearest;
    return true;
}

/* RFC 3339 text, or an integer that counts `unit` nanoseconds since 1970 (ETL_SECONDS, ...; 0: seconds). */
static inline bool etl_json_timestamp(etl_json value, uint32_t unit, etl_timestamp *time)
{
    etl_string text;
    char plain[256]; /* the longest time has 35 characters, each of 6 bytes at most */
    int64_t count, ns;
    if (etl_json_type(value) != ETL_JSON_STRING) {
        if (!etl_json_int64(value, &count)) return false;
        if (__builtin_mul_overflow(count, (int64_t)(unit ? unit : ETL_SECONDS), &ns)) return false;
        time->ns = ns;
        return true;
    }
    if (etl_json_plain_(value, &text)) return etl_timestamp_parse(text, time);
    if (value.size > sizeof plain) return false;
    text.data = plain, text.size = etl_json_unescape(value, plain);
    return text.size != ETL_JSON_BAD && etl_timestamp_parse(text, time);
}

#ifdef __cplusplus
}
#endif

#endif
