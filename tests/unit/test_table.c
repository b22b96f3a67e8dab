/* SPDX-License-Identifier: MIT
 * table: loops compiled for common signatures against the general ones, on random effects. */
#include "effects/binding.h"
#include "effects/emitter.h"
#include "row/encode.h"
#include "row/hash.h"
#include "state/shard.h"
#include "suite.h"

#include <sys/mman.h>

struct trade {
    int64_t account;
    etl_string ticker;
    etl_decimal amount;
    etl_timestamp at;
    int64_t n;
};
#define DECLARE(name, ...) \
    static const struct etl_field name##_fields[] = {__VA_ARGS__}; \
    static const struct etl_effect name = {{sizeof(struct etl_effect), sizeof(struct trade), sizeof(struct etl_field), \
        sizeof name##_fields / sizeof *name##_fields, name##_fields, #name}}
DECLARE(number_text_sum_last, ETL_KEY(trade, account), ETL_KEY(trade, ticker), ETL_SUM(trade, amount), ETL_LAST(trade, at));
DECLARE(text_number_sum_last, ETL_KEY(trade, ticker), ETL_KEY(trade, account), ETL_SUM(trade, amount), ETL_LAST(trade, at));
DECLARE(number_text_sum, ETL_KEY(trade, account), ETL_KEY(trade, ticker), ETL_SUM(trade, amount));
DECLARE(text_sum_last, ETL_KEY(trade, ticker), ETL_SUM(trade, amount), ETL_LAST(trade, at));
DECLARE(text_sum, ETL_KEY(trade, ticker), ETL_SUM(trade, amount));
DECLARE(number_sum_last, ETL_KEY(trade, account), ETL_SUM(trade, amount), ETL_LAST(trade, at));
DECLARE(number_sum, ETL_KEY(trade, account), ETL_SUM(trade, amount));
DECLARE(number_text_sum_first, ETL_KEY(trade, account), ETL_KEY(trade, ticker), ETL_SUM(trade, amount), ETL_FIRST(trade, at));
DECLARE(text_max, ETL_KEY(trade, ticker), ETL_MAX(trade, amount), ETL_COUNT(trade, n));
DECLARE(text_last_text, ETL_KEY(trade, account), ETL_LAST(trade, ticker));
static const struct etl_effect *const effects_of[] = {
    &number_text_sum_last, &text_number_sum_last, &number_text_sum, &text_sum_last, &text_sum, &number_sum_last, &number_sum,
    &number_text_sum_first, &text_max, &text_last_text,
};
enum { ROOM = 2048 };
enum { EFFECTS = sizeof effects_of / sizeof *effects_of };

static uint64_t state = 88172645463325252u;
static uint32_t draw(uint32_t below)
{
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (uint32_t)(state >> 32) % below;
}

/* `variety`: of keys, more or less. */
static struct trade draw_trade(uint32_t variety, char room[ROOM])
{
    static const char *const forms[] = {"%u", "T%04u", "fifteen bytes%02u", "sixteen bytes %02u", "%01100u", "\xc3\xa9%u",
                                        "a text of more than forty bytes, number %u", "\xe2\x82\xac twenty bytes %05u"};
    struct trade trade = {.account = (int64_t)draw(variety) - 2, .at = {draw(1000)},
                          .amount = etl_decimal_of((int64_t)draw(2000) - 1000, (int)draw(3))};
    trade.ticker = (etl_string){room, (size_t)sprintf(room, forms[draw(8)], draw(variety))};
    if (!draw(8)) trade.ticker.size = 0;
    if (!draw(8)) trade.amount = (etl_decimal){UINT64_MAX, INT64_C(5421010862427522169), (int32_t)draw(2)}; /* beyond 128 bits */
    return trade;
}

static void compare_rows(const struct table *a, const struct table *b, const char *row_a, const char *row_b)
{
    char room_a[CELL_TEXT_MAX], room_b[CELL_TEXT_MAX];
    for (size_t i = 0; i < table_column_count(a); i++) {
        struct cell cell_a = table_row_cell(a, row_a, i, room_a), cell_b = table_row_cell(b, row_b, i, room_b);
        ck_assert_msg(etl_string_equal(cell_a.text, cell_b.text), "%s: column %zu: %.*s, not %.*s", table_name(a), i,
                      (int)cell_a.text.size, cell_a.text.data, (int)cell_b.text.size, cell_b.text.data);
    }
}

/* Applies the same entries to both tables: compiled and in groups to one, one by one to the other. */
static void apply_both(struct binding *bindings[2], uint32_t variety, uint32_t entries, uint32_t hash_mask)
{
    struct table *tables[2] = {binding_table(bindings[0]), binding_table(bindings[1])};
    const struct layout *layout = &tables[0]->effect_layout;
    struct batch batch;
    struct scratch texts = {0};
    struct error error;
    uint32_t failed;
    batch_init(&batch, tables[0]);
    for (uint32_t i = 0; i < entries; i++) {
        char room[ROOM];
        struct trade trade = draw_trade(variety, room);
        batch_reserve(&batch, tables[0]);
        char *entry = batch.entries + (size_t)batch.count * layout->row_bytes;
        ck_assert(encode_entry(&bindings[0]->encoder, &trade, entry, &batch.hashes[batch.count], &texts, &error));
        ck_assert_uint_eq(batch.hashes[batch.count], table_hash(tables[0], entry));
        batch.hashes[batch.count] &= hash_mask;
        batch.removes[batch.count++] = 0;
    }
    const struct entries all = {&batch, NULL, 0, batch.count};
    ck_assert(shard_apply(tables[0], tables[0]->shards, &all, NULL, &failed, &error));
    batch.any_remove = true;
    ck_assert(shard_apply(tables[1], tables[1]->shards, &all, NULL, &failed, &error));
    ck_assert_uint_eq(tables[0]->shards->heap_bytes, tables[1]->shards->heap_bytes);
    for (uint32_t i = 0; i < batch.count; i++) {
        const char *entry = batch.entries + (size_t)i * layout->row_bytes;
        const char *row_a = shard_find(tables[0], tables[0]->shards, entry, batch.hashes[i]);
        const char *row_b = shard_find(tables[1], tables[1]->shards, entry, batch.hashes[i]);
        ck_assert_ptr_nonnull(row_a);
        ck_assert_ptr_nonnull(row_b);
        compare_rows(tables[0], tables[1], row_a, row_b);
    }
    ck_assert_uint_eq(table_row_count(tables[0]), table_row_count(tables[1]));
    batch_finish(&batch);
    scratch_finish(&texts);
}

static void with_tables(const struct etl_effect *effect, uint32_t variety, uint32_t rounds, uint32_t hash_mask)
{
    struct effects *effects[2];
    struct binding *bindings[2];
    struct error error;
    for (int i = 0; i < 2; i++) {
        effects[i] = effects_create();
        bindings[i] = effects_bind(effects[i], effect, "test", &error);
        ck_assert_msg(bindings[i] != NULL, "%s", error.text);
        effects_open(effects[i], 1, false);
    }
    for (uint32_t i = 0; i < rounds; i++) apply_both(bindings, variety, 1 + draw(700), hash_mask);
    for (int i = 0; i < 2; i++) effects_destroy(effects[i]);
}

TEST_RANGE(table__applies_groups_as_one_by_one, 0, EFFECTS)
{
    with_tables(effects_of[_i], 5, 20, UINT32_MAX);
    with_tables(effects_of[_i], 100000, 20, UINT32_MAX);
}

/* Few slots and fewer hashes: most candidates are another's row. */
TEST_RANGE(table__finds_rows_whose_hashes_are_equal, 0, EFFECTS)
{
    with_tables(effects_of[_i], 3, 10, 1);
}

/* Rows come and go: what their keys owned is used again. */
static int compare_hashes(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Whoever knows the program, but not its seed, cannot write keys that make hashes equal. */
TEST(hash__cannot_be_foreseen)
{
    enum { KEYS = 1 << 16 };
    const uint64_t constant = 0x9E3779B97F4A7C15u; /* that multiplied the third word once */
    uint64_t inverse = 1, words[3] = {42};
    uint32_t *hashes = malloc(KEYS * sizeof *hashes), same = 0;
    hash_init();
    for (int i = 0; i < 7; i++) inverse *= 2 - constant * inverse;
    for (uint64_t i = 0; i < KEYS; i++) {
        words[1] = i % 256, words[2] = i / 256 * inverse;
        hashes[i] = hash_words(words, 3);
    }
    qsort(hashes, KEYS, sizeof *hashes, compare_hashes);
    for (uint32_t i = 1; i < KEYS; i++) same += hashes[i] == hashes[i - 1];
    ck_assert_uint_lt(same, 50); /* by chance: one in two runs */
    free(hashes);
}

TEST(table__reuses_texts_of_removed_rows)
{
    struct effects *effects = effects_create();
    struct error error;
    struct binding *binding = effects_bind(effects, &text_sum, "test", &error);
    effects_open(effects, 1, false);
    struct emitter *emitter = emitter_create(effects, 0);
    const struct shard *shard = binding_table(binding)->shards;
    size_t used = 0;
    for (int round = 0; round < 6; round++) {
        for (int i = 0; i < 500; i++) {
            char room[ROOM];
            int digits = i % 50 ? 3 + i % 30 : 1500;
            struct trade trade = {.ticker = {room, (size_t)sprintf(room, "a key of some length: %0*d", digits, i)},
                                  .amount = etl_decimal_of(1, 0)};
            ck_assert(round % 2 ? effects_remove(emitter, binding, &trade, &error) == EMIT_OK
                                : effects_emit(emitter, binding, &trade, &error) == EMIT_OK);
            ck_assert(effects_commit(emitter, NULL, 0, &error));
        }
        ck_assert(effects_flush(emitter, &error));
        ck_assert_uint_eq(shard->count, round % 2 ? 0 : 500);
        ck_assert_uint_eq(shard->texts.separate, round % 2 ? 0 : 10);
        ck_assert_uint_eq(shard->heap_bytes, shard->key_bytes);
        ck_assert(round % 2 ? !shard->heap_bytes : shard->heap_bytes > 10 * 1500 + 490 * 25);
        if (!round) used = shard->texts.used;
        ck_assert_uint_eq(shard->texts.used, used);
    }
    emitter_destroy(emitter);
    effects_destroy(effects);
}

/* Keys of ever other sizes come and go, many at a time: what is held follows the rows that are left. */
TEST(table__gives_back_what_removals_leave)
{
    enum { ROWS = 20000, LEFT = 100 };
    struct effects *effects = effects_create();
    struct error error;
    struct binding *binding = effects_bind(effects, &text_sum, "test", &error);
    effects_open(effects, 1, false);
    struct emitter *emitter = emitter_create(effects, 0);
    const struct table *table = binding_table(binding);
    const struct shard *shard = table->shards;
    for (int size = 20; size < 220; size += 8) {
        for (int i = 0; i < 2 * ROWS - LEFT; i++) {
            char room[ROOM];
            struct trade trade = {.ticker = {room, (size_t)sprintf(room, "%0*d", size, i % ROWS)}, .amount = etl_decimal_of(1, 0)};
            ck_assert(i < ROWS ? effects_emit(emitter, binding, &trade, &error) == EMIT_OK
                               : effects_remove(emitter, binding, &trade, &error) == EMIT_OK);
            ck_assert(effects_commit(emitter, NULL, 0, &error));
        }
        ck_assert(effects_flush(emitter, &error));
        ck_assert_uint_lt(shard->texts.held, 900000);
        ck_assert_uint_lt(shard->mask, 1 << 17);
        ck_assert_uint_lt(table_bytes(table), 1300000);
    }
    for (int i = 0; i < LEFT; i++) { /* those of the first size are whole */
        char room[ROOM];
        struct trade trade = {.ticker = {room, (size_t)sprintf(room, "%020d", ROWS - LEFT + i)}, .amount = etl_decimal_of(1, 0)};
        ck_assert(effects_remove(emitter, binding, &trade, &error) == EMIT_OK && effects_commit(emitter, NULL, 0, &error));
    }
    ck_assert(effects_flush(emitter, &error));
    ck_assert_uint_eq(shard->count, 24 * LEFT);
    emitter_destroy(emitter);
    effects_destroy(effects);
}

TEST(encode__packs_ascii_as_its_plain_twin)
{
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(pages, MAP_FAILED);
    ck_assert_int_eq(mprotect(pages + 4096, 4096, PROT_NONE), 0); /* a byte read there ends the test */
    for (int i = 0; i < 4096; i++) pages[i] = (char)(draw(50) ? draw(128) : draw(256));
    for (size_t at = 0; at < 4096; at++)
        for (size_t size = 0; size <= 17 && at + size <= 4096; size++) {
            uint64_t plain[2], other[2];
            etl_string text = {pages + at, size};
            bool is_packed = text_pack_ascii_plain(text, plain), in_page = at && at <= 4096 - 16;
            ck_assert_int_eq(text_pack_ascii(text, other), is_packed && (in_page || text_pack_ascii == text_pack_ascii_plain));
            if (is_packed && in_page) ck_assert_mem_eq(plain, other, sizeof plain);
        }
    ck_assert(!text_pack_ascii((etl_string){NULL, 3}, (uint64_t[2]){0}));
    munmap(pages, 8192);
}

/* Even where their hashes are equal. */
TEST(text__compares_every_byte)
{
    char x[160], y[160];
    memset(x, 'x', sizeof x);
    for (size_t size = 16; size <= sizeof x; size++)
        for (size_t at = 0; at <= size; at++) {
            uint64_t a[2], b[2];
            memcpy(y, x, sizeof x);
            text_pack_long((etl_string){x, size}, a);
            text_pack_long((etl_string){y, size}, b);
            if (at < size) y[at] = 'y';
            ck_assert_msg(text_equal(a, b) == (at == size), "byte %zu of %zu", at, size);
        }
}

SUITE("table");
