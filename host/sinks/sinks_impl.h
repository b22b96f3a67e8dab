/* SPDX-License-Identifier: MIT
 * sinks_impl: the interface of a format, which turns the rows of a table, or effects,
 * into text. */
#ifndef SINKS_SINKS_IMPL_H
#define SINKS_SINKS_IMPL_H

#include "sinks/output.h"
#include "sinks/sinks.h"

/* One entry of `sinks:`. */
struct sink {
    const struct config_sink *config;
    const struct sink_writer *writer;
    const struct state *state;
    const struct table *table; /* NULL: all effects */
    struct output *output;     /* "-" is one output, which several state sinks share */
    bool shared, first;        /* shared with other sinks; the first of them */
    void *data;                /* the format's own */
};

/* `begin`, `measure` and `end` run alone on a sink and add text to its output. `row`
 * and `effect` run on many threads at once and add text to `to`. A member may be NULL
 * if there is nothing to do. */
struct sink_writer {
    void (*begin)(struct sink *sink); /* before the first row or effect */
    /* called for all rows before the first is written, and before begin */
    void (*measure)(struct sink *sink, const void *row);
    void (*row)(const struct sink *sink, struct buffer *to, const void *row);
    void (*effect)(const struct sink *sink, struct buffer *to, const struct table *table, const void *entry, bool remove);
    void (*end)(struct sink *sink);    /* after the last row */
    void (*finish)(struct sink *sink); /* frees data */
};

extern const struct sink_writer sink_csv, sink_jsonl, sink_table;

#endif
