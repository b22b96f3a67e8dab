/* SPDX-License-Identifier: MIT */
#include "run/worker.h"
#include "base/compiler.h"
#include "base/figures.h"
#include "decode/decoder.h"
#include "dispatch/dispatcher.h"

/* ---- what is to be written: into the journal */

static bool note_effect(void *data, uint32_t number, const struct table *table, const void *entry, bool remove,
                        struct error *error)
{
    (void)error;
    struct worker *worker = data;
    const struct sinks *sinks = worker->run->parts.sinks;
    struct buffer *text = &worker->journal->text;
    for (size_t i = 0; i < sinks_effects_count(sinks); i++) {
        size_t before = text->size;
        sinks_format_effect(sinks, i, table, entry, remove, text);
        size_t size = text->size - before;
        if (size) journal_note(worker->journal, (struct note){.line = number, .sink = (int32_t)i, .size = size});
    }
    return true;
}

/* `handler`: who refused, or NULL. */
static void note_reject(struct worker *worker, const struct logline *line, const struct reject *reject,
                        const struct handler *handler)
{
    struct buffer *text = &worker->journal->text;
    struct note note = {.line = line->number, .sink = NOTE_REJECT, .class = (uint8_t)reject->class};
    size_t before = text->size;
    rejects_format(text, line, reject);
    note.size = text->size - before;
    note.reason_size = (uint16_t)strnlen(reject->reason, UINT16_MAX);
    note.handler = handler ? (uint32_t)handler->number : NO_HANDLER;
    buffer_add(text, reject->reason, note.reason_size);
    journal_note(worker->journal, note);
}

/* ---- a line */

/* It does not count: it is skipped, or kept with its reason; the policy may stop the run. */
static enum fate refuse(struct worker *worker, const struct logline *line, enum policy policy, const struct reject *reject,
                        const struct handler *handler)
{
    if (policy == POLICY_SKIP) return FATE_SKIPPED;
    note_reject(worker, line, reject, handler);
    if (policy == POLICY_STOP)
        journal_stop(worker->journal, line->number, "%s (stopped, as rejects.%s says)", reject->reason,
                     reject_class_name(reject->class));
    return FATE_REJECTED;
}

static enum fate refuse_long(struct worker *worker, const struct logline *line)
{
    const struct config *config = worker->run->plan.config;
    struct error reason;
    error_set(&reason, "the line has %s bytes, more than source.max_line (%s)", figure_count(logline_full_size(line)).text,
              figure_size(config->source.max_line).text);
    struct reject reject = {REJECT_MALFORMED, reason.text, NULL, NULL};
    return refuse(worker, line, config->rejects.malformed, &reject, NULL);
}

/* What comes of a line that the decoder did not find to be an event. */
NOINLINE static enum fate refuse_line(struct worker *worker, const struct logline *line, enum verdict verdict)
{
    const struct config *config = worker->run->plan.config;
    if (verdict == VERDICT_BLANK) return FATE_BLANK;
    if (verdict == VERDICT_UNHANDLED && config->rejects.unhandled == POLICY_SKIP) return FATE_UNHANDLED; /* no reason is made */
    if (logline_full_size(line) > line->size) return refuse_long(worker, line);

    struct reject reject = {REJECT_MALFORMED, decoder_reason(worker->decoder), NULL, NULL};
    if (verdict == VERDICT_MALFORMED) return refuse(worker, line, config->rejects.malformed, &reject, NULL);
    reject.class = verdict == VERDICT_INVALID ? REJECT_INVALID : REJECT_UNHANDLED;
    return refuse(worker, line, verdict == VERDICT_INVALID ? config->rejects.invalid : config->rejects.unhandled, &reject, NULL);
}

/* What comes of an event that not all handlers took. */
NOINLINE static enum fate refuse_event(struct worker *worker, const struct logline *line, enum outcome outcome)
{
    const struct refusal *refusal = dispatch_refusal(worker->dispatch);
    const struct handler *handler = refusal->handler;
    struct reject reject = {REJECT_INVALID, refusal->reason, NULL, NULL};
    if (handler) reject.plugin = handler->plugin->name, reject.handler = handler->name;
    journal_called(worker->journal, (struct called){line->number, (uint32_t)refusal->called, handler != NULL});
    if (outcome == OUTCOME_REJECTED) return refuse(worker, line, worker->run->plan.config->rejects.invalid, &reject, handler);
    note_reject(worker, line, &reject, handler); /* its handler stops the run: the line is kept, too */
    journal_stop(worker->journal, line->number, "%s", refusal->reason);
    return FATE_REJECTED;
}

static inline enum fate handle(struct worker *worker, const struct logline *line, unsigned event_type)
{
    enum outcome outcome = dispatch_event(worker->dispatch, event_type, line);
    return LIKELY(outcome == OUTCOME_HANDLED) ? FATE_HANDLED : refuse_event(worker, line, outcome);
}

/* Who is to handle the event that was just decoded: the owner of its partition, or NO_OWNER, any thread. */
static uint16_t find_owner(const struct worker *worker, unsigned event_type)
{
    enum etl_kind kind;
    const void *value = dispatch_partition_value(worker->dispatch, event_type, &kind);
    return value ? (uint16_t)partition_shard(kind, value, worker->run->plan.threads) : NO_OWNER;
}

/* Where threads own partitions. Of what an owner is to handle, it is not told yet what becomes. */
NOINLINE static enum fate play_partitioned(struct worker *worker, const struct logline *line,
                                                            struct judged judged)
{
    uint16_t owner = judged.verdict == VERDICT_EVENT ? find_owner(worker, judged.event_type) : NO_OWNER;
    worker->chunk->owners[line->number] = owner;
    if (judged.verdict != VERDICT_EVENT) return refuse_line(worker, line, judged.verdict);
    return owner == NO_OWNER ? handle(worker, line, judged.event_type) : FATE_BLANK;
}

