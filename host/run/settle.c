/* SPDX-License-Identifier: MIT */
#include "run/settle.h"
#include "base/console.h"
#include "base/figures.h"

/* Where the chunk ends the run: behind this line; UINT32_MAX: it does not. */
struct end {
    uint32_t line;
    bool by_reducer;
    const struct journal *journal; /* that says why; NULL: a reducer, or the limit */
};

/* The earliest of what wanted to stop. Where on one line a reducer failed when it was committed, and another when effects were
 * applied, neither was first. */
static struct end first_end(const struct chunk *chunk)
{
    struct end end = {.line = UINT32_MAX};
    for (size_t i = 0; i < chunk->producers; i++) {
        const struct journal *journal = &chunk->journals[i];
        if (journal->stopped && journal->stop_line < chunk->until && journal->stop_line <= end.line)
            end = (struct end){journal->stop_line, false, journal};
    }
    if (chunk->failed && (!end.journal || failed_before(chunk->failed_line, &chunk->failure, end.line, &end.journal->stop)))
        end = (struct end){chunk->failed_line, true, NULL};
    return end;
}

/* ---- counting */

/* The end comes nearer where the limit of rejects is reached before. */
static void find_limit(const struct run *run, const struct chunk *chunk, struct end *end)
{
    if (!run->plan.config->rejects.limit) return;
    uint64_t left = run->plan.config->rejects.limit - tally_count(&run->tally, FATE_REJECTED), rejected = 0;
    for (size_t i = 0; i < chunk->producers; i++) rejected += chunk->journals[i].rejected;
    if (rejected < left) return;
    for (uint32_t i = chunk->from; i < chunk->until && i < end->line; i++)
        if (outcome_fate(chunk->lines[i].outcome) == FATE_REJECTED && !--left) *end = (struct end){.line = i};
}

/* Of a line that does not count as handled: so many handlers were called. */
static void count_called(struct run *run, const struct chunk *chunk, uint32_t line, size_t called, bool refused)
{
    const uint32_t event_type = outcome_event_type(chunk->lines[line].outcome);
    const struct handler *handler;
    for (size_t i = 0; i < called && (handler = dispatch_chain(run->parts.dispatch, event_type, i)); i++) {
        struct handler_counts *counts = &run->tally.handlers[handler->number];
        counts->called++;
        counts->refused += refused && i + 1 == called;
    }
}

/* Of lines before `until`. */
static void count_calls(struct run *run, const struct chunk *chunk, struct journal *journal, uint32_t until)
{
    for (; journal->next_call < journal->call_count; journal->next_call++) {
        const struct called *called = &journal->calls[journal->next_call];
        if (called->line >= until) return;
        count_called(run, chunk, called->line, called->handlers, called->refused);
    }
}

/* Of the lines before this one the chunk says itself what became; of the one at which a reducer ends the run it does not know. */
static uint32_t recorded_until(const struct chunk *chunk, const struct end *end)
{
    return end->line < chunk->until ? end->line + !end->by_reducer : chunk->until;
}

/* Counts the lines up to `end`. */
static void count_lines(struct run *run, const struct chunk *chunk, const struct end *end)
{
    const uint32_t until = recorded_until(chunk, end);
    const struct chunk_line *lines = chunk->lines;
    uint64_t *const counts = run->tally.outcomes;
    if (!chunk->part) run->tally.bytes += chunk->block.oversize ? chunk->block.oversize : chunk->block.size;
    for (uint32_t i = chunk->from; i < until; i++) counts[lines[i].outcome]++;
    for (size_t i = 0; i < chunk->producers; i++) count_calls(run, chunk, &chunk->journals[i], until);
    if (!end->by_reducer) return;
    counts[outcome_of(outcome_event_type(lines[end->line].outcome), FATE_REJECTED)]++;
    count_called(run, chunk, end->line, SIZE_MAX, false);
}

/* ---- writing */

/* The journal whose next note is of the earliest line before `until`, or NULL. */
static struct journal *earliest(const struct chunk *chunk, uint32_t until)
{
    struct journal *best = NULL;
    for (size_t i = 0; i < chunk->producers; i++) {
        struct journal *journal = &chunk->journals[i];
        if (journal->next_note == journal->count) continue;
        uint32_t line = journal->notes[journal->next_note].line;
        if (line < until && (!best || line < best->notes[best->next_note].line)) best = journal;
    }
    return best;
}

