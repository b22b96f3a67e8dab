/* SPDX-License-Identifier: MIT
 *
 * etl_test.h: runs a plugin's handlers in a test, without a host.
 *
 *     #include "transaction.c"
 *     #include <etl_test.h>
 *
 *     int main(void)
 *     {
 *         struct etl_test *t = etl_test_create("enforce=true");
 *         etl_test_handle(t, "buy", &(struct transaction){.event_type = ETL_STRING("buy"), .ticker = ETL_STRING("GOOG"),
 *                                                         .amount = etl_decimal_of(2, 0), .price = etl_decimal_of(610, 0)});
 *         etl_test_expect_effects(t, "position account_id=0 ticker=GOOG amount=2 timestamp=0",
 *                                    "position account_id=0 ticker=CASH amount=-1220 timestamp=0");
 *         return etl_test_destroy(t) != 0;
 *     }
 *
 * The plugin is whatever etl_plugin_init the test is linked with: its source included, as here, or compiled beside it, or
 * its .so. What it registers and asks of the host is answered as the host does, and a breach of contract is noticed; but
 * state is only what etl_test_row() says. An expectation that fails is printed with file and line, and counted. With a test
 * library of your own, compare etl_test_result(), etl_test_effects() and etl_test_reason() instead. Everything here is for
 * one thread. */
#ifndef ETL_TEST_H
#define ETL_TEST_H

#include "etl.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What ends in an underscore is this header's own. */
struct etl_test_text_ {
    char *data; /* terminated */
    size_t size, capacity;
};

union etl_test_chunk_ {
    union etl_test_chunk_ *next;
    max_align_t align;
};

struct etl_test_row_ {
    struct etl_test_row_ *next;
    const struct etl_effect *effect;
    const struct etl_row *row; /* NULL: the values are the effect's own */
    const void *keys, *values;
};

struct etl_test;

struct etl_test_context_ {
    struct etl_context context; /* first, so that a context can be taken for this */
    struct etl_test *test;
    const struct etl_handler *handler;
};

struct etl_test {
    struct etl_host host; /* first, so that a host can be taken for a test */
    const char *const *config;
    unsigned config_count, handler_count, reducer_count, effect_count;
    bool *asked; /* which keys of config init asked for */
    struct etl_handler *handlers;
    struct etl_reducer *reducers;
    struct etl_test_row_ *rows;
    union etl_test_chunk_ *kept, *borrowed; /* memory of the plugin, and of the event */
    struct etl_test_text_ load_error, effects, reason, log;
    etl_result result;
    bool initialising;
    int failures;
    const char *event_type; /* where it stands in a line */
};

/* ------------------------------------------------------------------------------------------------- memory and text */

static inline void *etl_test_memory_(void *memory, size_t bytes)
{
    memory = realloc(memory, bytes);
    if (!memory) abort();
    return memory;
}

static inline void *etl_test_chunk_of_(union etl_test_chunk_ **list, size_t bytes)
{
    union etl_test_chunk_ *chunk = (union etl_test_chunk_ *)etl_test_memory_(NULL, sizeof *chunk + bytes);
    memset(chunk + 1, 0, bytes);
    chunk->next = *list;
    *list = chunk;
    return chunk + 1;
}

static inline void etl_test_free_(union etl_test_chunk_ **list)
{
    while (*list) {
        union etl_test_chunk_ *next = (*list)->next;
        free(*list);
        *list = next;
    }
}

static inline void etl_test_put_(struct etl_test_text_ *text, const char *data, size_t size)
{
    if (text->capacity - text->size <= size) {
        text->capacity = text->capacity * 2 + size + 64;
        text->data = (char *)etl_test_memory_(text->data, text->capacity);
    }
    memcpy(text->data + text->size, data, size);
    text->size += size;
    text->data[text->size] = '\0';
}

ETL_FORMAT_(2, 3) static inline void etl_test_print_(struct etl_test_text_ *text, const char *format, ...)
{
    char line[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    etl_test_put_(text, line, strlen(line));
}

static inline void etl_test_clear_(struct etl_test_text_ *text)
{
    text->size = 0;
    etl_test_put_(text, "", 0);
}

/* ------------------------------------------------------------------------------------------------- records as text */

/* Bytes of the character at `data`, or 0: not UTF-8. */
static inline size_t etl_test_character_(const char *data, size_t size)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = (unsigned char)data[0];
    size_t length = lead < 0x80 ? 1 : lead < 0xC0 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF8 ? 4 : 0;
    uint32_t code = lead & (length == 2 ? 0x1Fu : length == 3 ? 0x0Fu : length == 4 ? 0x07u : 0x7Fu);
    if (length > size) return 0;
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)data[i] & 0xC0) != 0x80) return 0;
        code = code << 6 | ((unsigned char)data[i] & 0x3Fu);
    }
    if (length && (code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))) return 0;
    return length;
}

