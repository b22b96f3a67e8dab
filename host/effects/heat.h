/* SPDX-License-Identifier: MIT
 * heat: which effects of tables that are merged in the end (state/merge.h) a thread keeps. Mostly an effect is handed over to
 * the thread that has its row, for if each thread had a row of all keys that it meets, they would need the memory of them all.
 * But in most logs a few keys get a large part of all effects, and come to each thread time and again: of these each has its
 * own row, and hands nothing over. In the trading log they are 1,000 of 500,977 rows, with half of all effects; that took 5 to
 * 6 % off the job on two threads.
 *
 * Keys are told apart by some bits of their hash, so that to ask is to read a byte. Which are hot is judged from a few blocks
 * out of many, and stays as it is in between: all effects of a block that have the same key go the same way. It is but a guess
 * at what is cheaper: whatever it is, the rows come out the same. */
#ifndef EFFECTS_HEAT_H
#define EFFECTS_HEAT_H

#include "state/table.h"

enum side { SIDE_OWN, SIDE_AWAY };

struct heat {
    uint8_t foreign[HASH_BUCKETS]; /* enum side: whose rows they are; */
    uint8_t cold[HASH_BUCKETS];    /* and which of them go there, for others do not */
    uint16_t counts[HASH_BUCKETS]; /* effects of the blocks that are looked at */
    uint32_t total;                /* of all counts */
    bool any;                      /* something is, or was, hot that others own */
    uint32_t blocks;               /* so far */
};

/* Of the thread with this shard. Nothing is hot yet. */
void heat_init(struct heat *heat, unsigned shard, unsigned shards);
/* Another block begins: judges anew, if it is time to. */
void heat_begin_block(struct heat *heat);
/* Effects of the block, if it is one that is looked at. */
void heat_count(struct heat *heat, const uint32_t *hashes, uint32_t count);

#endif