static inline enum fate play_line(struct worker *worker, const struct logline *line, struct judged judged, bool partitioned)
{
    if (UNLIKELY(partitioned)) return play_partitioned(worker, line, judged);
    if (UNLIKELY(judged.verdict != VERDICT_EVENT)) return refuse_line(worker, line, judged.verdict);
    return handle(worker, line, judged.event_type);
}

/* ---- a chunk */

/* False: what the producer holds of lines behind this part waits to be applied and settled. */
static bool begin(struct worker *worker, struct chunk *chunk, size_t producer)
{
    struct journal *journal = &chunk->journals[producer];
    if (journal->played > chunk->from) return false;
    worker->chunk = chunk;
    worker->journal = journal;
    worker->outbox = chunk->outboxes[producer];
    journal_reset(journal);
    emitter_use(worker->emitter, worker->outbox, chunk->keeps);
    return true;
}

static void end(struct worker *worker, uint32_t played)
{
    worker->journal->played = played;
    emitter_use(worker->emitter, NULL, false);
}

/* Does the producer hold so much of effects that it is to play on later? */
static inline bool is_heavy(const struct worker *worker)
{
    if (!worker->holds) return false;
    size_t bytes = worker->journal->bytes + (worker->outbox ? outbox_bytes(worker->outbox) : 0);
    return bytes > worker->run->plan.producer_bytes;
}

/* After a reject: is it one that ends the run, or the last that it may have? */
static bool is_last(const struct worker *worker, uint64_t rejects_left)
{
    return worker->journal->stopped || worker->journal->rejected == rejects_left;
}

static inline struct judged judge(struct worker *worker, const struct block *block, const char *start, const char *limit)
{
    if (UNLIKELY(block->oversize != 0)) return (struct judged){limit, NO_EVENT_TYPE, VERDICT_MALFORMED};
    return decoder_decode(worker->decoder, start, (size_t)(limit - start));
}

void worker_play(struct worker *worker, struct chunk *chunk, uint64_t rejects_left)
{
    const struct block *block = &chunk->block;
    const bool partitioned = worker->run->plan.partitioned;
    const char *limit = block_end(block);
    if (!begin(worker, chunk, 0)) return;
    struct logline *line = guard_logline(block);
    line->data = chunk->next;
    line->number = chunk->line_count;
    while (line->data < limit) {
        chunk_reserve(chunk, line->number);
        struct judged judged = judge(worker, block, line->data, limit);
        const char *next = block_next(block, judged.end);
        line->size = (size_t)(judged.end - line->data);
        enum fate fate = play_line(worker, line, judged, partitioned);
        chunk->lines[line->number] = chunk_line(chunk, line->data, outcome_of(judged.event_type, fate));
        line->data = next;
        line->number++;
        if (fate == FATE_REJECTED && is_last(worker, rejects_left)) line->data = limit; /* nobody asks for what is behind it */
        if (is_heavy(worker)) break;
    }
    end(worker, line->number);
    chunk->line_count = line->number;
    chunk->next = line->data;
}

/* `line` becomes the one of this number; it keeps its block. */
static void find_line(const struct chunk *chunk, uint32_t number, struct logline *line)
{
    const struct logline found = chunk_logline(chunk, number);
    line->data = found.data;
    line->size = found.size;
    line->number = number;
}

void worker_play_owned(struct worker *worker, struct chunk *chunk, uint64_t rejects_left)
{
    uint32_t i = chunk->journals[1 + worker->number].played;
    if (!begin(worker, chunk, 1 + worker->number)) return;
    struct logline *line = guard_logline(&chunk->block);
    for (bool goes_on = true; goes_on && i < chunk->line_count; i++) {
        if (chunk->owners[i] != worker->number) continue;
        find_line(chunk, i, line);
        struct judged judged = decoder_decode(worker->decoder, line->data, line->size); /* as it was before, by another thread */
        enum fate fate = handle(worker, line, judged.event_type);
        chunk->lines[i].outcome = outcome_of(judged.event_type, fate);
        goes_on = !(fate == FATE_REJECTED && is_last(worker, rejects_left)) && !is_heavy(worker);
    }
    end(worker, i);
}

static const struct logline *locate(void *data, uint32_t number)
{
    struct worker *worker = data;
    find_line(worker->chunk, number, worker->located);
    return worker->located;
}

bool worker_apply(struct worker *worker, struct chunk *chunk, uint32_t *failed, struct error *error)
{
    worker->chunk = chunk;
    worker->located = guard_logline(&chunk->block);
    const struct outbox_part part = {chunk->outboxes, chunk->producers, chunk->from, chunk->until,
                                     locate, worker};
    return outbox_apply(worker->emitter, &part, failed, error);
}

/* ---- a worker's life */

void worker_init(struct worker *worker, struct run *run, unsigned number)
{
    *worker = (struct worker){.run = run, .number = number};
    worker->holds = run->plan.threads > 1 || sinks_effects_count(run->parts.sinks);
    worker->decoder = decoder_create(run->parts.schema);
    worker->emitter = emitter_create(run->parts.effects, number);
    if (sinks_effects_count(run->parts.sinks)) effects_listen(worker->emitter, note_effect, worker);
    worker->dispatch = dispatch_fork(run->parts.dispatch, worker->decoder, worker->emitter);
}

void worker_finish(struct worker *worker)
{
    dispatch_destroy(worker->dispatch);
    emitter_destroy(worker->emitter);
    decoder_destroy(worker->decoder);
}