/* As it is, where that cannot be misread; otherwise in quotes, with the escapes of JSON. */
static inline void etl_test_put_string_(struct etl_test_text_ *text, etl_string s)
{
    bool plain = s.size > 0;
    for (size_t i = 0; i < s.size; i++) plain = plain && (unsigned char)s.data[i] > ' ' && !strchr("\"\\=\x7F", s.data[i]);
    if (plain) {
        etl_test_put_(text, s.data, s.size);
        return;
    }
    etl_test_put_(text, "\"", 1);
    for (size_t i = 0; i < s.size; i++) {
        if ((unsigned char)s.data[i] < ' ') etl_test_print_(text, "\\u%04x", (unsigned)(unsigned char)s.data[i]);
        else etl_test_print_(text, s.data[i] == '"' || s.data[i] == '\\' ? "\\%c" : "%c", s.data[i]);
    }
    etl_test_put_(text, "\"", 1);
}

static inline void etl_test_put_double_(struct etl_test_text_ *text, double number)
{
    char shortest[40];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(shortest, sizeof shortest, "%.*g", digits, number);
        if (strtod(shortest, NULL) == number) break;
    }
    etl_test_put_(text, shortest, strlen(shortest));
}

static inline void etl_test_put_member_(struct etl_test_text_ *text, const struct etl_field *field, const void *record)
{
    const void *member = (const char *)record + field->offset;
    switch (field->kind) {
    case ETL_KIND_STRING: etl_test_put_string_(text, *(const etl_string *)member); break;
    case ETL_KIND_INT64: etl_test_print_(text, "%" PRId64, *(const int64_t *)member); break;
    case ETL_KIND_DOUBLE: etl_test_put_double_(text, *(const double *)member); break;
    case ETL_KIND_BOOL: etl_test_print_(text, "%s", *(const bool *)member ? "true" : "false"); break;
    case ETL_KIND_DECIMAL: etl_test_print_(text, "%s", etl_decimal_text(*(const etl_decimal *)member).text); break;
    case ETL_KIND_TIMESTAMP: etl_test_print_(text, "%s", etl_timestamp_text(*(const etl_timestamp *)member).text); break;
    case ETL_KIND_JSON: etl_test_put_(text, ((const etl_json *)member)->data, ((const etl_json *)member)->size); break;
    }
}

static inline const struct etl_field *etl_test_field_(const struct etl_record *record, uint32_t index)
{
    return (const struct etl_field *)(const void *)((const char *)record->fields + (size_t)index * record->field_size);
}

static inline bool etl_test_absent_(const struct etl_field *field, const void *record)
{
    return field->optional && !*((const char *)record + field->has_offset);
}

/* Why this member cannot stand in state; NULL: it can. */
static inline const char *etl_test_member_error_(const struct etl_field *field, const void *record)
{
    const void *member = (const char *)record + field->offset;
    if (field->kind == ETL_KIND_DECIMAL && !etl_decimal_is_valid(*(const etl_decimal *)member)) return "is an invalid decimal";
    if (field->kind == ETL_KIND_DOUBLE && *(const double *)member - *(const double *)member != 0) return "is not finite";
    if (field->kind == ETL_KIND_JSON && etl_json_type(*(const etl_json *)member) == ETL_JSON_NONE) return "is not JSON";
    if (field->kind == ETL_KIND_JSON && etl_json_type(*(const etl_json *)member) == ETL_JSON_NULL) return "is null";
    if (field->kind == ETL_KIND_STRING) {
        etl_string s = *(const etl_string *)member;
        for (size_t at = 0, length; at < s.size; at += length)
            if (!(length = etl_test_character_(s.data + at, s.size - at))) return "is not UTF-8";
    }
    return NULL;
}

/* ------------------------------------------------------------------------------------------------- the host's side */

