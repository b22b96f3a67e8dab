/* SPDX-License-Identifier: MIT */
#include "settle.h"

/* Where the turn ends the run: behind this line; UINT32_MAX: it does not. */
struct end {
    uint32_t line;
    bool by_reducer;
    const struct journal *journal; /* that says why; NULL: a reducer, or the limit */
};

/* The earliest of what wanted to stop. */
static struct end find_end(const struct turn *turn)
{
    struct end end = {.line = UINT32_MAX};
    for (size_t i = 0; i < turn->producers; i++) {
        const struct journal *journal = &turn->journals[i];
        if (journal->stopped && journal->stop_line <= end.line) end = (struct end){journal->stop_line, false, journal};
    }
    if (turn->failed && turn->failed_line < end.line) end = (struct end){turn->failed_line, true, NULL};
    return end;
}

/* ---- counting */

/* Of a line that does not count as handled. */
static void count_called(struct pipeline *p, const struct turn_line *line, bool by_reducer)
{
    const struct handler *handler;
    size_t called = by_reducer ? SIZE_MAX : line->called;
    for (size_t i = 0; i < called && (handler = dispatch_chain(p->dispatch, line->event_type, i)); i++) {
        struct handler_counts *counts = &p->handlers[handler->number];
        counts->called++;
        counts->refused += line->refused && i + 1 == called;
    }
}

/* Counts the lines up to `end`, which comes nearer where the limit of rejects is reached. */
static void count_lines(struct pipeline *p, const struct turn *turn, struct end *end)
{
    const uint64_t limit = p->config->rejects.limit;
    p->bytes += turn->block.oversize ? turn->block.oversize : turn->block.size;
    for (uint32_t i = 0; i < turn->line_count && i <= end->line; i++) {
        const struct turn_line *line = &turn->lines[i];
        bool by_reducer = end->by_reducer && i == end->line;
        enum fate fate = by_reducer ? FATE_REJECTED : line->fate;
        p->counts.fates[fate]++;
        if (line->event_type != NO_TYPE) p->types[line->event_type].fates[fate]++;
        if (by_reducer || line->called) count_called(p, line, by_reducer);
        if (fate == FATE_REJECTED && p->counts.fates[FATE_REJECTED] == limit && i < end->line) *end = (struct end){.line = i};
    }
}

/* ---- writing */

/* A journal as it is read: the next note, and where its text stands. */
struct reader {
    const struct journal *journal;
    size_t next, at;
};

/* The journal whose next note is of the earliest line up to `last`, or NULL. */
static struct reader *earliest(struct reader *readers, size_t count, uint32_t last)
{
    struct reader *best = NULL;
    for (size_t i = 0; i < count; i++) {
        struct reader *reader = &readers[i];
        if (reader->next == reader->journal->count) continue;
        uint32_t line = reader->journal->notes[reader->next].line;
        if (line <= last && (!best || line < best->journal->notes[best->next].line)) best = reader;
    }
    return best;
}

static bool write_note(struct pipeline *p, const struct turn *turn, struct reader *reader, const struct end *end,
                       etl_string *reason, struct error *error)
{
    const struct note *note = &reader->journal->notes[reader->next++];
    const char *text = reader->journal->text.data + reader->at;
    reader->at += note->size + note->reason_size;
    if (note->sink == NOTE_REJECT) {
        *reason = (etl_string){text + note->size, note->reason_size};
        reasons_add(&p->reasons, note->class, note->handler, *reason);
        if (rejects_are_direct(p->rejects)) progress_erase();
        return rejects_add(p->rejects, text, note->size, error);
    }
    /* the effects of a line that a reducer, or what came after them, refused do not count */
    if (turn->lines[note->line].fate != FATE_HANDLED || (end->by_reducer && note->line == end->line)) return true;
    return sinks_add_effects(p->sinks, (size_t)note->sink, text, note->size, error);
}

/* *reason: of the last reject. */
static bool write_notes(struct pipeline *p, const struct turn *turn, const struct end *end, etl_string *reason,
                        struct error *error)
{
    struct reader readers[OUTBOXES_MAX], *reader;
    for (size_t i = 0; i < turn->producers; i++) readers[i] = (struct reader){.journal = &turn->journals[i]};
    while ((reader = earliest(readers, turn->producers, end->line)))
        if (!write_note(p, turn, reader, end, reason, error)) return false;
    return true;
}

/* ---- the end of the run */

static bool stop_by_reducer(struct pipeline *p, const struct turn *turn, struct error *error)
{
    struct logline line = turn_logline(turn, turn->failed_line);
    struct reject reject = {REJECT_INVALID, turn->failure.text, NULL, NULL};
    struct buffer text = {0};
    rejects_format(&text, &line, &reject);
    reasons_add(&p->reasons, REJECT_INVALID, NO_HANDLER, (etl_string){turn->failure.text, strlen(turn->failure.text)});
    if (rejects_are_direct(p->rejects)) progress_erase();
    bool written = rejects_add(p->rejects, text.data, text.size, error);
    buffer_finish(&text);
    return written && error_set(error, "%s:%" PRIu64 ": %s", line.source, line.line, turn->failure.text);
}

static bool stop_by_limit(const struct pipeline *p, const struct turn *turn, const struct end *end, etl_string reason,
                          struct error *error)
{
    struct logline line = turn_logline(turn, end->line);
    return error_set(error, "%s:%" PRIu64 ": %.*s (stopped at reject %" PRIu64 ", as rejects.limit says)", line.source, line.line,
                     (int)reason.size, reason.data, p->counts.fates[FATE_REJECTED]);
}

static bool settle_lines(struct pipeline *p, const struct turn *turn, struct error *error)
{
    struct end end = find_end(turn);
    etl_string reason = {0};
    count_lines(p, turn, &end);
    if (!write_notes(p, turn, &end, &reason, error)) return false;
    if (end.line == UINT32_MAX) return true;
    if (end.by_reducer) return stop_by_reducer(p, turn, error);
    if (!end.journal) return stop_by_limit(p, turn, &end, reason, error);
    *error = end.journal->stop;
    return false;
}

bool settle(struct pipeline *p, const struct turn *turn, struct error *error)
{
    bool goes_on = settle_lines(p, turn, error);
    if (!progress_is_due(&p->progress)) return goes_on;
    progress_show(&p->progress, &(struct progress_figures){
        .bytes_read = source_bytes_read(p->source), .bytes = source_bytes(p->source),
        .lines = pipeline_lines(p), .rejects = p->counts.fates[FATE_REJECTED],
    });
    return goes_on;
}
