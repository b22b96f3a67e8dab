/* SPDX-License-Identifier: MIT */
#include "run/chunk.h"
#include "base/memory.h"
#include "base/shorten.h"

#include <stdarg.h>
#include <stdlib.h>

void turn_init(struct turn *turn, const struct effects *effects, size_t producers, bool with_outboxes)
{
    *turn = (struct turn){.producers = producers};
    turn->journals = allocate(producers * sizeof *turn->journals);
    turn->outboxes = allocate(producers * sizeof(struct outbox *));
    for (size_t i = 0; i < producers && with_outboxes; i++) turn->outboxes[i] = outbox_create(effects);
}

static void journal_finish(struct journal *journal)
{
    buffer_finish(&journal->text);
    free(journal->notes);
    free(journal->calls);
    *journal = (struct journal){0};
}

void turn_finish(struct turn *turn)
{
    for (size_t i = 0; i < turn->producers; i++) {
        outbox_destroy(turn->outboxes[i]);
        journal_finish(&turn->journals[i]);
    }
    source_buffer_finish(&turn->buffer);
    free(turn->journals);
    free(turn->outboxes);
    free(turn->lines);
    free(turn->owners);
}

static size_t journal_capacity(const struct journal *journal)
{
    return journal->text.capacity + journal->capacity * sizeof *journal->notes + journal->call_capacity * sizeof *journal->calls;
}

void turn_reset(struct turn *turn, uint64_t number, bool keeps, size_t most)
{
    turn->number = number;
    turn->keeps = keeps;
    turn->line_count = 0;
    turn->busy = true;
    turn->read = turn->settled = turn->failed = turn->goes_on = false;
    turn->played = turn->applied = turn->part = 0;
    turn->from = turn->until = 0;
    for (size_t i = 0; i < turn->producers; i++) {
        if (journal_capacity(&turn->journals[i]) > most) journal_finish(&turn->journals[i]);
        if (turn->outboxes[i]) outbox_trim(turn->outboxes[i], most);
        turn->journals[i].played = 0;
    }
}

void turn_begin(struct turn *turn, const struct block *block)
{
    turn->block = *block;
    turn->next = block->data;
}

/* ---- parts */

void turn_end_part(struct turn *turn)
{
    turn->until = turn->line_count;
    for (size_t i = 0; i < turn->producers; i++)
        if (turn->journals[i].played < turn->until) turn->until = turn->journals[i].played;
}

bool turn_is_played_by(const struct turn *turn, size_t producer)
{
    return turn_is_read(turn) && turn->journals[producer].played == turn->line_count;
}

bool turn_is_whole(const struct turn *turn)
{
    return turn_is_read(turn) && turn->until == turn->line_count;
}

void turn_next_part(struct turn *turn)
{
    turn->from = turn->until;
    turn->part++;
    turn->read = turn->settled = false;
    turn->goes_on = true;
    turn->played = turn->applied = 0;
    for (size_t i = 1; i < turn->producers; i++) turn->played += turn_is_played_by(turn, i);
}

/* ---- lines */

void turn_grow(struct turn *turn)
{
    turn->line_capacity = turn->line_capacity * 2 + 1024;
    turn->lines = reallocate(turn->lines, turn->line_capacity * sizeof *turn->lines);
    if (turn->producers > 1) turn->owners = reallocate(turn->owners, turn->line_capacity * sizeof *turn->owners);
}

struct logline turn_logline(const struct turn *turn, uint32_t number)
{
    return block_line(&turn->block, turn->block.data + turn->lines[number].start, number);
}

/* ---- journals */

void journal_reset(struct journal *journal)
{
    journal->text.size = journal->count = journal->call_count = journal->bytes = journal->rejected = 0;
    journal->next_note = journal->next_text = journal->next_call = 0;
    journal->stopped = false;
}

void journal_note(struct journal *journal, struct note note)
{
    if (journal->count == journal->capacity) {
        journal->capacity = journal->capacity * 2 + 64;
        journal->notes = reallocate(journal->notes, journal->capacity * sizeof *journal->notes);
    }
    journal->notes[journal->count++] = note;
    journal->bytes += sizeof note + note.size + note.reason_size;
    journal->rejected += note.sink == NOTE_REJECT;
}

void journal_called(struct journal *journal, struct called called)
{
    if (journal->call_count == journal->call_capacity) {
        journal->call_capacity = journal->call_capacity * 2 + 64;
        journal->calls = reallocate(journal->calls, journal->call_capacity * sizeof *journal->calls);
    }
    journal->calls[journal->call_count++] = called;
    journal->bytes += sizeof called;
}

void journal_stop(struct journal *journal, uint32_t line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    format_short(journal->stop.text, sizeof journal->stop.text, format, arguments);
    va_end(arguments);
    journal->stopped = true;
    journal->stop_line = line;
}