/* The first reason counts; a failure outdoes a refusal. */
static inline etl_result etl_test_stop_(struct etl_test *test, etl_result result, const char *reason)
{
    if (result > test->result) {
        test->result = result;
        etl_test_clear_(&test->reason);
        etl_test_put_(&test->reason, reason, strlen(reason));
    }
    return test->result;
}

ETL_FORMAT_(3, 4) static inline etl_result etl_test_refuse_(struct etl_test *test, etl_result result, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return etl_test_stop_(test, result, text);
}

ETL_FORMAT_(2, 3) static inline etl_result etl_test_load_error_(struct etl_test *test, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (!test->load_error.size) etl_test_put_(&test->load_error, text, strlen(text));
    return ETL_FAIL;
}

static inline struct etl_test_context_ *etl_test_context_of_(struct etl_context *context)
{
    return (struct etl_test_context_ *)(void *)context;
}

static inline struct etl_test *etl_test_of_(struct etl_host *host)
{
    return (struct etl_test *)(void *)host;
}

static inline const char *etl_test_name_(const struct etl_effect *effect)
{
    return effect ? effect->record.name : "NULL";
}

/* Is it among these? Declarations in a shared header are several objects of one name. */
static inline bool etl_test_declared_(const struct etl_effect *const *declared, const struct etl_effect *effect)
{
    for (unsigned i = 0; effect && i < ETL_EFFECTS_MAX; i++)
        if (declared[i] && !strcmp(declared[i]->record.name, effect->record.name)) return true;
    return false;
}

static inline etl_result etl_test_record_(struct etl_context *context, const struct etl_effect *effect, const void *record,
                                          bool remove)
{
    struct etl_test *test = etl_test_context_of_(context)->test;
    if (!etl_test_declared_(etl_test_context_of_(context)->handler->emits, effect))
        return etl_test_refuse_(test, ETL_FAIL, "breach of contract: emits '%s', which is not in .emits", etl_test_name_(effect));
    if (test->effect_count == 65536) return etl_test_refuse_(test, ETL_REJECT, "more than 65536 effects of one event, a limit of etl-host");
    test->effect_count++;
    etl_test_print_(&test->effects, remove ? "remove %s" : "%s", effect->record.name);
    for (uint32_t i = 0; i < effect->record.field_count; i++) {
        const struct etl_field *field = etl_test_field_(&effect->record, i);
        if (field->role == ETL_ROLE_COUNT || (remove && field->role != ETL_ROLE_KEY) || etl_test_absent_(field, record)) continue;
        const char *error = etl_test_member_error_(field, record);
        if (error) return etl_test_refuse_(test, ETL_REJECT, "'%s' of effect '%s' %s", field->name, effect->record.name, error);
        etl_test_print_(&test->effects, " %s=", field->name);
        etl_test_put_member_(&test->effects, field, record);
    }
    etl_test_put_(&test->effects, "\n", 1);
    return test->result;
}

static inline etl_result etl_test_emit_(struct etl_context *context, const struct etl_effect *effect, const void *record)
{
    return etl_test_record_(context, effect, record, false);
}

static inline etl_result etl_test_remove_(struct etl_context *context, const struct etl_effect *effect, const void *keys)
{
    return etl_test_record_(context, effect, keys, true);
}

static inline bool etl_test_same_keys_(const struct etl_record *record, const void *a, const void *b)
{
    struct etl_test_text_ x = {NULL, 0, 0}, y = {NULL, 0, 0};
    for (uint32_t i = 0; i < record->field_count; i++) {
        const struct etl_field *field = etl_test_field_(record, i);
        if (field->role != ETL_ROLE_KEY) continue;
        etl_test_put_member_(&x, field, a), etl_test_put_(&x, "\n", 1);
        etl_test_put_member_(&y, field, b), etl_test_put_(&y, "\n", 1);
    }
    bool same = x.size == y.size && (!x.size || !memcmp(x.data, y.data, x.size));
    free(x.data);
    free(y.data);
    return same;
}

