/* SPDX-License-Identifier: MIT
 * partition_by: checks before the run, advice, and comparison of values during it. */
#include "base/fields.h"
#include "dispatch/dispatch_impl.h"

/* ---- before the first event: do all have the value? */

static bool has_key(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table_key_count(table); i++)
        if (!strcmp(table_column(table, i)->name, name)) return true;
    return false;
}

static bool is_partitioned(const struct dispatch *dispatch, const struct table *table)
{
    for (size_t i = 0; i < dispatch->partitioned_count; i++)
        if (dispatch->partitioned[i] == table) return true;
    return false;
}

/* Adds the tables that this handler reads. */
static void add_tables(struct dispatch *dispatch, const struct context *context, struct place place,
                       struct diagnostics *diagnostics)
{
    for (unsigned i = 0; i < context->reads.count; i++) {
        struct table *table = binding_table(context->reads.items[i].binding);
        if (is_partitioned(dispatch, table)) continue;
        dispatch->partitioned = reallocate(dispatch->partitioned, (dispatch->partitioned_count + 1) * sizeof(struct table *));
        dispatch->partitioned[dispatch->partitioned_count++] = table;
        if (!has_key(table, dispatch->partition_by))
            diagnostics_add(diagnostics, SEVERITY_ERROR, place,
                            "partition_by '%s' is no key field of effect '%s', which plugin '%s', %s reads",
                            dispatch->partition_by, table_name(table), context->handler.plugin->name, context->call.what);
        else effects_partition(dispatch->effects, table, dispatch->partition_by);
    }
}

void partition_bind(struct context *context, struct use *use)
{
    const struct dispatch *dispatch = context->dispatch;
    const struct etl_event *event = context->handler.event;
    if (!is_partitioned(dispatch, binding_table(use->binding))) return;
    const struct etl_field *key = declaration_find(&use->effect->record, dispatch->partition_by);
    const struct etl_field *field = event ? declaration_find(&event->record, dispatch->partition_by) : NULL;
    if (!key || !field || field->kind != key->kind || field->optional) return;
    use->partition = (struct partition){.kind = key->kind, .effect_offset = key->offset, .event_offset = field->offset};
}

static void check_uses(struct context *context, struct uses *uses, const char *does, struct place place,
                       struct diagnostics *diagnostics)
{
    const char *by = context->dispatch->partition_by;
    for (unsigned i = 0; i < uses->count; i++) {
        struct use *use = &uses->items[i];
        struct table *table = binding_table(use->binding);
        if (!is_partitioned(context->dispatch, table) || !has_key(table, by)) continue;
        partition_bind(context, use);
        if (use->partition.kind) continue;
        diagnostics_add(diagnostics, SEVERITY_ERROR, place,
                        "plugin '%s', %s %s '%s', so its event must have a field '%s' of kind %s, not optional, for partition_by",
                        context->handler.plugin->name, context->call.what, does, table_name(table), by,
                        kinds[declaration_find(&use->effect->record, by)->kind].name);
    }
}

static const char *field_path(const struct etl_field *field)
{
    return field->path ? field->path : field->name;
}

static bool touches_partition(const struct context *context)
{
    for (unsigned i = 0; i < context->emits.count; i++)
        if (context->emits.items[i].partition.kind) return true;
    for (unsigned i = 0; i < context->reads.count; i++)
        if (context->reads.items[i].partition.kind) return true;
    return false;
}

/* One thread handles an event, so all its handlers must use the same value. */
static void check_chain(struct dispatch *dispatch, struct chain *chain, struct place place, struct diagnostics *diagnostics)
{
    const struct etl_field *first = NULL;
    for (size_t i = 0; i < chain->count; i++) {
        const struct context *context = chain->items[i];
        if (!touches_partition(context)) continue;
        const struct etl_field *field = declaration_find(&context->handler.event->record, dispatch->partition_by);
        if (!first) {
            first = field;
            chain->partition_kind = field->kind;
            chain->partition_offset = context->handler.event_offset + field->offset;
        } else if (field->kind != first->kind || strcmp(field_path(field), field_path(first)))
            diagnostics_add(diagnostics, SEVERITY_ERROR, place,
                            "handlers of event type '%s' take '%s' from different fields, '%s' and '%s': "
                            "for partition_by it must be one",
                            context->handler.event_type, dispatch->partition_by, field_path(first), field_path(field));
    }
}

