/* SPDX-License-Identifier: MIT */
#include "run/settle.h"
#include "base/console.h"
#include "base/figures.h"

/* Where the turn ends the run: behind this line; UINT32_MAX: it does not. */
struct end {
    uint32_t line;
    bool by_reducer;
    const struct journal *journal; /* that says why; NULL: a reducer, or the limit */
};

/* The earliest of what wanted to stop. Where on one line a reducer failed when it was committed, and another when effects were
 * applied, neither was first. */
static struct end first_end(const struct turn *turn)
{
    struct end end = {.line = UINT32_MAX};
    for (size_t i = 0; i < turn->producers; i++) {
        const struct journal *journal = &turn->journals[i];
        if (journal->stopped && journal->stop_line < turn->until && journal->stop_line <= end.line)
            end = (struct end){journal->stop_line, false, journal};
    }
    if (turn->failed && (!end.journal || failed_before(turn->failed_line, &turn->failure, end.line, &end.journal->stop)))
        end = (struct end){turn->failed_line, true, NULL};
    return end;
}

/* ---- counting */

/* The end comes nearer where the limit of rejects is reached before. */
static void find_limit(const struct run *p, const struct turn *turn, struct end *end)
{
    if (!p->plan.config->rejects.limit) return;
    uint64_t left = p->plan.config->rejects.limit - tally_count(&p->tally, FATE_REJECTED), rejected = 0;
    for (size_t i = 0; i < turn->producers; i++) rejected += turn->journals[i].rejected;
    if (rejected < left) return;
    for (uint32_t i = turn->from; i < turn->until && i < end->line; i++)
        if (outcome_fate(turn->lines[i].outcome) == FATE_REJECTED && !--left) *end = (struct end){.line = i};
}

/* Of a line that does not count as handled: so many handlers were called. */
static void count_called(struct run *p, const struct turn *turn, uint32_t line, size_t called, bool refused)
{
    const uint32_t event_type = outcome_event_type(turn->lines[line].outcome);
    const struct handler *handler;
    for (size_t i = 0; i < called && (handler = dispatch_chain(p->parts.dispatch, event_type, i)); i++) {
        struct handler_counts *counts = &p->tally.handlers[handler->number];
        counts->called++;
        counts->refused += refused && i + 1 == called;
    }
}

/* Of lines before `until`. */
static void count_calls(struct run *p, const struct turn *turn, struct journal *journal, uint32_t until)
{
    for (; journal->next_call < journal->call_count; journal->next_call++) {
        const struct called *called = &journal->calls[journal->next_call];
        if (called->line >= until) return;
        count_called(p, turn, called->line, called->handlers, called->refused);
    }
}

/* Of the lines before this one the turn says itself what became; of the one at which a reducer ends the run it does not know. */
static uint32_t told_until(const struct turn *turn, const struct end *end)
{
    return end->line < turn->until ? end->line + !end->by_reducer : turn->until;
}

