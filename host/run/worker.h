/* SPDX-License-Identifier: MIT
 * worker: one thread's way with loglines: decode, dispatch, effects. What becomes of them goes to the chunk at hand. */
#ifndef RUN_WORKER_H
#define RUN_WORKER_H

#include "run/chunk.h"
#include "run/run.h"

struct worker {
    struct run *run;
    unsigned number;
    struct decoder *decoder;
    struct emitter *emitter;
    struct dispatch *dispatch;
    bool holds; /* effects, for owners of shards or for sinks */

    /* at hand */
    struct chunk *chunk;
    struct journal *journal;
    struct outbox *outbox;  /* NULL: there is one thread */
    struct logline *located; /* for a reducer that is to blame */
    size_t kept_bytes;      /* of rows that may have parts in other shards, as of the last part that was applied, */
    bool lent;              /* to another thread, while its own reads; both under the mutex of chunks */
};

void worker_init(struct worker *worker, struct run *run, unsigned number);
void worker_finish(struct worker *worker);

/* Plays the lines of a chunk, but for those that an owner of a partition is to play: all that are left, or a part. `rejects_left`:
 * how many more the run may have. */
void worker_play(struct worker *worker, struct chunk *chunk, uint64_t rejects_left);
/* Plays the lines of which this worker is the owner, likewise. */
void worker_play_owned(struct worker *worker, struct chunk *chunk, uint64_t rejects_left);
/* Applies what the chunk's part has for the worker's shard. False: a reducer failed, and *failed is the line. */
bool worker_apply(struct worker *worker, struct chunk *chunk, uint32_t *failed, struct error *error);

#endif