/* The first that is too much is said at once. */
static bool add_reject(struct run *run, const char *text, size_t size, struct error *error)
{
    if (rejects_are_direct(run->parts.rejects)) progress_erase();
    if (!rejects_add(run->parts.rejects, text, size, error)) return false;
    if (rejects_dropped(run->parts.rejects) != 1) return true;
    progress_erase();
    fprintf(console_error(), "etl-host: warning: rejects.max_bytes (%s) is reached: further rejects are only counted\n",
            figure_size(run->plan.config->rejects.max_bytes).text);
    return true;
}

static bool write_note(struct run *run, const struct chunk *chunk, struct journal *journal, etl_string *reason,
                       struct error *error)
{
    const struct note *note = &journal->notes[journal->next_note++];
    const char *text = journal->text.data + journal->next_text;
    journal->next_text += note->size + note->reason_size;
    if (note->sink == NOTE_REJECT) {
        *reason = (etl_string){text + note->size, note->reason_size};
        reasons_add(&run->tally.reasons, note->class, note->handler, *reason);
        return add_reject(run, text, note->size, error);
    }
    if (outcome_fate(chunk->lines[note->line].outcome) != FATE_HANDLED) return true; /* what came after them refused the line */
    return sinks_add_effects(run->parts.sinks, (size_t)note->sink, text, note->size, error);
}

/* *reason: of the last reject. */
static bool write_notes(struct run *run, const struct chunk *chunk, const struct end *end, etl_string *reason,
                        struct error *error)
{
    uint32_t until = recorded_until(chunk, end);
    struct journal *journal;
    while ((journal = earliest(chunk, until)))
        if (!write_note(run, chunk, journal, reason, error)) return false;
    return true;
}

/* ---- the end of the run */

static bool stop_at(const struct chunk *chunk, uint32_t number, const char *why, struct error *error)
{
    struct logline line = chunk_logline(chunk, number);
    return error_set(error, "%s:%" PRIu64 ": %s", logline_source(&line), logline_line(&line), why);
}

static bool stop_by_reducer(struct run *run, const struct chunk *chunk, struct error *error)
{
    struct logline line = chunk_logline(chunk, chunk->failed_line);
    struct reject reject = {REJECT_INVALID, chunk->failure.text, NULL, NULL};
    struct buffer text = {0};
    rejects_format(&text, &line, &reject);
    reasons_add(&run->tally.reasons, REJECT_INVALID, NO_HANDLER, (etl_string){chunk->failure.text, strlen(chunk->failure.text)});
    bool written = add_reject(run, text.data, text.size, error);
    buffer_finish(&text);
    return written && stop_at(chunk, chunk->failed_line, chunk->failure.text, error);
}

static bool stop_by_limit(const struct run *run, const struct chunk *chunk, const struct end *end, etl_string reason,
                          struct error *error)
{
    struct error why;
    error_set(&why, "%.*s (stopped at reject %" PRIu64 ", as rejects.limit says)", (int)reason.size, reason.data,
              tally_count(&run->tally, FATE_REJECTED));
    return stop_at(chunk, end->line, why.text, error);
}

static bool settle_lines(struct run *run, const struct chunk *chunk, struct error *error)
{
    struct end end = first_end(chunk);
    etl_string reason = {0};
    find_limit(run, chunk, &end);
    count_lines(run, chunk, &end);
    if (!write_notes(run, chunk, &end, &reason, error)) return false;
    if (end.line == UINT32_MAX) return true;
    if (end.by_reducer) return stop_by_reducer(run, chunk, error);
    if (!end.journal) return stop_by_limit(run, chunk, &end, reason, error);
    return stop_at(chunk, end.line, end.journal->stop.text, error);
}

bool settle(struct run *run, const struct chunk *chunk, struct error *error)
{
    bool goes_on = settle_lines(run, chunk, error);
    if (!progress_is_due(&run->progress)) return goes_on;
    progress_show(&run->progress, &(struct progress_figures){
        .bytes_read = source_bytes_read(run->parts.source), .bytes = source_bytes(run->parts.source),
        .lines = tally_lines(&run->tally), .rejects = tally_count(&run->tally, FATE_REJECTED),
    });
    return goes_on;
}
