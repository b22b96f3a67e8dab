/* SPDX-License-Identifier: MIT
 * chunk: a block of loglines on its way through the run, with all that came of it. Threads work on several chunks at a time;
 * what a chunk holds is settled in the order of the log, so that nothing tells how many threads there were.
 *
 * A producer is a thread that handles lines of the chunk: what it has to say of them goes to a journal of its own, its effects to
 * an outbox of its own. There is one producer, or where handlers read state, one for the lines that any thread may handle and one
 * for each owner of a partition.
 *
 * A producer whose lines bring so much that it holds more than it may lets the rest of the chunk be. The lines that all producers
 * have played are then a part of the chunk: it is applied and settled like a whole one, and those whose outboxes and journals are
 * empty by then play on. Turns behind it wait. So memory does not follow what lines bring. */
#ifndef RUN_CHUNK_H
#define RUN_CHUNK_H

#include "base/buffer.h"
#include "base/compiler.h"
#include "decode/decode.h"
#include "effects/effects.h"
#include "source/source.h"

/* What became of a logline. */
enum fate { FATE_BLANK, FATE_HANDLED, FATE_UNHANDLED, FATE_SKIPPED, FATE_REJECTED, FATE_COUNT };

enum { NO_OWNER = UINT16_MAX };
#define NO_HANDLER UINT32_MAX

/* A line's event type and what became of it, in one; lines whose type was not told (NO_EVENT_TYPE) come first. */
enum { OUTCOMES_A_TYPE = 8 };
_Static_assert((int)FATE_COUNT <= (int)OUTCOMES_A_TYPE && (uint32_t)(NO_EVENT_TYPE + 1) == 0, "an outcome has room for a fate");
static inline uint32_t outcome_of(uint32_t event_type, enum fate fate)
{
    return (event_type + 1) * OUTCOMES_A_TYPE + fate;
}
static inline enum fate outcome_fate(uint32_t outcome)
{
    return (enum fate)(outcome % OUTCOMES_A_TYPE);
}
static inline uint32_t outcome_event_type(uint32_t outcome)
{
    return outcome / OUTCOMES_A_TYPE - 1;
}

struct chunk_line {
    uint32_t start; /* in the block, in bytes */
    uint32_t outcome;
};

/* An event that was not handled in the end. */
struct called {
    uint32_t line;
    uint32_t handlers; /* that were called */
    bool refused;      /* the last one of them refused; otherwise it was the commit that failed */
};

/* Something to be written, of one line: the text of an effect for a sink, or a reject and its reason. */
enum { NOTE_REJECT = -1 };
struct note {
    uint32_t line;
    int32_t sink; /* number of the sink of effects, or NOTE_REJECT */
    size_t size; /* of its text in the journal, behind which there is that of the reason */
    /* of rejects */
    uint16_t reason_size;
    uint8_t class;    /* enum reject_class */
    uint32_t handler; /* the number of the one that refused, or NO_HANDLER */
};

struct journal {
    struct buffer text;
    struct note *notes; /* in the order of lines */
    size_t count, capacity;
    size_t bytes;      /* of all that it holds */
    uint64_t rejected; /* how many of the notes are rejects */
    uint32_t played;   /* the producer's lines before this one of the chunk have been played */
    struct called *calls; /* in the order of lines */
    size_t call_count, call_capacity;
    bool stopped;      /* the run stops as of this line */
    uint32_t stop_line;
    struct error stop; /* why */
    size_t next_note, next_text, next_call; /* where settling stands */
};

struct chunk {
    uint64_t number;
    struct source_buffer buffer;
    struct block block;
    const char *next; /* the first of its lines that nobody has read yet; the block's end: all have been */
    struct chunk_line *lines;
    uint16_t *owners; /* by line: of its partition, who alone handles it; NO_OWNER: whoever read it. Where there are
                         several producers */
    uint32_t line_count, line_capacity;
    unsigned part;
    uint32_t from, until; /* the lines of the part, once it has been played */
    struct journal *journals; /* by producer */
    struct outbox **outboxes;
    size_t producers;
    bool keeps; /* its producer keeps effects of tables that are merged, see state/merge.h */

    /* where it stands; under the mutex of its chunks */
    bool busy, read, settled;
    bool goes_on; /* another part is to be read, and nobody does so yet */
    unsigned played, applied; /* by how many threads */
    bool failed;              /* a reducer failed, first at this line */
    uint32_t failed_line;
    struct error failure;
};

void chunk_init(struct chunk *chunk, const struct effects *effects, size_t producers, bool with_outboxes);
void chunk_finish(struct chunk *chunk);
/* Empty again, for another block; of its journals and outboxes, those that have grown beyond `most` bytes give back what they
 * have, */
void chunk_reset(struct chunk *chunk, uint64_t number, bool keeps, size_t most);
/* which is this one. */
void chunk_begin(struct chunk *chunk, const struct block *block);
/* All producers have played what they could: says which lines that are. */
void chunk_end_part(struct chunk *chunk);
/* Have all lines been read? */
static inline bool chunk_is_read(const struct chunk *chunk)
{
    return chunk->next == block_end(&chunk->block);
}
/* Has the producer, or have all, played the whole chunk? */
bool chunk_is_played_by(const struct chunk *chunk, size_t producer);
bool chunk_is_whole(const struct chunk *chunk);
/* The part was applied and settled: the next one begins. */
void chunk_next_part(struct chunk *chunk);
void chunk_grow(struct chunk *chunk);
/* Makes room for the line of this number, which is the next one. */
static inline void chunk_reserve(struct chunk *chunk, uint32_t number)
{
    if (UNLIKELY(number == chunk->line_capacity)) chunk_grow(chunk);
}
static inline struct chunk_line chunk_line(const struct chunk *chunk, const char *start, uint32_t outcome)
{
    return (struct chunk_line){(uint32_t)(start - chunk->block.data), outcome};
}
struct logline chunk_logline(const struct chunk *chunk, uint32_t number);

void journal_reset(struct journal *journal);
/* Adds a note whose texts were just put at the end of the journal's. */
void journal_note(struct journal *journal, struct note note);
void journal_called(struct journal *journal, struct called called);
__attribute__((format(printf, 3, 4))) void journal_stop(struct journal *journal, uint32_t line, const char *format, ...);

#endif
