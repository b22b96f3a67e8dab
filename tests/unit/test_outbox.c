/* SPDX-License-Identifier: MIT
 * outbox: effects that reach their rows by way of outboxes, however many threads own the rows and wherever blocks and parts end,
 * leave the same rows as those that are applied at once. */
#include "base/buffer.h"
#include "effects/effects.h"
#include "effects/emitter.h"
#include "state/sort.h"
#include "state/state_impl.h"
#include "suite.h"


/* Entries that take less than a line of the cache, one, and more: one of them with removals and long texts. */
struct small {
    int64_t id, n, first, last;
};
ETL_EFFECT(small, ETL_KEY(small, id), ETL_COUNT(small, n), ETL_FIRST(small, first), ETL_LAST(small, last));
struct line {
    int64_t id;
    etl_string name;
    etl_decimal amount;
    int64_t last;
};
ETL_EFFECT(line, ETL_KEY(line, id), ETL_KEY(line, name), ETL_SUM(line, amount), ETL_LAST(line, last));
struct large {
    etl_string name;
    double sum;
    etl_string first, last, least;
    etl_decimal exact;
};
ETL_EFFECT(large, ETL_KEY(large, name), ETL_SUM(large, sum), ETL_FIRST(large, first), ETL_LAST(large, last),
           ETL_MIN(large, least), ETL_SUM(large, exact));

enum { TABLES = 3, SHARDS_MAX = 4, BLOCKS = 3 };
static const struct etl_effect *const declared[TABLES] = {&small, &line, &large};
static const uint32_t sizes[TABLES] = {48, 64, 96};

/* A run: its threads' hands and a block's outboxes. With one shard there are no outboxes. */
struct run {
    struct effects *effects;
    struct binding *bindings[TABLES];
    struct emitter *emitters[SHARDS_MAX];
    struct outbox *outboxes[SHARDS_MAX];
    unsigned shards, producers;
    bool merges;
};

static struct error error;

static void run_init(struct run *run, unsigned shards, unsigned producers, bool merges)
{
    *run = (struct run){.effects = effects_create(), .shards = shards, .producers = producers, .merges = merges};
    for (size_t i = 0; i < TABLES; i++) {
        ck_assert_ptr_nonnull(run->bindings[i] = effects_bind(run->effects, declared[i], "test", &error));
        ck_assert_uint_eq(binding_table(run->bindings[i])->effect_layout.row_bytes, sizes[i]);
    }
    effects_open(run->effects, shards, merges);
    for (size_t i = 0; i < TABLES; i++)
        ck_assert(binding_table(run->bindings[i])->merges == (merges && shards > 1 && declared[i] != &large)); /* sums of doubles */
    for (unsigned i = 0; i < shards; i++) run->emitters[i] = emitter_create(run->effects, i);
    for (unsigned i = 0; i < producers && shards > 1; i++) run->outboxes[i] = outbox_create(run->effects);
}

static void run_finish(struct run *run)
{
    for (unsigned i = 0; i < run->shards; i++) emitter_destroy(run->emitters[i]);
    for (unsigned i = 0; i < run->producers; i++) outbox_destroy(run->outboxes[i]);
    effects_destroy(run->effects);
}

/* All rows in order, as text. */
static void print(const struct run *run, struct buffer *text)
{
    char cell_text[CELL_TEXT_MAX];
    ck_assert(effects_flush(run->emitters[0], &error));
    state_seal(effects_state(run->effects));
    state_merge(effects_state(run->effects), 2);
    for (size_t i = 0; i < TABLES; i++) {
        const struct table *table = binding_table(run->bindings[i]);
        struct order order;
        if (table->order) order = *table->order;
        else order_init(&order, table, 1);
        buffer_format(text, "%s: %zu rows\n", table->name, order.count);
        for (size_t row = 0; row < order.count; row++) {
            for (size_t c = 0; c < table_column_count(table); c++) {
                struct cell cell = table_row_cell(table, order_row(&order, row), c, cell_text);
                buffer_format(text, "%.*s ", (int)cell.text.size, cell.text.data);
            }
            buffer_add(text, "\n", 1);
        }
        if (!table->order) order_finish(&order);
    }
    buffer_add(text, "", 1);
}

static uint64_t state;

static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