static inline const void *etl_test_lookup_(struct etl_context *context, const struct etl_effect *effect,
                                           const struct etl_row *row, const void *keys)
{
    struct etl_test *test = etl_test_context_of_(context)->test;
    if (!etl_test_declared_(etl_test_context_of_(context)->handler->reads, effect)) {
        etl_test_refuse_(test, ETL_FAIL, "breach of contract: looks at '%s', which is not in .reads", etl_test_name_(effect));
        return NULL;
    }
    for (struct etl_test_row_ *r = test->rows; r; r = r->next) {
        if (strcmp(r->effect->record.name, effect->record.name) || !etl_test_same_keys_(&effect->record, r->keys, keys)) continue;
        if (!r->row == !row && (!row || !strcmp(r->row->record.name, row->record.name))) return r->values;
        etl_test_refuse_(test, ETL_FAIL, "breach of contract: looks at '%s' as another row than it has", effect->record.name);
    }
    return NULL;
}

static inline etl_result etl_test_reject_(struct etl_context *context, const char *reason)
{
    struct etl_test *test = etl_test_context_of_(context)->test;
    if (!reason || !*reason) return etl_test_stop_(test, ETL_FAIL, "breach of contract: a reject without text");
    return etl_test_stop_(test, ETL_REJECT, reason);
}

static inline etl_result etl_test_fail_(struct etl_context *context, const char *reason)
{
    return etl_test_stop_(etl_test_context_of_(context)->test, ETL_FAIL, reason && *reason ? reason : "a failure without text");
}

static inline void etl_test_log_(struct etl_context *context, enum etl_level level ETL_UNUSED_, const char *text)
{
    etl_test_print_(&etl_test_context_of_(context)->test->log, "%s\n", text);
}

static inline void *etl_test_allocate_(struct etl_context *context, size_t bytes)
{
    return etl_test_chunk_of_(&etl_test_context_of_(context)->test->borrowed, bytes);
}

static inline etl_result etl_test_host_handle_(struct etl_host *host, const struct etl_handler *handler)
{
    struct etl_test *test = etl_test_of_(host);
    if (!test->initialising) return etl_test_load_error_(test, "a handler is registered outside of init");
    if (!handler->event_type || !*handler->event_type) return etl_test_load_error_(test, "a handler without .event_type");
    if (!handler->handle) return etl_test_load_error_(test, "the handler of '%s' has no .handle", handler->event_type);
    test->handlers = (struct etl_handler *)etl_test_memory_(test->handlers, (test->handler_count + 1) * sizeof *test->handlers);
    test->handlers[test->handler_count++] = *handler;
    return ETL_OK;
}

static inline etl_result etl_test_host_reduce_(struct etl_host *host, const struct etl_reducer *reducer)
{
    struct etl_test *test = etl_test_of_(host);
    if (!test->initialising) return etl_test_load_error_(test, "a reducer is registered outside of init");
    if (!reducer->effect || !reducer->row || !reducer->reduce)
        return etl_test_load_error_(test, "a reducer without .effect, .row or .reduce");
    test->reducers = (struct etl_reducer *)etl_test_memory_(test->reducers, (test->reducer_count + 1) * sizeof *test->reducers);
    test->reducers[test->reducer_count++] = *reducer;
    return ETL_OK;
}

/* The strings of a,b,c: one array, its items behind it. */
static inline struct etl_strings etl_test_split_(struct etl_test *test, const char *list)
{
    size_t count = *list != '\0', length = strlen(list);
    for (const char *at = list; *at; at++) count += *at == ',';
    const char **items = (const char **)etl_test_chunk_of_(&test->kept, (count + 1) * sizeof *items + length + 1);
    char *copy = (char *)(items + count + 1);
    struct etl_strings strings = {items, count};
    memcpy(copy, list, length + 1);
    for (size_t i = 0; i < count; i++) {
        items[i] = copy;
        copy += strcspn(copy, ",");
        *copy++ = '\0';
    }
    return strings;
}

static inline bool etl_test_config_value_(struct etl_test *test, const char *value, uint32_t type, void *out)
{
    etl_json json = {value, strlen(value)};
    etl_string text = {value, strlen(value)};
    switch (type) {
    case ETL_CONFIG_ANY: return true;
    case ETL_CONFIG_BOOL: return etl_json_bool(json, (bool *)out);
    case ETL_CONFIG_INT64: return etl_json_int64(json, (int64_t *)out);
    case ETL_CONFIG_DOUBLE: return etl_json_double(json, (double *)out);
    case ETL_CONFIG_DECIMAL: return etl_decimal_parse(text, (etl_decimal *)out);
    case ETL_CONFIG_STRING: *(const char **)out = value; return true;
    case ETL_CONFIG_STRINGS: *(struct etl_strings *)out = etl_test_split_(test, value); return true;
    default: return false;
    }
}