/* Counts the lines up to `end`. */
static void count_lines(struct run *p, const struct turn *turn, const struct end *end)
{
    const uint32_t until = told_until(turn, end);
    const struct turn_line *lines = turn->lines;
    uint64_t *const counts = p->tally.outcomes;
    if (!turn->part) p->tally.bytes += turn->block.oversize ? turn->block.oversize : turn->block.size;
    for (uint32_t i = turn->from; i < until; i++) counts[lines[i].outcome]++;
    for (size_t i = 0; i < turn->producers; i++) count_calls(p, turn, &turn->journals[i], until);
    if (!end->by_reducer) return;
    counts[outcome_of(outcome_event_type(lines[end->line].outcome), FATE_REJECTED)]++;
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

/* The first that is too much is said at once. */
static bool add_reject(struct run *p, const char *text, size_t size, struct error *error)
{
    if (rejects_are_direct(p->parts.rejects)) progress_erase();
    if (!rejects_add(p->parts.rejects, text, size, error)) return false;
    if (rejects_dropped(p->parts.rejects) != 1) return true;
    progress_erase();
    fprintf(console_error(), "etl-host: warning: rejects.max_bytes (%s) is reached: further rejects are only counted\n",
            figure_size(p->plan.config->rejects.max_bytes).text);
    return true;
}

static bool write_note(struct run *p, const struct turn *turn, struct journal *journal, etl_string *reason,
                       struct error *error)
{
    const struct note *note = &journal->notes[journal->next_note++];
    const char *text = journal->text.data + journal->next_text;
    journal->next_text += note->size + note->reason_size;
    if (note->sink == NOTE_REJECT) {
        *reason = (etl_string){text + note->size, note->reason_size};
        reasons_add(&p->tally.reasons, note->class, note->handler, *reason);
        return add_reject(p, text, note->size, error);
    }
    if (outcome_fate(turn->lines[note->line].outcome) != FATE_HANDLED) return true; /* what came after them refused the line */
    return sinks_add_effects(p->parts.sinks, (size_t)note->sink, text, note->size, error);
}

/* *reason: of the last reject. */
static bool write_notes(struct run *p, const struct turn *turn, const struct end *end, etl_string *reason,
                        struct error *error)
{
    uint32_t until = told_until(turn, end);
    struct journal *journal;
    while ((journal = earliest(turn, until)))
        if (!write_note(p, turn, journal, reason, error)) return false;
    return true;
}

/* ---- the end of the run */

static bool stop_at(const struct turn *turn, uint32_t number, const char *why, struct error *error)
{
    struct logline line = turn_logline(turn, number);
    return error_set(error, "%s:%" PRIu64 ": %s", logline_source(&line), logline_line(&line), why);
}

static bool stop_by_reducer(struct run *p, const struct turn *turn, struct error *error)
{
    struct logline line = turn_logline(turn, turn->failed_line);
    struct reject reject = {REJECT_INVALID, turn->failure.text, NULL, NULL};
    struct buffer text = {0};
    rejects_format(&text, &line, &reject);
    reasons_add(&p->tally.reasons, REJECT_INVALID, NO_HANDLER, (etl_string){turn->failure.text, strlen(turn->failure.text)});
    bool written = add_reject(p, text.data, text.size, error);
    buffer_finish(&text);
    return written && stop_at(turn, turn->failed_line, turn->failure.text, error);
}

static bool stop_by_limit(const struct run *p, const struct turn *turn, const struct end *end, etl_string reason,
                          struct error *error)
{
    struct error why;
    error_set(&why, "%.*s (stopped at reject %" PRIu64 ", as rejects.limit says)", (int)reason.size, reason.data,
              tally_count(&p->tally, FATE_REJECTED));
    return stop_at(turn, end->line, why.text, error);
}

static bool settle_lines(struct run *p, const struct turn *turn, struct error *error)
{
    struct end end = first_end(turn);
    etl_string reason = {0};
    find_limit(p, turn, &end);
    count_lines(p, turn, &end);
    if (!write_notes(p, turn, &end, &reason, error)) return false;
    if (end.line == UINT32_MAX) return true;
    if (end.by_reducer) return stop_by_reducer(p, turn, error);
    if (!end.journal) return stop_by_limit(p, turn, &end, reason, error);
    return stop_at(turn, end.line, end.journal->stop.text, error);
}

bool settle(struct run *p, const struct turn *turn, struct error *error)
{
    bool goes_on = settle_lines(p, turn, error);
    if (!progress_is_due(&p->progress)) return goes_on;
    progress_show(&p->progress, &(struct progress_figures){
        .bytes_read = source_bytes_read(p->parts.source), .bytes = source_bytes(p->parts.source),
        .lines = tally_lines(&p->tally), .rejects = tally_count(&p->tally, FATE_REJECTED),
    });
    return goes_on;
}
