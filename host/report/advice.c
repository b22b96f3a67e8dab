/* SPDX-License-Identifier: MIT
 * Sampling the first lines of the log, and the advice drawn from them. */
#include "report/advice.h"
#include "base/figures.h"
#include "base/memory.h"
#include "decode/decoder.h"
#include "report/grid.h"
#include "run/run.h"

#include <inttypes.h>
#include <stdlib.h>

enum { LINES_MAX = 1000, TYPES_SHOWN = 5, NAMES_SHOWN = 10, NAME_MAX_SHOWN = 60 /* bytes */ };

struct seen {
    char *type; /* in quotes */
    uint64_t count;
};

/* What the first lines of the log contain. */
struct sample {
    const struct run *pipeline;
    uint64_t lines;
    bool whole, objects; /* all lines were read; some are objects, as expected */
    struct seen seen[LINES_MAX];      /* event types without a handler */
    size_t seen_count;
    struct buffer keys;               /* of the first object without an event type */
    /* the key under which a handled event type was found, and that type; empty: none */
    struct buffer key, type;
    struct error bad; /* the fault of the first line that is malformed or invalid */
    uint64_t keys_line, key_line, bad_line; /* their line numbers; 0: none */
};

/* ---- lists of names */

/* Adds the name in quotes, cut to what can be read at a glance. */
static void add_quoted(struct buffer *to, const char *name, size_t size)
{
    size_t shown = size < NAME_MAX_SHOWN ? size : NAME_MAX_SHOWN;
    /* not within a character */
    while (shown < size && shown && ((unsigned char)name[shown] & 0xC0) == 0x80) shown--;
    buffer_format(to, "'%.*s%s'", (int)shown, name, shown < size ? "..." : "");
}

static void add_name(struct buffer *list, size_t index, const char *name, size_t size)
{
    if (index > NAMES_SHOWN) return;
    if (index) buffer_add_text(list, ", ");
    if (index == NAMES_SHOWN) buffer_add_text(list, "...");
    else add_quoted(list, name, size);
}

static int by_count(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return strcmp(x->type, y->type);
}

static void list_seen(struct sample *sample, struct buffer *list)
{
    qsort(sample->seen, sample->seen_count, sizeof *sample->seen, by_count);
    for (size_t i = 0; i < sample->seen_count && i < TYPES_SHOWN; i++)
        buffer_format(list, "%s%s (%s)", i ? ", " : "", sample->seen[i].type, figure_count(sample->seen[i].count).text);
    if (sample->seen_count > TYPES_SHOWN) buffer_add_text(list, ", ...");
    if (sample->seen_count && !sample->whole) buffer_format(list, " in the first %s lines", figure_count(sample->lines).text);
}

/* Lists each handled type once, in the order of registration. */
static void list_handled(const struct run *p, struct buffer *list)
{
    const struct handler *first;
    for (unsigned type = 0; type < schema_event_type_count(p->parts.schema); type++)
        if ((first = dispatch_chain(p->parts.dispatch, type, 0))) add_name(list, type, first->event_type, strlen(first->event_type));
}

/* ---- a line of the sample */

static void see_type(struct sample *sample, etl_string type)
{
    struct buffer quoted = {0};
    struct seen *seen = sample->seen;
    add_quoted(&quoted, type.data, type.size);
    while (seen < sample->seen + sample->seen_count && !etl_string_is((etl_string){quoted.data, quoted.size}, seen->type)) seen++;
    if (seen == sample->seen + sample->seen_count) {
        seen->type = format_text("%.*s", (int)quoted.size, quoted.data);
        sample->seen_count++;
    }
    seen->count++;
    buffer_finish(&quoted);
}

/* Adds the key as part of a path: its own dots and backslashes are escaped. */
static void add_key(struct buffer *path, etl_json key)
{
    char *text = allocate(key.size + 1);
    size_t size = etl_json_unescape(key, text);
    for (size_t i = 0; i < size && size != ETL_JSON_BAD; i++) {
        if (text[i] == '.' || text[i] == '\\') buffer_add(path, "\\", 1);
        buffer_add(path, &text[i], 1);
    }
    free(text);
}