static void emit(struct emitter *emitter, const struct run *run, size_t table, bool remove)
{
    char name[80], value[80];
    const int64_t id = draw(40), number = draw(1000000);
    const etl_string key = {name, (size_t)sprintf(name, id % 2 ? "%d" : "the name of %d, which does not fit inline", (int)id)};
    const etl_string text = {value, (size_t)sprintf(value, number % 3 ? "%d" : "%d, with what is too long", (int)number)};
    const etl_decimal decimal = {(uint64_t)number, 0, (int32_t)number % 4};
    const struct small s = {.id = id, .first = number, .last = number};
    const struct line l = {id, key, decimal, number};
    const struct large g = {key, 1 / (1.0 + (double)number), text, text, text, decimal};
    const void *records[TABLES] = {&s, &l, &g};
    enum emit_status status = remove ? effects_remove(emitter, run->bindings[table], records[table], &error)
                                     : effects_emit(emitter, run->bindings[table], records[table], &error);
    ck_assert_msg(status == EMIT_OK, "%s", error.text);
}

/* Effects of one logline, some of which are rolled back. `which`: of this table alone; TABLES: of all, with removals. */
static void play_line(struct emitter *emitter, const struct run *run, uint32_t number, uint32_t count, size_t which)
{
    for (uint32_t i = 0; i < count; i++) {
        size_t table = which < TABLES ? which : draw(TABLES);
        emit(emitter, run, table, which == TABLES && draw(30) == 0);
    }
    if (which == TABLES && draw(20) == 0) effects_rollback(emitter);
    else ck_assert_msg(effects_commit(emitter, NULL, number, &error), "%s", error.text);
}

/* A block of `count` effects, some a logline. Which thread handles which, and whether it keeps some of them, is not to be seen. */
static void play_block(struct run *run, unsigned block, uint32_t count, uint32_t a_line, size_t which)
{
    const unsigned first = block % run->shards;
    const bool keeps = run->merges && block % 3 != 1;
    for (unsigned i = 0; i < run->producers; i++) emitter_use(run->emitters[(first + i) % run->shards], run->outboxes[i], keeps);
    for (uint32_t number = 0, more; count; count -= more, number++) {
        more = count < a_line ? count : a_line;
        unsigned producer = draw(1 << 20) % run->producers;
        play_line(run->emitters[(first + producer) % run->shards], run, number, more, which);
    }
    for (unsigned i = 0; i < run->shards; i++) emitter_use(run->emitters[i], NULL, false);
}

/* In one part, or in several: of one line, none, and the rest. Where rows are merged, what an outbox holds is one part. */
static void apply_block(struct run *run, bool parts)
{
    const uint32_t ends[] = {0, 1, 1, 10, UINT32_MAX};
    uint32_t failed;
    for (size_t part = parts && !run->merges ? 0 : 4, from = 0; part < 5 && run->shards > 1; from = ends[part++])
        for (unsigned i = 0; i < run->shards; i++) {
            const struct outbox_part lines = {run->outboxes, run->producers, (uint32_t)from, ends[part],
                                              NULL, NULL};
            ck_assert(outbox_apply(run->emitters[run->shards - 1 - i], &lines, &failed, &error));
        }
}

static void play(struct run *run, unsigned blocks, uint32_t count, uint32_t a_line, size_t which, bool parts, struct buffer *text)
{
    state = count * 31 + a_line;
    for (unsigned block = 0; block < blocks; block++) {
        play_block(run, block, count, a_line, which);
        apply_block(run, parts);
    }
    print(run, text);
}

static void compare(unsigned shards, unsigned producers, bool merges, uint32_t count, uint32_t a_line, size_t which)
{
    struct run one, several;
    struct buffer expected = {0}, text = {0};
    bool parts = count % 2;
    run_init(&one, 1, 1, false);
    run_init(&several, shards, producers, merges);
    play(&one, BLOCKS, count, a_line, which, parts, &expected);
    play(&several, BLOCKS, count, a_line, which, parts, &text);
    ck_assert_msg(!strcmp(expected.data, text.data), "%u shards, %u outboxes, %smerged, %u effects, %u a line, tables %zu:\n%s\nnot\n%s",
                  shards, producers, merges ? "" : "not ", count, a_line, which, text.data, expected.data);
    run_finish(&one);
    run_finish(&several);
    buffer_finish(&expected);
    buffer_finish(&text);
}

TEST_RANGE(outbox__leaves_the_rows_that_one_thread_leaves, 2, SHARDS_MAX + 1)
{
    static const uint32_t counts[] = {0, 1, 2, 63, 64, 65, 127, 128, 129, 192, 193, 256, 385, 3001};
    static const uint32_t lines[] = {1, 200};
    const unsigned shards = (unsigned)_i;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
            for (size_t which = 0; which <= TABLES; which++) {
                if (i % 3 == 2) compare(shards, 1, true, counts[i], lines[k], which);
                for (unsigned producers = 1; producers <= shards; producers += shards - 1)
                    compare(shards, producers, false, counts[i], lines[k], which);
            }
}

