/* SPDX-License-Identifier: MIT
 * What a format fills: how the rows of a table, or effects, become text. */
#ifndef SINKS_SINKS_IMPL_H
#define SINKS_SINKS_IMPL_H

#include "sinks/output.h"
#include "sinks/sinks.h"

/* One entry of `sinks:`. */
struct sink {
    const struct config_sink *config;
    const struct sink_writer *writer;
    const struct state *state;
    const struct table *table; /* NULL: of all effects */
    struct output *output;     /* "-" is one output, which several sinks of state share */
    bool shared, first;        /* with other sinks? the first of them? */
    void *data;                /* the format's own */
};

/* Begin, measure and end have a sink to themselves and add text to its output; rows and effects are made into text by many
 * threads at once. Members may be NULL where there is nothing to do. */
struct sink_writer {
    void (*begin)(struct sink *sink);                    /* before the first row or effect */
    void (*measure)(struct sink *sink, const void *row); /* sees all rows before the first is written, and before begin */
    void (*row)(const struct sink *sink, struct buffer *to, const void *row);
    void (*effect)(const struct sink *sink, struct buffer *to, const struct table *table, const void *entry, bool remove);
    void (*end)(struct sink *sink);    /* after the last row */
    void (*finish)(struct sink *sink); /* frees data */
};

extern const struct sink_writer sink_csv, sink_jsonl, sink_table;

#endif
