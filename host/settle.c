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
        if (journal->stopped && journal->stop_line < turn->until && journal->stop_line <= end.line)
            end = (struct end){journal->stop_line, false, journal};
    }
    if (turn->failed && turn->failed_line < end.line) end = (struct end){turn->failed_line, true, NULL};
    return end;
}

/* ---- counting */

/* The end comes nearer where the limit of rejects is reached before. */
static void find_limit(const struct pipeline *p, const struct turn *turn, struct end *end)
{
    uint64_t left = p->config->rejects.limit - p->counts.fates[FATE_REJECTED], rejected = 0;
    if (!p->config->rejects.limit) return;
    for (size_t i = 0; i < turn->producers; i++) rejected += turn->journals[i].rejected;
    if (rejected < left) return;
    for (uint32_t i = turn->from; i < turn->until && i < end->line; i++)
        if (turn->lines[i].fate == FATE_REJECTED && !--left) *end = (struct end){.line = i};
}

/* Of a line that does not count as handled: so many handlers were called. */
static void count_called(struct pipeline *p, const struct turn *turn, uint32_t line, size_t called, bool refused)
{
    const struct handler *handler;
    for (size_t i = 0; i < called && (handler = dispatch_chain(p->dispatch, turn->lines[line].event_type, i)); i++) {
        struct handler_counts *counts = &p->handlers[handler->number];
        counts->called++;
        counts->refused += refused && i + 1 == called;
    }
}

/* Of lines before `until`. */
static void count_calls(struct pipeline *p, const struct turn *turn, struct journal *journal, uint32_t until)
{
    for (; journal->next_call < journal->call_count; journal->next_call++) {
        const struct called *called = &journal->calls[journal->next_call];
        if (called->line >= until) return;
        count_called(p, turn, called->line, called->handlers, called->refused);
    }
}

static inline void count_line(struct pipeline *p, uint32_t event_type, enum fate fate)
{
    _Static_assert((uint32_t)(NO_TYPE + 1) == 0, "lines whose type was not told stand first");
    p->counts.fates[fate]++;
    p->types[(uint32_t)(event_type + 1)].fates[fate]++;
}

/* Counts the lines up to `end`. */
static void count_lines(struct pipeline *p, const struct turn *turn, const struct end *end)
{
    uint32_t until = end->line < turn->until ? end->line + !end->by_reducer : turn->until;
    if (!turn->part) p->bytes += turn->block.oversize ? turn->block.oversize : turn->block.size;
    for (uint32_t i = turn->from; i < until; i++) count_line(p, turn->lines[i].event_type, turn->lines[i].fate);
    for (size_t i = 0; i < turn->producers; i++) count_calls(p, turn, &turn->journals[i], until);
    if (!end->by_reducer) return;
    count_line(p, turn->lines[end->line].event_type, FATE_REJECTED);
    count_called(p, turn, end->line, SIZE_MAX, false);
}

/* ---- writing */

/* The journal whose next note is of the earliest line before `until`, or NULL. */
static struct journal *earliest(const struct turn *turn, uint32_t until)
{
    struct journal *best = NULL;
    for (size_t i = 0; i < turn->producers; i++) {
        struct journal *journal = &turn->journals[i];
        if (journal->next_note == journal->count) continue;
        uint32_t line = journal->notes[journal->next_note].line;
        if (line < until && (!best || line < best->notes[best->next_note].line)) best = journal;
    }
    return best;
}

static bool write_note(struct pipeline *p, const struct turn *turn, struct journal *journal, const struct end *end,
                       etl_string *reason, struct error *error)
{
    const struct note *note = &journal->notes[journal->next_note++];
    const char *text = journal->text.data + journal->next_text;
    journal->next_text += note->size + note->reason_size;
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
    uint32_t until = end->line < turn->until ? end->line + 1 : turn->until;
    struct journal *journal;
    while ((journal = earliest(turn, until)))
        if (!write_note(p, turn, journal, end, reason, error)) return false;
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
    find_limit(p, turn, &end);
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