static const char *handled_type(const struct run *p, etl_json value)
{
    for (size_t i = 0; i < dispatch_handler_count(p->parts.dispatch); i++) {
        const char *type = dispatch_handler(p->parts.dispatch, i)->event_type;
        if (etl_json_string_is(value, type)) return type;
    }
    return NULL;
}

/* Is a member of the object a handled type? `outer`: the key of the object, if it is
 * nested. */
static bool find_key(struct sample *sample, etl_json object, const etl_json *outer, uint64_t line)
{
    struct etl_json_iterator it = etl_json_iterate(object);
    for (etl_json item; etl_json_next(&it, &item);) {
        const char *type = handled_type(sample->pipeline, item);
        if (!type && !outer && etl_json_type(item) == ETL_JSON_OBJECT && find_key(sample, item, &it.key, line)) return true;
        if (!type) continue;
        if (outer) add_key(&sample->key, *outer), buffer_add_text(&sample->key, ".");
        add_key(&sample->key, it.key);
        buffer_add_text(&sample->type, type);
        sample->key_line = line;
        return true;
    }
    return false;
}

static void list_keys(struct sample *sample, etl_json object, uint64_t line)
{
    struct etl_json_iterator it = etl_json_iterate(object);
    size_t count = 0;
    for (etl_json item; etl_json_next(&it, &item); count++) {
        struct buffer key = {0};
        add_key(&key, it.key);
        add_name(&sample->keys, count, key.data, key.size);
        buffer_finish(&key);
    }
    sample->keys_line = line;
}

static void note_bad(struct sample *sample, const struct logline *line, const char *reason)
{
    if (sample->bad_line) return;
    sample->bad_line = logline_line(line);
    error_set(&sample->bad, "%s", reason);
}

/* Removes the white space around a line. */
static etl_json trimmed(const struct logline *line)
{
    static const char blanks[] = " \t\r";
    etl_json json = {line->data, line->size};
    while (json.size && memchr(blanks, *json.data, sizeof blanks - 1)) json.data++, json.size--;
    while (json.size && memchr(blanks, json.data[json.size - 1], sizeof blanks - 1)) json.size--;
    return json;
}

static void look_at(struct sample *sample, struct decoder *decoder, const struct logline *line)
{
    if (logline_full_size(line) > line->size) {
        note_bad(sample, line, "longer than source.max_line");
        return;
    }
    enum verdict verdict = decoder_decode(decoder, line->data, line->size).verdict;
    if (verdict == VERDICT_BLANK || verdict == VERDICT_EVENT) return;
    etl_json json = trimmed(line);
    bool object = json_valid(json.data, json.size) && etl_json_type(json) == ETL_JSON_OBJECT;
    sample->objects |= object;
    if (verdict == VERDICT_UNHANDLED) see_type(sample, decoder_event_type(decoder));
    else note_bad(sample, line, decoder_reason(decoder));
    if (object && !sample->key.size) find_key(sample, json, NULL, logline_line(line));
    if (object && verdict == VERDICT_MALFORMED && !sample->keys.size) list_keys(sample, json, logline_line(line));
}

static void sample_take(struct sample *sample)
{
    const struct run *p = sample->pipeline;
    struct diagnostics diagnostics = {0};
    struct decoder *decoder = decoder_create(p->parts.schema);
    struct source *source = source_create(p->plan.config, &diagnostics);
    struct block block;
    struct logline line;
    struct error error;
    while (sample->lines < LINES_MAX && source_next(source, &block, &error) > 0) {
        struct block_lines lines = block_lines(&block);
        for (; sample->lines < LINES_MAX && block_lines_next(&lines, &line); sample->lines++) look_at(sample, decoder, &line);
    }
    sample->whole = sample->lines == tally_lines(&p->tally);
    source_destroy(source);
    decoder_destroy(decoder);
    diagnostics_finish(&diagnostics);
}

static void sample_finish(struct sample *sample)
{
    for (size_t i = 0; i < sample->seen_count; i++) free(sample->seen[i].type);
    buffer_finish(&sample->keys);
    buffer_finish(&sample->key);
    buffer_finish(&sample->type);
}

