/* SPDX-License-Identifier: MIT
 * A plugin to copy. It counts visits to the pages of a site; every part of a plugin is here once.
 *
 * To make it yours: copy template.c and template_test.c under your name (the test includes the plugin by its name, too), put your
 * events and effects in, and build them:
 *     cc $(pkg-config --cflags etl-sdk) -shared -fPIC -o visits.so visits.c
 *     cc $(pkg-config --cflags etl-sdk) -o visits_test visits_test.c && ./visits_test
 * In the repository of etl-host a plugin is a folder in plugins/ and a name in plugins/meson.build. */
#include <etl.h>

/* What the handler wants of a logline such as
 *     {"event_type":"visit","page":"/home","seconds":2.5,"at":"2024-01-02T03:04:05Z","visitor":{"id":7}}
 * The C type of a member is the kind of its field. */
struct visit {
    etl_string page;
    etl_decimal seconds;
    etl_timestamp at;
    int64_t visitor;
    bool has_visitor;
};
ETL_EVENT(visit, ETL_FIELD(visit, page), ETL_FIELD(visit, seconds), ETL_FIELD(visit, at),
          ETL_OPTIONAL_AT(visit, visitor, has_visitor, "visitor.id"));

/* What it says of state: a row a page, and how each column of it is made from the effects that reach it. */
struct page_visits {
    etl_string page;
    int64_t visits;
    etl_decimal seconds, longest;
    etl_timestamp last_visit;
};
ETL_EFFECT(page_visits, ETL_KEY(page_visits, page), ETL_COUNT(page_visits, visits), ETL_SUM(page_visits, seconds),
           ETL_MAX(page_visits, longest), ETL_LAST(page_visits, last_visit));

/* What the handler is configured with. Made by init, handed to each call, changed by none. */
struct settings {
    etl_decimal longest_seconds;
    bool anonymous;
};

/* From the event to effects, and nothing else: no globals, no files, no clock. */
static etl_result handle_visit(struct etl_context *context, const void *event)
{
    const struct visit *v = event;
    const struct settings *settings = etl_data(context);

    if (etl_decimal_sign(v->seconds) < 0 || etl_decimal_compare(v->seconds, settings->longest_seconds) > 0)
        return etl_reject(context, "a visit of %s seconds", etl_decimal_text(v->seconds).text);
    if (!v->has_visitor && !settings->anonymous) return ETL_OK; /* not counted, and nothing wrong with it */

    etl_emit(context, page_visits, .page = v->page, .seconds = v->seconds, .longest = v->seconds, .last_visit = v->at);
    return ETL_OK;
}

/* Called once, when the plugin is loaded: reads the `config:` block and says what is handled. */
ETL_PLUGIN("template", "1.0.0", "Visits to pages")
{
    struct settings *settings = etl_host_allocate(host, sizeof *settings);
    settings->anonymous = etl_config_bool(host, "anonymous", true);
    settings->longest_seconds = etl_config_decimal(host, "longest_seconds", etl_decimal_of(86400, 0));
    if (etl_decimal_sign(settings->longest_seconds) <= 0) return etl_host_fail(host, "'longest_seconds' must be above 0");

    etl_handle(host, .event_type = "visit", .event = &visit, .handle = handle_visit, .emits = {&page_visits}, .data = settings);
    return ETL_OK;
}