static inline etl_result etl_test_host_config_(struct etl_host *host, const char *key, uint32_t type, void *out)
{
    static const char *const types[] = {"anything", "a bool", "an int64", "a double", "a decimal", "a string", "a list"};
    struct etl_test *test = etl_test_of_(host);
    size_t length = strlen(key);
    for (unsigned i = 0; i < test->config_count; i++) {
        const char *entry = test->config[i];
        if (strncmp(entry, key, length) || entry[length] != '=') continue;
        test->asked[i] = true;
        if (etl_test_config_value_(test, entry + length + 1, type, out)) return ETL_OK;
        etl_test_load_error_(test, "config '%s' is not %s", key, type <= ETL_CONFIG_STRINGS ? types[type] : "of a known type");
    }
    return ETL_REJECT;
}

static inline etl_result etl_test_host_fail_(struct etl_host *host, const char *reason)
{
    return etl_test_load_error_(etl_test_of_(host), "%s", reason);
}

static inline void etl_test_host_log_(struct etl_host *host, enum etl_level level ETL_UNUSED_, const char *text)
{
    etl_test_print_(&etl_test_of_(host)->log, "%s\n", text);
}

static inline void *etl_test_host_allocate_(struct etl_host *host, size_t bytes)
{
    return etl_test_chunk_of_(&etl_test_of_(host)->kept, bytes);
}

/* ------------------------------------------------------------------------------------------------- a test */

/* etl_test_create("key=value", "list=a,b"): calls the plugin's init with this `config:` block; etl_test_create() is without one.
 * Never NULL: where the plugin does not load, etl_test_load_error() says why. The strings must outlive the test, as literals do.
 * */
#define etl_test_create(...) \
    etl_test_create_((const char *const[]){NULL, __VA_ARGS__}, \
                     sizeof((const char *const[]){NULL, __VA_ARGS__}) / sizeof(const char *) - 1)

static inline void etl_test_load_(struct etl_test *test)
{
    const struct etl_plugin_info *info = &etl_plugin_info;
    if (info->magic != ETL_MAGIC || !info->name || !*info->name || !info->version || !info->summary)
        etl_test_load_error_(test, "etl_plugin_info is not that of a plugin with a name, a version and a summary");
    test->initialising = true;
    if (etl_plugin_init(&test->host) != ETL_OK) etl_test_load_error_(test, "init failed without text");
    test->initialising = false;
    for (unsigned i = 0; i < test->config_count; i++) {
        const char *entry = test->config[i];
        if (!test->asked[i]) etl_test_load_error_(test, "unknown key '%.*s'", (int)strcspn(entry, "="), entry);
    }
    if (!test->handler_count && !test->reducer_count) etl_test_load_error_(test, "registers nothing");
}

static inline struct etl_test *etl_test_create_(const char *const *config, size_t count)
{
    struct etl_test *test = (struct etl_test *)calloc(1, sizeof *test);
    if (!test) abort();
    test->host.size = sizeof test->host;
    test->host.abi_minor = ETL_ABI_MINOR;
    test->host.handle = etl_test_host_handle_;
    test->host.reduce = etl_test_host_reduce_;
    test->host.config = etl_test_host_config_;
    test->host.fail = etl_test_host_fail_;
    test->host.log = etl_test_host_log_;
    test->host.allocate = etl_test_host_allocate_;
    test->event_type = "event_type";
    test->config_count = (unsigned)count;
    const char **copy = (const char **)etl_test_chunk_of_(&test->kept, (count + 1) * sizeof *copy);
    for (size_t i = 0; i < count; i++) copy[i] = config[i + 1];
    test->config = copy;
    test->asked = (bool *)etl_test_chunk_of_(&test->kept, count + 1);
    etl_test_clear_(&test->load_error);
    etl_test_clear_(&test->effects);
    etl_test_clear_(&test->reason);
    etl_test_clear_(&test->log);
    etl_test_load_(test);
    return test;
}

/* Frees the test, and gives how many expectations failed. */
static inline int etl_test_destroy(struct etl_test *test)
{
    int failures = test->failures;
    etl_test_free_(&test->borrowed);
    etl_test_free_(&test->kept);
    free(test->load_error.data);
    free(test->effects.data);
    free(test->reason.data);
    free(test->log.data);
    free(test->handlers);
    free(test->reducers);
    free(test);
    return failures;
}

