/* SPDX-License-Identifier: MIT
 * Uses all that etl.h has for authors; must compile as C17 and as C++20, without a warning. */
#include "etl.h"

struct everything {
    etl_string event_type, text, nested, absent;
    int64_t count;
    double ratio;
    bool flag, has_absent, has_late;
    etl_decimal amount;
    etl_timestamp at, late;
    etl_json raw;
};
ETL_EVENT(everything, ETL_EVENT_TYPE(everything, event_type), ETL_FIELD(everything, text),
          ETL_FIELD_AT(everything, nested, "a.b\\.c"), ETL_OPTIONAL(everything, absent, has_absent), ETL_FIELD(everything, count),
          ETL_FIELD(everything, ratio), ETL_FIELD(everything, flag),
          ETL_OPTIONAL_AT(everything, amount, has_absent, "x.amount"), ETL_TIMESTAMP_AT(everything, at, "at", ETL_MILLISECONDS),
          ETL_OPTIONAL_TIMESTAMP_AT(everything, late, has_late, "late", ETL_NANOSECONDS), ETL_FIELD(everything, raw));

struct folds {
    int64_t key, seen, seen_too;
    etl_string name;
    bool big;
    etl_decimal code, sum, sum_too, average;
    etl_timestamp day, first, first_too;
    double least, least_too, greatest, greatest_too;
    etl_json last, last_too;
    bool has;
};
ETL_EFFECT(folds, ETL_KEY(folds, key), ETL_KEY(folds, name), ETL_KEY(folds, big), ETL_KEY(folds, code), ETL_KEY(folds, day),
           ETL_SUM(folds, sum), ETL_LAST(folds, last), ETL_FIRST(folds, first), ETL_MIN(folds, least), ETL_MAX(folds, greatest),
           ETL_COUNT(folds, seen), ETL_SUM_OPTIONAL(folds, sum_too, has), ETL_LAST_OPTIONAL(folds, last_too, has),
           ETL_FIRST_OPTIONAL(folds, first_too, has), ETL_MIN_OPTIONAL(folds, least_too, has),
           ETL_MAX_OPTIONAL(folds, greatest_too, has), ETL_COUNT_OPTIONAL(folds, seen_too, has),
           ETL_VALUE_OPTIONAL(folds, average, has));

struct fill {
    int64_t account;
    etl_decimal shares, price;
};
ETL_EFFECT(fill, ETL_KEY(fill, account), ETL_VALUE(fill, shares), ETL_VALUE(fill, price));

struct cost {
    etl_decimal shares, average;
    etl_string note;
    bool has_note;
};
ETL_ROW(cost, ETL_FIELD(cost, shares), ETL_FIELD(cost, average), ETL_OPTIONAL(cost, note, has_note));

static void apply_fill(void *row, const void *effect)
{
    struct cost *c = (struct cost *)row;
    const struct fill *f = (const struct fill *)effect;
    c->shares = etl_decimal_add(c->shares, f->shares);
    c->average = etl_decimal_divide(etl_decimal_multiply(f->shares, f->price), c->shares, 4, ETL_ROUND_HALF_EVEN);
}

static etl_result handle_everything(struct etl_context *context, const void *event)
{
    const struct everything *e = (const struct everything *)event;
    const struct folds *f = etl_lookup(context, folds, .key = e->count, .name = e->text);
    const struct cost *c = etl_lookup_row(context, fill, cost, .account = e->count);
    const char *data = (const char *)etl_data(context);
    char *copy = (char *)etl_allocate(context, e->raw.size + 1);
    struct etl_json_iterator it = etl_json_iterate(e->raw);
    etl_string text = ETL_STRING("none");
    etl_decimal decimal = etl_decimal_of(12, 1);
    for (etl_json item; etl_json_next(&it, &item);)
        if (etl_json_string_is(it.key, "text") && !etl_json_string(context, item, &text)) return etl_reject(context, "no text");
    size_t count = etl_json_count(e->raw) + etl_json_count(ETL_JSON("[1,2]"));
    etl_log(context, ETL_DEBUG, "%s has %zu at %s, %s", data, count, etl_timestamp_text(e->at).text, copy);
    if (f && etl_string_equal(f->name, text) && etl_string_compare(f->name, e->text) > 0) return etl_fail(context, "%d", 1);
    if (c && etl_decimal_is_zero(c->average)) etl_remove(context, fill, .account = e->count);
    etl_emit(context, fill, .account = e->count, .shares = e->amount, .price = etl_decimal_round(decimal, 0, ETL_ROUND_UP));
    decimal = etl_decimal_max(decimal, etl_decimal_absolute(e->amount));
    return etl_emit(context, folds, .key = e->count, .name = text, .sum = decimal);
}

ETL_PLUGIN("every_macro", "1.0.0", "All that authors may write")
{
    const struct etl_effect *reads = etl_config_bool(host, "reads", true) && etl_config_has(host, "limit") ? &folds : NULL;
    char *data = (char *)etl_host_allocate(host, 100);
    struct etl_strings names = etl_config_strings(host, "names");
    snprintf(data, 100, "%s", etl_config_string(host, "name", names.count ? names.items[0] : "-"));
    if (etl_config_int64(host, "limit", 1) < 0 || etl_config_double(host, "ratio", 1) < 0 ||
        etl_decimal_sign(etl_config_decimal(host, "amount", etl_decimal_from_int64(1))) < 0)
        return etl_host_fail(host, "'%s' is below %d", "limit", 0);
    etl_host_log(host, ETL_INFO, "%s", data);
    etl_handle(host, .event_type = "everything", .event = &everything, .handle = handle_everything, .emits = {&folds, &fill},
               .reads = {reads, &fill}, .data = data, .name = "everything");
    etl_reduce(host, .effect = &fill, .row = &cost, .reduce = apply_fill, .name = "cost");
    return ETL_OK;
}