void partition_check(struct dispatch *dispatch, const struct config *config, struct diagnostics *diagnostics)
{
    struct place place = config->partition_by.place;
    dispatch->partition_by = config->partition_by.value;
    if (!dispatch->partition_by) return;
    for (size_t i = 0; i < dispatch->context_count; i++) add_tables(dispatch, dispatch->contexts[i], place, diagnostics);
    for (size_t i = 0; i < dispatch->context_count; i++) {
        check_uses(dispatch->contexts[i], &dispatch->contexts[i]->emits, "emits", place, diagnostics);
        check_uses(dispatch->contexts[i], &dispatch->contexts[i]->reads, "reads", place, diagnostics);
    }
    for (size_t i = 0; i < dispatch->chain_count; i++) check_chain(dispatch, &dispatch->chains[i], place, diagnostics);
}

/* ---- advice */

static bool is_read(const struct dispatch *dispatch, const struct table *table)
{
    for (size_t i = 0; i < dispatch->context_count; i++) {
        const struct handler *handler = &dispatch->contexts[i]->handler;
        for (unsigned k = 0; k < handler->read_count; k++)
            if (binding_table(handler->reads[k]) == table) return true;
    }
    return false;
}

static bool fits_uses(const struct context *context, const struct uses *uses, const char *key)
{
    const struct etl_event *event = context->handler.event;
    const struct etl_field *field = event ? declaration_find(&event->record, key) : NULL;
    for (unsigned i = 0; i < uses->declared; i++) {
        const struct table *table = binding_table(uses->items[i].binding);
        if (!is_read(context->dispatch, table)) continue;
        if (!has_key(table, key) || !field || field->optional) return false;
        if (field->kind != declaration_find(&uses->items[i].effect->record, key)->kind) return false;
    }
    return true;
}

bool dispatch_could_partition(const struct dispatch *dispatch, const char *key)
{
    for (size_t i = 0; i < dispatch->context_count; i++) {
        const struct context *context = dispatch->contexts[i];
        if (!fits_uses(context, &context->emits, key) || !fits_uses(context, &context->reads, key)) return false;
    }
    return true;
}

/* ---- during the run: is it the event's value? */

/* A text without data is not a value: the encoder refuses it. */
static bool same_text(etl_string a, etl_string b)
{
    return (a.size && !a.data) || etl_string_equal(a, b);
}

static bool same_value(uint32_t kind, const void *given, const void *wanted)
{
    switch (kind) {
    case ETL_KIND_STRING: return same_text(*(const etl_string *)given, *(const etl_string *)wanted);
    case ETL_KIND_BOOL: return *(const bool *)given == *(const bool *)wanted;
    case ETL_KIND_DECIMAL: return !etl_decimal_compare(*(const etl_decimal *)given, *(const etl_decimal *)wanted);
    /* int64, and timestamps, which are stored as one */
    default: return *(const int64_t *)given == *(const int64_t *)wanted;
    }
}

struct value_text {
    char text[200];
};

static struct value_text value_text(uint32_t kind, const void *value)
{
    struct value_text t;
    const etl_string *string = value;
    switch (kind) {
    case ETL_KIND_STRING:
        snprintf(t.text, sizeof t.text, "'%.*s'", string->size < 150 ? (int)string->size : 150, string->data ? string->data : "");
        break;
    case ETL_KIND_BOOL: snprintf(t.text, sizeof t.text, "%s", *(const bool *)value ? "true" : "false"); break;
    case ETL_KIND_DECIMAL: snprintf(t.text, sizeof t.text, "%s", etl_decimal_text(*(const etl_decimal *)value).text); break;
    case ETL_KIND_TIMESTAMP: snprintf(t.text, sizeof t.text, "%s", etl_timestamp_text(*(const etl_timestamp *)value).text); break;
    default: snprintf(t.text, sizeof t.text, "%" PRId64, *(const int64_t *)value); break;
    }
    return t;
}

bool partition_matches(const struct context *context, const struct use *use, const void *record, struct error *error)
{
    const struct partition *partition = &use->partition;
    const void *given = (const char *)record + partition->effect_offset;
    const void *wanted = (const char *)context->event + partition->event_offset;
    if (same_value(partition->kind, given, wanted)) return true;
    return error_set(error, "partition key '%s' of effect '%s' is %s, but the event's is %s", context->dispatch->partition_by,
                     use->effect->record.name, value_text(partition->kind, given).text,
                     value_text(partition->kind, wanted).text);
}
