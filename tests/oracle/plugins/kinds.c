/* SPDX-License-Identifier: MIT
 * Fields, keys and folds of every kind. */
#include "oracle.h"

struct all {
    etl_string s;
    int64_t i;
    double d;
    bool b;
    etl_decimal m;
    etl_timestamp t;
    etl_json j;
    bool refuse, has_refuse;
};
ETL_EVENT(all, ETL_FIELD(all, s), ETL_FIELD(all, i), ETL_FIELD(all, d), ETL_FIELD(all, b), ETL_FIELD(all, m), ETL_FIELD(all, t),
          ETL_FIELD(all, j), ETL_OPTIONAL(all, refuse, has_refuse));

struct folds {
    etl_string s;
    int64_t n;
    int64_t sum_i, last_i, first_i, min_i, max_i;
    double sum_d, last_d, first_d, min_d, max_d;
    etl_decimal sum_m, last_m, first_m, min_m, max_m;
    etl_string last_s, first_s, min_s, max_s;
    bool last_b, first_b, min_b, max_b;
    etl_timestamp last_t, first_t, min_t, max_t;
    etl_json last_j, first_j;
};
ETL_EFFECT(folds, ETL_KEY(folds, s), ETL_COUNT(folds, n),
           ETL_SUM(folds, sum_i), ETL_LAST(folds, last_i), ETL_FIRST(folds, first_i), ETL_MIN(folds, min_i),
           ETL_MAX(folds, max_i),
           ETL_SUM(folds, sum_d), ETL_LAST(folds, last_d), ETL_FIRST(folds, first_d), ETL_MIN(folds, min_d),
           ETL_MAX(folds, max_d),
           ETL_SUM(folds, sum_m), ETL_LAST(folds, last_m), ETL_FIRST(folds, first_m), ETL_MIN(folds, min_m),
           ETL_MAX(folds, max_m),
           ETL_LAST(folds, last_s), ETL_FIRST(folds, first_s), ETL_MIN(folds, min_s), ETL_MAX(folds, max_s),
           ETL_LAST(folds, last_b), ETL_FIRST(folds, first_b), ETL_MIN(folds, min_b), ETL_MAX(folds, max_b),
           ETL_LAST(folds, last_t), ETL_FIRST(folds, first_t), ETL_MIN(folds, min_t), ETL_MAX(folds, max_t),
           ETL_LAST(folds, last_j), ETL_FIRST(folds, first_j));

struct keys {
    bool b;
    etl_decimal m;
    etl_timestamp t;
    int64_t i;
    etl_string s;
    int64_t n;
};
ETL_EFFECT(keys, ETL_KEY(keys, b), ETL_KEY(keys, m), ETL_KEY(keys, t), ETL_KEY(keys, i), ETL_KEY(keys, s), ETL_COUNT(keys, n));

struct by_m { etl_decimal m; int64_t n; };
ETL_EFFECT(by_m, ETL_KEY(by_m, m), ETL_COUNT(by_m, n));
struct by_t { etl_timestamp t; int64_t n; };
ETL_EFFECT(by_t, ETL_KEY(by_t, t), ETL_COUNT(by_t, n));
struct by_i { int64_t i; int64_t n; };
ETL_EFFECT(by_i, ETL_KEY(by_i, i), ETL_COUNT(by_i, n));
struct by_b { bool b; int64_t n; };
ETL_EFFECT(by_b, ETL_KEY(by_b, b), ETL_COUNT(by_b, n));

static etl_result handle_all(struct etl_context *context, const void *event)
{
    const struct all *a = event;

    etl_emit(context, folds, .s = a->s,
             .sum_i = a->i, .last_i = a->i, .first_i = a->i, .min_i = a->i, .max_i = a->i,
             .sum_d = a->d, .last_d = a->d, .first_d = a->d, .min_d = a->d, .max_d = a->d,
             .sum_m = a->m, .last_m = a->m, .first_m = a->m, .min_m = a->m, .max_m = a->m,
             .last_s = a->s, .first_s = a->s, .min_s = a->s, .max_s = a->s,
             .last_b = a->b, .first_b = a->b, .min_b = a->b, .max_b = a->b,
             .last_t = a->t, .first_t = a->t, .min_t = a->t, .max_t = a->t, .last_j = a->j, .first_j = a->j);
    etl_emit(context, keys, .b = a->b, .m = a->m, .t = a->t, .i = a->i, .s = a->s);
    if (a->refuse) return etl_reject(context, "told to refuse '%.*s'", (int)a->s.size, a->s.data);
    etl_emit(context, by_m, .m = a->m);
    etl_emit(context, by_t, .t = a->t);
    etl_emit(context, by_i, .i = a->i);
    etl_emit(context, by_b, .b = a->b);
    return ETL_OK;
}

struct maybe {
    etl_string k, s;
    int64_t i;
    double d;
    bool b;
    etl_decimal m;
    etl_timestamp t, ms;
    etl_json j;
    bool has_s, has_i, has_d, has_b, has_m, has_t, has_ms, has_j;
};
ETL_EVENT(maybe, ETL_FIELD(maybe, k), ETL_OPTIONAL(maybe, s, has_s), ETL_OPTIONAL(maybe, i, has_i), ETL_OPTIONAL(maybe, d, has_d),
          ETL_OPTIONAL(maybe, b, has_b), ETL_OPTIONAL(maybe, m, has_m), ETL_OPTIONAL(maybe, t, has_t),
          ETL_OPTIONAL_TIMESTAMP_AT(maybe, ms, has_ms, "t_ms", ETL_MILLISECONDS), ETL_OPTIONAL(maybe, j, has_j));