/* Why the plugin did not load; "" if it did. */
static inline const char *etl_test_load_error(const struct etl_test *test)
{
    return test->load_error.data;
}

/* What became of the last event. */
static inline etl_result etl_test_result(const struct etl_test *test)
{
    return test->result;
}

/* Why the last event was refused or failed; "" if it was not. */
static inline const char *etl_test_reason(const struct etl_test *test)
{
    return test->reason.data;
}

/* The effects of the last event, a line each, ended by a newline; none where it was refused:
 *     position account_id=1 ticker=GOOG amount=2 timestamp=1
 *     remove position account_id=1 ticker=GOOG
 * Members in declared order; optional ones that are absent, and counts, are left out. A string that is empty, or holds a space, a
 * quote, a backslash or an equals sign, stands in quotes. */
static inline const char *etl_test_effects(const struct etl_test *test)
{
    return test->effects.data;
}

/* What the plugin logged, a line each. */
static inline const char *etl_test_log(const struct etl_test *test)
{
    return test->log.data;
}

/* ------------------------------------------------------------------------------------------------- rows to look up */

static inline void etl_test_row_(struct etl_test *test, const struct etl_effect *effect, const struct etl_row *row,
                                 const void *keys, const void *values)
{
    size_t values_size = row ? row->record.struct_size : effect->record.struct_size;
    struct etl_test_row_ *r = (struct etl_test_row_ *)etl_test_chunk_of_(&test->kept, sizeof *r);
    r->effect = effect, r->row = row;
    r->keys = memcpy(etl_test_chunk_of_(&test->kept, effect->record.struct_size), keys, effect->record.struct_size);
    r->values = memcpy(etl_test_chunk_of_(&test->kept, values_size), values, values_size);
    r->next = test->rows;
    test->rows = r;
}

/* etl_test_row(t, position, .account_id = 1, .ticker = ETL_STRING("GOOG"), .amount = etl_decimal_of(5, 0)): a row that handlers
 * can look up. The latest of the same keys counts. Strings must outlive the test, as literals do. */
#define etl_test_row(test, effect, ...) \
    etl_test_row_((test), &(effect), NULL, ETL_STRUCT_(effect, __VA_ARGS__), ETL_STRUCT_(effect, __VA_ARGS__))
/* The same for an effect that has a reducer: etl_test_reduced_row(t, fill, &(struct fill){.account_id = 1}, average_cost, .shares
 * = ...) */
#define etl_test_reduced_row(test, effect, keys, row, ...) \
    etl_test_row_((test), &(effect), &(row), (keys), ETL_STRUCT_(row, __VA_ARGS__))

static inline void etl_test_clear_rows(struct etl_test *test)
{
    test->rows = NULL;
}

/* ------------------------------------------------------------------------------------------------- events */

static inline void etl_test_call_(struct etl_test *test, const struct etl_handler *handler, const void *event)
{
    struct etl_test_context_ context;
    memset(&context, 0, sizeof context);
    context.context.size = sizeof context.context;
    context.context.data = handler->data;
    context.context.emit = etl_test_emit_;
    context.context.remove = etl_test_remove_;
    context.context.lookup = etl_test_lookup_;
    context.context.reject = etl_test_reject_;
    context.context.fail = etl_test_fail_;
    context.context.log = etl_test_log_;
    context.context.allocate = etl_test_allocate_;
    context.test = test;
    context.handler = handler;
    etl_result returned = handler->handle(&context.context, event);
    if ((unsigned)returned > ETL_FAIL) etl_test_refuse_(test, ETL_FAIL, "breach of contract: returns %d", (int)returned);
    else if (returned > test->result)
        etl_test_refuse_(test, ETL_FAIL, "breach of contract: returns ETL_%s without a reason",
                         returned == ETL_REJECT ? "REJECT" : "FAIL");
}

/* Follows a path into nested objects; false: nothing is there. */
static inline bool etl_test_find_(etl_json object, const char *path, etl_json *item)
{
    char key[256];
    size_t size = 0;
    for (;; path++) {
        if (*path == '\\' && (path[1] == '.' || path[1] == '\\')) path++;
        else if (!*path || *path == '.') {
            key[size] = '\0';
            if (!etl_json_get(object, key, &object)) return false;
            if (!*path) break;
            size = 0;
            continue;
        }
        if (size < sizeof key - 1) key[size++] = *path;
    }
    *item = object;
    return etl_json_type(object) != ETL_JSON_NULL;
}