/* ---- the text */

static void add_list(struct grid *grid, const char *label, struct buffer *list)
{
    if (list->size) grid_add(grid, "%s", label), grid_add(grid, "%.*s", (int)list->size, list->data);
    buffer_finish(list);
}

static void add_types(struct grid *grid, struct sample *sample)
{
    const struct run *p = sample->pipeline;
    struct buffer key = {0}, seen = {0}, handled = {0};
    buffer_format(&key, "'%s'", p->plan.config->source.event_type.value);
    if (sample->key.size)
        buffer_format(&key, " (did you mean '%.*s'? in line %" PRIu64 " it is '%.*s')", (int)sample->key.size, sample->key.data,
                      sample->key_line, (int)sample->type.size, sample->type.data);
    else if (sample->keys.size)
        buffer_format(&key, ", but line %" PRIu64 " has %.*s", sample->keys_line, (int)sample->keys.size, sample->keys.data);
    add_list(grid, "source.event_type", &key);
    list_seen(sample, &seen);
    if (!sample->seen_count && tally_count(&p->tally, FATE_UNHANDLED))
        buffer_add_text(&seen, "not kept, as rejects.unhandled is skip: reject shows them");
    add_list(grid, "event types seen", &seen);
    list_handled(p, &handled);
    add_list(grid, "event types handled", &handled);
}

/* Adds the most frequent fault. */
static void add_reason(struct grid *grid, const struct sample *sample)
{
    const struct run *p = sample->pipeline;
    struct reason most;
    uint64_t rest;
    grid_add(grid, "reason");
    if (reasons_rank(&p->tally.reasons, &most, 1, &rest))
        grid_add(grid, "%s (%s of %s rejects)", most.text, figure_count(most.count).text,
                 figure_count(tally_count(&p->tally, FATE_REJECTED)).text);
    else if (sample->bad_line) grid_add(grid, "%s, in line %" PRIu64, sample->bad.text, sample->bad_line);
    else grid_add(grid, "not kept, as rejects.invalid is skip: reject shows it");
}

/* The number of lines whose event type is a handled one. */
static uint64_t count_typed(const struct run *p)
{
    uint64_t lines = 0;
    for (unsigned type = 0; type < schema_event_type_count(p->parts.schema); type++)
        for (enum fate fate = 0; fate < FATE_COUNT; fate++) lines += p->tally.outcomes[outcome_of(type, fate)];
    return lines;
}

static void add_rows(struct grid *grid, struct sample *sample, bool typed)
{
    const struct run *p = sample->pipeline;
    bool sampled = sample->lines, unhandled = tally_count(&p->tally, FATE_UNHANDLED) || sample->seen_count;
    bool about_types = !typed && (sample->objects || unhandled || !sampled);
    if (about_types) add_types(grid, sample);
    else if (!typed) grid_add_row(grid, (const char *const[]){"source.format", "jsonl: a JSON object a line", NULL});
    if (!about_types || (!sampled && !unhandled)) add_reason(grid, sample);
}

void advice_print(const struct run *p, FILE *to)
{
    static const struct grid_column columns[2];
    uint64_t lines = tally_lines(&p->tally);
    bool typed = count_typed(p);
    if (tally_count(&p->tally, FATE_HANDLED) || lines == tally_count(&p->tally, FATE_BLANK)) return;
    if (typed && !p->tally.played) return; /* the error says it */
    struct sample sample = {.pipeline = p};
    struct grid grid;
    if (source_bytes(p->parts.source)) sample_take(&sample);
    grid_init(&grid, columns, 2);
    add_rows(&grid, &sample, typed);
    if (!p->plan.quiet) fputc('\n', to);
    if (lines == 1) fputs("etl-host: warning: the one logline was not handled\n", to);
    else fprintf(to, "etl-host: warning: none of %s loglines was handled\n", figure_count(lines).text);
    grid_print(&grid, 2, to);
    grid_finish(&grid);
    sample_finish(&sample);
}