struct rare {
    etl_string k;
    int64_t sum_i, max_i, n;
    double sum_d, min_d;
    bool last_b, max_b;
    etl_decimal sum_m, first_m, max_m;
    etl_string last_s, first_s, min_s;
    etl_timestamp min_t, max_ms;
    etl_json last_j, first_j;
    bool has_s, has_i, has_d, has_b, has_m, has_t, has_ms, has_j;
};
ETL_EFFECT(rare, ETL_KEY(rare, k), ETL_SUM_OPTIONAL(rare, sum_i, has_i), ETL_MAX_OPTIONAL(rare, max_i, has_i),
           ETL_COUNT_OPTIONAL(rare, n, has_i), ETL_SUM_OPTIONAL(rare, sum_d, has_d), ETL_MIN_OPTIONAL(rare, min_d, has_d),
           ETL_LAST_OPTIONAL(rare, last_b, has_b), ETL_MAX_OPTIONAL(rare, max_b, has_b), ETL_SUM_OPTIONAL(rare, sum_m, has_m),
           ETL_FIRST_OPTIONAL(rare, first_m, has_m), ETL_MAX_OPTIONAL(rare, max_m, has_m), ETL_LAST_OPTIONAL(rare, last_s, has_s),
           ETL_FIRST_OPTIONAL(rare, first_s, has_s), ETL_MIN_OPTIONAL(rare, min_s, has_s), ETL_MIN_OPTIONAL(rare, min_t, has_t),
           ETL_MAX_OPTIONAL(rare, max_ms, has_ms), ETL_LAST_OPTIONAL(rare, last_j, has_j),
           ETL_FIRST_OPTIONAL(rare, first_j, has_j));

static etl_result handle_maybe(struct etl_context *context, const void *event)
{
    const struct maybe *m = event;

    etl_emit(context, rare, .k = m->k, .sum_i = m->i, .max_i = m->i, .has_i = m->has_i, .sum_d = m->d, .min_d = m->d,
             .has_d = m->has_d, .last_b = m->b, .max_b = m->b, .has_b = m->has_b, .sum_m = m->m, .first_m = m->m, .max_m = m->m,
             .has_m = m->has_m, .last_s = m->s, .first_s = m->s, .min_s = m->s, .has_s = m->has_s, .min_t = m->t,
             .has_t = m->has_t,
             .max_ms = m->ms, .has_ms = m->has_ms, .last_j = m->j, .first_j = m->j, .has_j = m->has_j);
    return ETL_OK;
}

struct path {
    int64_t id, z, w;
    etl_string name, type;
    etl_decimal dotted;
    etl_json actor;
    bool has_name, has_dotted, has_actor, has_z, has_w;
};
ETL_EVENT(path, ETL_EVENT_TYPE(path, type), ETL_FIELD_AT(path, id, "actor.id"),
          ETL_OPTIONAL_AT(path, name, has_name, "actor.name"),
          ETL_OPTIONAL_AT(path, dotted, has_dotted, "a\\.b.c"), ETL_OPTIONAL_AT(path, actor, has_actor, "actor"),
          ETL_OPTIONAL_AT(path, z, has_z, "x.y.z"), ETL_OPTIONAL_AT(path, w, has_w, "x.y.w"));

struct visit {
    int64_t id;
    etl_string type, name;
    etl_decimal dotted;
    etl_json actor;
    int64_t z, w;
    bool has_name, has_dotted, has_actor, has_z, has_w;
};
ETL_EFFECT(visit, ETL_KEY(visit, id), ETL_LAST(visit, type), ETL_LAST_OPTIONAL(visit, name, has_name),
           ETL_SUM_OPTIONAL(visit, dotted, has_dotted), ETL_LAST_OPTIONAL(visit, actor, has_actor),
           ETL_MAX_OPTIONAL(visit, z, has_z),
           ETL_MIN_OPTIONAL(visit, w, has_w));

static etl_result handle_path(struct etl_context *context, const void *event)
{
    const struct path *p = event;

    etl_emit(context, visit, .id = p->id, .type = p->type, .name = p->name, .has_name = p->has_name, .dotted = p->dotted,
             .has_dotted = p->has_dotted, .actor = p->actor, .has_actor = p->has_actor, .z = p->z, .has_z = p->has_z, .w = p->w,
             .has_w = p->has_w);
    return ETL_OK;
}

struct ping { bool all; int64_t n; };
ETL_EFFECT(ping, ETL_KEY(ping, all), ETL_COUNT(ping, n));

static etl_result handle_ping(struct etl_context *context, const void *event)
{
    return event ? etl_reject(context, "an event that was not asked for") : etl_emit(context, ping, .all = true);
}

ETL_PLUGIN("kinds", "1.0.0", "Fields, keys and folds of every kind")
{
    etl_handle(host, .event_type = "all", .event = &all, .handle = handle_all,
               .emits = {&folds, &keys, &by_m, &by_t, &by_i, &by_b});
    etl_handle(host, .event_type = "maybe", .event = &maybe, .handle = handle_maybe, .emits = {&rare});
    etl_handle(host, .event_type = "path", .event = &path, .handle = handle_path, .emits = {&visit});
    etl_handle(host, .event_type = "p\xC3\xA4th\n", .event = &path, .handle = handle_path, .emits = {&visit}, .name = "odd path");
    etl_handle(host, .event_type = "ping", .handle = handle_ping, .emits = {&ping});
    return ETL_OK;
}
