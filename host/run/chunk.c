/* SPDX-License-Identifier: MIT */
#include "run/chunk.h"
#include "base/memory.h"
#include "base/shorten.h"

#include <stdarg.h>
#include <stdlib.h>

void chunk_init(struct chunk *chunk, const struct effects *effects, size_t producers, bool with_outboxes)
{
    *chunk = (struct chunk){.producers = producers};
    chunk->journals = allocate(producers * sizeof *chunk->journals);
    chunk->outboxes = allocate(producers * sizeof(struct outbox *));
    for (size_t i = 0; i < producers && with_outboxes; i++) chunk->outboxes[i] = outbox_create(effects);
}

static void journal_finish(struct journal *journal)
{
    buffer_finish(&journal->text);
    free(journal->notes);
    free(journal->calls);
    *journal = (struct journal){0};
}

void chunk_finish(struct chunk *chunk)
{
    for (size_t i = 0; i < chunk->producers; i++) {
        outbox_destroy(chunk->outboxes[i]);
        journal_finish(&chunk->journals[i]);
    }
    source_buffer_finish(&chunk->buffer);
    free(chunk->journals);
    free(chunk->outboxes);
    free(chunk->lines);
    free(chunk->owners);
}

static size_t journal_capacity(const struct journal *journal)
{
    return journal->text.capacity + journal->capacity * sizeof *journal->notes + journal->call_capacity * sizeof *journal->calls;
}

void chunk_reset(struct chunk *chunk, uint64_t number, bool keeps, size_t most)
{
    chunk->number = number;
    chunk->keeps = keeps;
    chunk->line_count = 0;
    chunk->busy = true;
    chunk->read = chunk->settled = chunk->failed = chunk->goes_on = false;
    chunk->played = chunk->applied = chunk->part = 0;
    chunk->from = chunk->until = 0;
    for (size_t i = 0; i < chunk->producers; i++) {
        if (journal_capacity(&chunk->journals[i]) > most) journal_finish(&chunk->journals[i]);
        if (chunk->outboxes[i]) outbox_trim(chunk->outboxes[i], most);
        chunk->journals[i].played = 0;
    }
}

void chunk_begin(struct chunk *chunk, const struct block *block)
{
    chunk->block = *block;
    chunk->next = block->data;
}

/* ---- parts */

void chunk_end_part(struct chunk *chunk)
{
    chunk->until = chunk->line_count;
    for (size_t i = 0; i < chunk->producers; i++)
        if (chunk->journals[i].played < chunk->until) chunk->until = chunk->journals[i].played;
}

bool chunk_is_played_by(const struct chunk *chunk, size_t producer)
{
    return chunk_is_read(chunk) && chunk->journals[producer].played == chunk->line_count;
}

bool chunk_is_whole(const struct chunk *chunk)
{
    return chunk_is_read(chunk) && chunk->until == chunk->line_count;
}

void chunk_next_part(struct chunk *chunk)
{
    chunk->from = chunk->until;
    chunk->part++;
    chunk->read = chunk->settled = false;
    chunk->goes_on = true;
    chunk->played = chunk->applied = 0;
    for (size_t i = 1; i < chunk->producers; i++) chunk->played += chunk_is_played_by(chunk, i);
}

/* ---- lines */

void chunk_grow(struct chunk *chunk)
{
    chunk->line_capacity = chunk->line_capacity * 2 + 1024;
    chunk->lines = reallocate(chunk->lines, chunk->line_capacity * sizeof *chunk->lines);
    if (chunk->producers > 1) chunk->owners = reallocate(chunk->owners, chunk->line_capacity * sizeof *chunk->owners);
}

struct logline chunk_logline(const struct chunk *chunk, uint32_t number)
{
    return block_line(&chunk->block, chunk->block.data + chunk->lines[number].start, number);
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