static inline bool etl_test_decode_member_(struct etl_context *context, const struct etl_field *field, etl_json value,
                                           void *member)
{
    switch (field->kind) {
    case ETL_KIND_STRING: return etl_json_string(context, value, (etl_string *)member);
    case ETL_KIND_INT64: return etl_json_int64(value, (int64_t *)member);
    case ETL_KIND_DOUBLE: return etl_json_double(value, (double *)member);
    case ETL_KIND_BOOL: return etl_json_bool(value, (bool *)member);
    case ETL_KIND_DECIMAL: return etl_json_decimal(value, (etl_decimal *)member);
    case ETL_KIND_TIMESTAMP: return etl_json_timestamp(value, field->unit, (etl_timestamp *)member);
    case ETL_KIND_JSON: *(etl_json *)member = value; return true;
    default: return false;
    }
}

/* The event's struct, decoded; NULL: the event is refused, and why is said. */
static inline const void *etl_test_decode_(struct etl_test *test, const struct etl_event *event, etl_json line,
                                           etl_string event_type)
{
    struct etl_test_context_ context;
    memset(&context, 0, sizeof context);
    context.context.size = sizeof context.context;
    context.context.allocate = etl_test_allocate_;
    context.test = test;
    char *record = (char *)etl_test_allocate_(&context.context, event->record.struct_size);
    for (uint32_t i = 0; i < event->record.field_count; i++) {
        const struct etl_field *field = etl_test_field_(&event->record, i);
        const char *path = field->path ? field->path : field->name;
        etl_json value = {NULL, 0};
        bool there = field->role == ETL_ROLE_EVENT_TYPE || etl_test_find_(line, path, &value);
        if (field->role == ETL_ROLE_EVENT_TYPE) *(etl_string *)(void *)(record + field->offset) = event_type;
        else if (!there && !field->optional) etl_test_refuse_(test, ETL_REJECT, "field '%s' is missing", path);
        else if (there && !etl_test_decode_member_(&context.context, field, value, record + field->offset))
            etl_test_refuse_(test, ETL_REJECT, "field '%s' is of the wrong kind", path);
        if (field->optional) *(bool *)(void *)(record + field->has_offset) = there;
    }
    return test->result == ETL_OK ? record : NULL;
}

/* An event, given as its struct or as a line. */
static inline etl_result etl_test_event_(struct etl_test *test, etl_string event_type, const void *event, const etl_json *line)
{
    bool handled = false;
    for (unsigned i = 0; i < test->handler_count && test->result == ETL_OK; i++) {
        const struct etl_handler *handler = &test->handlers[i];
        if (!etl_string_is(event_type, handler->event_type)) continue;
        handled = true;
        if (line) event = handler->event ? etl_test_decode_(test, handler->event, *line, event_type) : NULL;
        if (test->result == ETL_OK) etl_test_call_(test, handler, event);
    }
    if (!handled) etl_test_refuse_(test, ETL_REJECT, "no handler of '%.*s'", (int)event_type.size, event_type.data);
    if (test->result != ETL_OK) etl_test_clear_(&test->effects);
    return test->result;
}

static inline void etl_test_begin_(struct etl_test *test)
{
    etl_test_free_(&test->borrowed);
    etl_test_clear_(&test->effects);
    etl_test_clear_(&test->reason);
    test->result = ETL_OK;
    test->effect_count = 0;
    if (test->load_error.size) etl_test_refuse_(test, ETL_FAIL, "the plugin did not load: %s", test->load_error.data);
}

/* Gives an event to all handlers of its type, in order, until one refuses. `event` is their event's struct: etl_test_handle(t,
 * "buy", &(struct transaction){.amount = etl_decimal_of(2, 0)}). Handlers of one type that want different structs: see
 * etl_test_line(). */
static inline etl_result etl_test_handle(struct etl_test *test, const char *event_type, const void *event)
{
    etl_string type = {event_type, strlen(event_type)};
    etl_test_begin_(test);
    return etl_test_event_(test, type, event, NULL);
}

/* Lines have their event type under this key, as `source.event_type` of a pipeline has it: dots lead into objects. "event_type",
 * where nothing is said. The string must outlive the test, as literals do. */
