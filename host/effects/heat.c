/* SPDX-License-Identifier: MIT */
#include "effects/heat.h"

/* Of so many blocks, the first few are looked at. */
enum { BLOCKS = 64, BLOCKS_COUNTED = 8 };
/* What is so many times as frequent as the average is hot: so a quarter of all can be, at most. */
enum { TIMES_AVERAGE = 4, COUNT_MIN = 4 };

void heat_init(struct heat *heat, unsigned shard, unsigned shards)
{
    for (uint32_t i = 0; i < HASH_BUCKETS; i++) heat->foreign[i] = bucket_shard(i, shards) == shard ? SIDE_OWN : SIDE_AWAY;
    memcpy(heat->cold, heat->foreign, sizeof heat->cold);
}

static void judge(struct heat *heat)
{
    const uint32_t least = heat->total / HASH_BUCKETS * TIMES_AVERAGE + COUNT_MIN;
    for (uint32_t i = 0; i < HASH_BUCKETS; i++) {
        heat->cold[i] = heat->counts[i] < least ? heat->foreign[i] : SIDE_OWN;
        heat->any |= heat->cold[i] != heat->foreign[i];
    }
    memset(heat->counts, 0, sizeof heat->counts);
    heat->total = 0;
}

void heat_begin_block(struct heat *heat)
{
    if (heat->blocks++ % BLOCKS == BLOCKS_COUNTED) judge(heat);
}

void heat_count(struct heat *heat, const uint32_t *hashes, uint32_t count)
{
    if ((heat->blocks - 1) % BLOCKS >= BLOCKS_COUNTED) return;
    for (uint32_t i = 0; i < count; i++) {
        uint16_t *at = &heat->counts[hash_bucket(hashes[i])];
        *at += *at < UINT16_MAX;
    }
    heat->total += count;
}