/* So many blocks that threads know some keys as hot, and have rows of their own for them; and removals in between. */
TEST_RANGE(outbox__rows_of_hot_keys_are_in_several_shards, 2, SHARDS_MAX + 1)
{
    const unsigned shards = (unsigned)_i, blocks = 24 * shards;
    struct buffer expected = {0}, text = {0};
    struct run one, several;
    run_init(&one, 1, 1, false);
    run_init(&several, shards, 1, true);
    play(&one, blocks, 500, 3, TABLES, false, &expected);
    play(&several, blocks, 500, 3, TABLES, false, &text);
    ck_assert_str_eq(expected.data, text.data);
    const struct table *table = binding_table(several.bindings[0]);
    size_t parts = 0;
    for (unsigned i = 0; i < shards; i++) parts += table->shards[i].count;
    ck_assert_uint_gt(parts, table_row_count(table));
    run_finish(&one);
    run_finish(&several);
    buffer_finish(&expected);
    buffer_finish(&text);
}

/* ---- memory */

static size_t batch_bytes(const struct batch *batch, const struct pending *pending)
{
    return (size_t)batch->capacity * pending->entry_bytes;
}

enum { VERY_MANY = 60000, KEPT = 4 << 20 };

/* Of keys that go here and there; of one key, which is this thread's or another's; and of an event that is refused. */
static const struct {
    uint32_t keys, shard;
    bool refused;
} many[] = {{1000, 0, false}, {1, 0, false}, {1, 1, false}, {1000, 0, true}};

TEST_EACH(outbox__an_event_of_very_many_leaves_no_memory_behind, many)
{
    struct run run;
    uint32_t failed;
    run_init(&run, 2, 1, false);
    struct emitter *emitter = run.emitters[many[_i].shard];
    const struct pending *pending = &emitter->own[2];
    emitter_use(emitter, run.outboxes[0], false);
    for (uint32_t i = 0; i < VERY_MANY; i++) {
        char name[20];
        etl_string key = {name, (size_t)sprintf(name, "%u", i % many[_i].keys)};
        ck_assert(effects_emit(emitter, run.bindings[2], &(struct large){.name = key}, &error) == EMIT_OK);
    }
    ck_assert_uint_gt(batch_bytes(&pending->batch, pending), KEPT);
    if (many[_i].refused) effects_rollback(emitter);
    else ck_assert(effects_commit(emitter, NULL, 0, &error));
    emitter_use(emitter, NULL, false);
    ck_assert_uint_le(batch_bytes(&pending->batch, pending), KEPT);
    const struct outbox_part part = {run.outboxes, 1, 0, 1, NULL, NULL};
    for (unsigned i = 0; i < 2; i++) ck_assert(outbox_apply(run.emitters[i], &part, &failed, &error));
    ck_assert_uint_eq(table_row_count(binding_table(run.bindings[2])), many[_i].refused ? 0 : many[_i].keys);

    const struct outbox_table *table = &run.outboxes[0]->tables[2];
    size_t bytes = batch_bytes(&table->all, pending) + batch_bytes(&table->away, pending);
    ck_assert_uint_gt(bytes, KEPT);
    outbox_trim(run.outboxes[0], bytes);
    ck_assert_uint_eq(batch_bytes(&table->all, pending) + batch_bytes(&table->away, pending), bytes);
    outbox_trim(run.outboxes[0], bytes / 2);
    ck_assert_uint_eq(batch_bytes(&table->all, pending) + batch_bytes(&table->away, pending), 0);
    run_finish(&run);
}

TEST(outbox__knows_its_bytes)
{
    struct run run;
    run_init(&run, 2, 1, false);
    for (uint32_t count = 0; count < 300; count += 23) {
        emitter_use(run.emitters[count % 2], run.outboxes[0], false);
        for (uint32_t i = 0; i < count; i++) {
            ck_assert_uint_eq(outbox_bytes(run.outboxes[0]), i * sizes[0]);
            emit(run.emitters[count % 2], &run, 0, false);
            ck_assert(effects_commit(run.emitters[count % 2], NULL, i, &error));
        }
        emitter_use(run.emitters[count % 2], NULL, false);
        ck_assert_uint_eq(outbox_bytes(run.outboxes[0]), count * sizes[0]);
        const struct outbox_table *table = &run.outboxes[0]->tables[0];
        ck_assert_uint_eq(table->all.count, count);
        ck_assert_uint_eq(table->own_count + table->away.count, count);
    }
    run_finish(&run);
}

SUITE("outbox");