static inline void etl_test_event_type(struct etl_test *test, const char *path)
{
    test->event_type = path;
}

/* The same as etl_test_handle() with a logline, of which each handler gets its fields. The line must be valid JSON; a field
 * that is missing or of the wrong kind refuses the event. Repeated fields are not noticed here; the host refuses them. */
static inline etl_result etl_test_line(struct etl_test *test, const char *line)
{
    etl_json json = {line, strlen(line)}, value;
    etl_string type;
    struct etl_test_context_ context;
    memset(&context, 0, sizeof context);
    context.context.size = sizeof context.context;
    context.context.allocate = etl_test_allocate_;
    context.test = test;
    etl_test_begin_(test);
    if (!etl_test_find_(json, test->event_type, &value) || !etl_json_string(&context.context, value, &type))
        return etl_test_refuse_(test, ETL_REJECT, "the line has no event type under '%s', or is not JSON", test->event_type);
    return etl_test_event_(test, type, NULL, &json);
}

/* ------------------------------------------------------------------------------------------------- expectations */

/* Counts and prints a failure unless `condition` holds. */
#define etl_test_expect(test, condition) etl_test_expect_((test), __FILE__, __LINE__, (condition), #condition)
/* The plugin loaded. */
#define etl_test_expect_loaded(test) etl_test_expect_load_error(test, "")
/* The plugin did not load, for exactly this reason. */
#define etl_test_expect_load_error(test, text) \
    etl_test_expect_text_((test), __FILE__, __LINE__, "load error", etl_test_load_error(test), (text))
/* The last event was handled, with exactly these effects in this order. */
#define etl_test_expect_effects(test, ...) \
    etl_test_expect_effects_((test), __FILE__, __LINE__, (const char *const[]){__VA_ARGS__}, \
                             sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))
/* The last event was handled, without effects. */
#define etl_test_expect_nothing(test) etl_test_expect_effects_((test), __FILE__, __LINE__, NULL, 0)
/* The last event was refused, for exactly this reason. */
#define etl_test_expect_reject(test, text) etl_test_expect_reason_((test), __FILE__, __LINE__, ETL_REJECT, (text))
/* The last event stopped the run, for exactly this reason. */
#define etl_test_expect_fail(test, text) etl_test_expect_reason_((test), __FILE__, __LINE__, ETL_FAIL, (text))

static inline bool etl_test_expect_(struct etl_test *test, const char *file, int line, bool holds, const char *condition)
{
    if (!holds) {
        fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
        test->failures++;
    }
    return holds;
}

static inline bool etl_test_expect_text_(struct etl_test *test, const char *file, int line, const char *what, const char *got,
                                         const char *wanted)
{
    if (!strcmp(got, wanted)) return true;
    fprintf(stderr, "%s:%d: %s\n  got:    %s\n  wanted: %s\n", file, line, what, got, wanted);
    test->failures++;
    return false;
}

static inline bool etl_test_expect_result_(struct etl_test *test, const char *file, int line, etl_result wanted)
{
    static const char *const names[] = {"ETL_OK", "ETL_REJECT", "ETL_FAIL"};
    if (test->result == wanted) return true;
    fprintf(stderr, "%s:%d: result\n  got:    %s (%s)\n  wanted: %s\n", file, line, names[test->result], test->reason.data,
            names[wanted]);
    test->failures++;
    return false;
}

static inline bool etl_test_expect_reason_(struct etl_test *test, const char *file, int line, etl_result result,
                                           const char *reason)
{
    return etl_test_expect_result_(test, file, line, result) &&
           etl_test_expect_text_(test, file, line, "reason", etl_test_reason(test), reason);
}

static inline bool etl_test_expect_effects_(struct etl_test *test, const char *file, int line, const char *const *lines,
                                            size_t count)
{
    struct etl_test_text_ wanted = {NULL, 0, 0};
    etl_test_clear_(&wanted);
    for (size_t i = 0; i < count; i++) {
        etl_test_put_(&wanted, lines[i], strlen(lines[i]));
        etl_test_put_(&wanted, "\n", 1);
    }
    bool holds = etl_test_expect_result_(test, file, line, ETL_OK) &&
                 etl_test_expect_text_(test, file, line, "effects", etl_test_effects(test), wanted.data);
    free(wanted.data);
    return holds;
}

#ifdef __cplusplus
}
#endif

#endif
