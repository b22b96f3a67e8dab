/* SPDX-License-Identifier: MIT
 * merge: effects that several threads keep, each folded into its own shard, leave the rows that one thread leaves, once those of
 * the same keys are merged. */
#include "effects/effects.h"
#include "effects/emitter.h"
#include "row/decimal_sum.h"
#include "row/packed_string.h"
#include "state/merge.h"
#include "state/shard.h"
#include "state/sort.h"
#include "state/state_impl.h"
#include "suite.h"


enum { SHARDS_MAX = 4, THREADS_MAX = 4, TEXT_ROOM = 80 };

/* ---- what is declared: every fold that merges; and keys of every kind, of rows that are short */

struct all {
    etl_string key;
    int64_t n, sum_i, min_i, max_i, first_i, last_i;
    etl_decimal sum_m, min_m, max_m, first_m, last_m;
    etl_string min_s, max_s, first_s, last_s;
    bool min_b, max_b, first_b, last_b;
    etl_timestamp min_t, max_t, first_t, last_t;
    double first_d, last_d;
    etl_json first_j, last_j;
    int64_t n_o, sum_oi, min_oi, max_oi;
    etl_decimal sum_om, min_om, max_om;
    etl_string min_os, max_os;
    bool min_ob, max_ob, has_i, has_m, has_s, has_b;
};
ETL_EFFECT(all, ETL_KEY(all, key), ETL_COUNT(all, n),
           ETL_SUM(all, sum_i), ETL_MIN(all, min_i), ETL_MAX(all, max_i), ETL_FIRST(all, first_i), ETL_LAST(all, last_i),
           ETL_SUM(all, sum_m), ETL_MIN(all, min_m), ETL_MAX(all, max_m), ETL_FIRST(all, first_m), ETL_LAST(all, last_m),
           ETL_MIN(all, min_s), ETL_MAX(all, max_s), ETL_FIRST(all, first_s), ETL_LAST(all, last_s),
           ETL_MIN(all, min_b), ETL_MAX(all, max_b), ETL_FIRST(all, first_b), ETL_LAST(all, last_b),
           ETL_MIN(all, min_t), ETL_MAX(all, max_t), ETL_FIRST(all, first_t), ETL_LAST(all, last_t),
           ETL_FIRST(all, first_d), ETL_LAST(all, last_d), ETL_FIRST(all, first_j), ETL_LAST(all, last_j),
           ETL_COUNT_OPTIONAL(all, n_o, has_i), ETL_SUM_OPTIONAL(all, sum_oi, has_i), ETL_MIN_OPTIONAL(all, min_oi, has_i),
           ETL_MAX_OPTIONAL(all, max_oi, has_i),
           ETL_SUM_OPTIONAL(all, sum_om, has_m), ETL_MIN_OPTIONAL(all, min_om, has_m), ETL_MAX_OPTIONAL(all, max_om, has_m),
           ETL_MIN_OPTIONAL(all, min_os, has_s), ETL_MAX_OPTIONAL(all, max_os, has_s),
           ETL_MIN_OPTIONAL(all, min_ob, has_b), ETL_MAX_OPTIONAL(all, max_ob, has_b));

struct keyed {
    int64_t number;
    etl_string one, two, three;
    etl_decimal decimal;
    bool flag;
    etl_timestamp at;
    int64_t n, first, last;
    etl_decimal sum;
    double weight;
    etl_string note;
    bool has;
};
#define DECLARE(name, ...) \
    static const struct etl_field name##_fields[] = {__VA_ARGS__}; \
    static const struct etl_effect name = {{sizeof(struct etl_effect), sizeof(struct keyed), sizeof(struct etl_field), \
        sizeof name##_fields / sizeof *name##_fields, name##_fields, #name}}
#define VALUES ETL_COUNT(keyed, n), ETL_SUM(keyed, sum), ETL_FIRST(keyed, first), ETL_LAST(keyed, last)
DECLARE(by_number, ETL_KEY(keyed, number), ETL_SUM(keyed, sum), ETL_LAST(keyed, last)); /* for which loops are compiled */
DECLARE(by_flag, ETL_KEY(keyed, flag), VALUES);
DECLARE(by_text, ETL_KEY(keyed, one), VALUES);
DECLARE(by_all, ETL_KEY(keyed, flag), ETL_KEY(keyed, at), ETL_KEY(keyed, decimal), ETL_KEY(keyed, one), ETL_KEY(keyed, number),
        VALUES);
DECLARE(by_texts, ETL_KEY(keyed, one), ETL_KEY(keyed, two), ETL_KEY(keyed, three), VALUES); /* more than sorting packs */
static const struct etl_effect *const keys_of[] = {&by_number, &by_flag, &by_text, &by_all, &by_texts};
enum { KEYS = sizeof keys_of / sizeof *keys_of };

/* ---- two runs, of one thread and of several */

struct run {
    struct effects *effects;
    struct binding *binding;
    struct emitter *emitters[SHARDS_MAX];
    struct outbox *outbox; /* NULL: of one thread */
    unsigned shards;
};
static struct run one, several;
static struct error error;

static void run_init(struct run *run, const struct etl_effect *effect, unsigned shards)
{
    *run = (struct run){.effects = effects_create(), .shards = shards};
    ck_assert_ptr_nonnull(run->binding = effects_bind(run->effects, effect, "test", &error));
    effects_open(run->effects, shards, true);
    for (unsigned i = 0; i < shards; i++) run->emitters[i] = emitter_create(run->effects, i);
    if (shards > 1) run->outbox = outbox_create(run->effects);
}

static void run_finish(struct run *run)
{
    for (unsigned i = 0; i < run->shards; i++) emitter_destroy(run->emitters[i]);
    outbox_destroy(run->outbox);
    effects_destroy(run->effects);
}

static void open_runs(const struct etl_effect *effect, unsigned shards)
{
    run_init(&one, effect, 1);
    run_init(&several, effect, shards);
    ck_assert(binding_table(several.binding)->merges && !binding_table(one.binding)->merges);
    binding_table(several.binding)->parted = true; /* though it may be that no block comes */
}

static void act(const struct run *run, struct emitter *emitter, const void *record, bool remove)
{
    enum emit_status status = remove ? effects_remove(emitter, run->binding, record, &error)
                                     : effects_emit(emitter, run->binding, record, &error);
    ck_assert_msg(status == EMIT_OK, "%s", error.text);
    ck_assert(effects_commit(emitter, NULL, 0, &error));
}

/* A block, of which this thread keeps the effects. */
static void begin_block(unsigned keeper)
{
    emitter_use(several.emitters[keeper], several.outbox, true);
    struct heat *heat = several.emitters[keeper]->heat;
    memset(heat->cold, SIDE_OWN, sizeof heat->cold);
    heat->any = true;
}

static void emit(unsigned keeper, const void *record, bool remove)
{
    act(&one, one.emitters[0], record, remove);
    act(&several, several.emitters[keeper], record, remove);
}

static void end_block(unsigned keeper)
{
    const struct outbox_part part = {&several.outbox, 1, 0, UINT32_MAX, NULL, NULL};
    uint32_t failed;
    emitter_use(several.emitters[keeper], NULL, false);
    for (unsigned i = 0; i < several.shards; i++)
        ck_assert(outbox_apply(several.emitters[i], &part, &failed, &error));
}

/* ---- comparing */

static size_t rows_held(const struct table *table)
{
    size_t count = 0;
    for (unsigned i = 0; i < table->shard_count; i++) count += table->shards[i].count;
    return count;
}

/* Bytes that a row owns; its keys' texts, too. */
static size_t bytes_owned(const struct layout *layout, const char *row)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < layout->column_count; i++) {
        const struct layout_column *c = &layout->columns[i];
        const uint64_t *words = (const uint64_t *)(const void *)(row + c->at);
        bool is_text = c->column.kind == ETL_KIND_STRING || c->column.kind == ETL_KIND_JSON;
        bool is_sum = c->column.kind == ETL_KIND_DECIMAL && c->column.role == ETL_ROLE_SUM;
        if (is_text && text_is_long(words)) bytes += text_view(words).size;
        if (is_sum && ((const struct decimal_sum *)(const void *)words)->mark == SUM_WIDE) bytes += sizeof(struct wide);
    }
    return bytes;
}

static void check_memory(const struct table *table)
{
    for (unsigned i = 0; i < table->shard_count; i++) {
        const struct shard *shard = &table->shards[i];
        size_t bytes = 0;
        for (size_t k = 0; k < shard->count; k++) bytes += bytes_owned(&table->row_layout, row_at(table, shard, k));
        ck_assert_uint_eq(shard->heap_bytes, bytes);
    }
}

static void compare_rows(const struct table *a, const struct table *b, const char *row_a, const char *row_b)
{
    char room_a[CELL_TEXT_MAX], room_b[CELL_TEXT_MAX];
    for (size_t i = 0; i < table_column_count(a); i++) {
        struct cell x = table_row_cell(a, row_a, i, room_a), y = table_row_cell(b, row_b, i, room_b);
        ck_assert_msg(x.type == y.type && etl_string_equal(x.text, y.text), "%s.%s is %.*s, not %.*s", a->name,
                      table_column(a, i)->name, (int)y.text.size, y.text.data, (int)x.text.size, x.text.data);
    }
}

/* Merges and compares. */
static void compare_runs(unsigned threads)
{
    const struct table *a = binding_table(one.binding), *b = binding_table(several.binding);
    struct order order;
    ck_assert(effects_flush(one.emitters[0], &error));
    state_seal(effects_state(one.effects));
    state_seal(effects_state(several.effects));
    state_merge(effects_state(one.effects), threads);
    state_merge(effects_state(several.effects), threads);
    ck_assert_ptr_null(a->order);
    order_init(&order, a, 1);
    ck_assert_uint_eq(table_row_count(b), order.count);
    ck_assert_uint_eq(b->order->count, order.count);
    for (size_t i = 0; i < order.count; i++) compare_rows(a, b, order_row(&order, i), order_row(b->order, i));
    check_memory(b);
    order_finish(&order);
}

static void close_runs(unsigned threads)
{
    compare_runs(threads);
    run_finish(&one);
    run_finish(&several);
}

/* ---- values */

static uint64_t state = 88172645463325252u;
static uint32_t draw(uint32_t below)
{
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (uint32_t)(state >> 32) % below;
}

static int64_t draw_int64(void)
{
    static const int64_t extremes[] = {INT64_MIN, INT64_MAX, 0, -1};
    return draw(4) ? (int64_t)draw(2000) - 1000 : extremes[draw(4)];
}

/* Of 38 digits, most often, two of which need more than 128 bits where their scales differ. */
static etl_decimal draw_decimal(bool is_large)
{
    etl_decimal most = {0x098A223FFFFFFFFF, 0x4B3B4CA85A86C47A, (int32_t)draw(39)}; /* 10³⁸ - 1 */
    if (!is_large) return etl_decimal_of((int64_t)draw(2000) - 1000, (int)draw(4));
    return draw(3) ? most : etl_decimal_negate(most);
}

/* As short as fits inline, or longer. */
static etl_string draw_text(char room[TEXT_ROOM])
{
    static const char *const forms[] = {"", "%u", "fifteen bytes%02u", "sixteen bytes %02u",
                                        "a text of more than forty bytes, number %u"};
    return (etl_string){room, (size_t)sprintf(room, forms[draw(5)], draw(90))};
}

static etl_json draw_json(char room[TEXT_ROOM])
{
    const char *form = draw(2) ? "[%u]" : "{\"a member with a long name\": %u}";
    return (etl_json){room, (size_t)sprintf(room, form, draw(1000))};
}

/* Which optional values there are, and whether sums are large: bits, so that parts can differ in them. */
enum { HAS_I = 1, HAS_M = 2, HAS_S = 4, HAS_B = 8, LARGE = 16, FORMS = 32 };

static void emit_all(unsigned keeper, etl_string key, uint32_t form)
{
    char rooms[2][TEXT_ROOM];
    const int64_t i = draw_int64();
    const etl_decimal m = draw_decimal(form & LARGE);
    const etl_string s = draw_text(rooms[0]);
    const etl_json j = draw_json(rooms[1]);
    const etl_timestamp t = {draw_int64()};
    const bool b = draw(2);
    const double d = draw(3) ? (double)i / 7 : draw(2) ? 0.0 : -0.0;
    const struct all record = {
        .key = key, .sum_i = i, .min_i = i, .max_i = i, .first_i = i, .last_i = i, .sum_m = m, .min_m = m, .max_m = m,
        .first_m = m, .last_m = m, .min_s = s, .max_s = s, .first_s = s, .last_s = s, .min_b = b, .max_b = b, .first_b = b,
        .last_b = b, .min_t = t, .max_t = t, .first_t = t, .last_t = t, .first_d = d, .last_d = d, .first_j = j, .last_j = j,
        .sum_oi = i, .min_oi = i, .max_oi = i, .sum_om = m, .min_om = m, .max_om = m, .min_os = s, .max_os = s, .min_ob = b,
        .max_ob = b,
        .has_i = form & HAS_I, .has_m = form & HAS_M, .has_s = form & HAS_S, .has_b = form & HAS_B,
    };
    emit(keeper, &record, false);
}

/* ---- all folds */

/* A row of two parts: values that are optional in one, the other, both or none; sums that go beyond 128 bits in one of them, in
 * both, only by being merged, or not. */
TEST_RANGE(merge__of_two_parts, 0, FORMS)
{
    const uint32_t first = (uint32_t)_i;
    for (uint32_t second = 0; second < FORMS; second++)
        for (unsigned keeper = 0; keeper < 2; keeper++)
            for (unsigned count = 1; count <= 3; count++) {
                open_runs(&all, 2);
                begin_block(keeper);
                for (unsigned i = 0; i < count; i++) emit_all(keeper, ETL_STRING("key"), first);
                end_block(keeper);
                begin_block(!keeper);
                for (unsigned i = 0; i < count; i++) emit_all(!keeper, ETL_STRING("key"), second);
                end_block(!keeper);
                ck_assert_uint_eq(rows_held(binding_table(several.binding)), 2);
                close_runs(1);
            }
}

/* Parts in any shards, changed again and again, and removed. */
TEST_RANGE(merge__of_any_parts, 2, SHARDS_MAX + 1)
{
    const unsigned shards = (unsigned)_i;
    for (unsigned round = 0; round < 150; round++) {
        open_runs(&all, shards);
        for (unsigned block = draw(12); block; block--) {
            unsigned keeper = draw(shards);
            begin_block(keeper);
            for (unsigned left = draw(12); left; left--) {
                char room[TEXT_ROOM];
                const char *form = draw(2) ? "%u" : "a key that does not fit inline: %u";
                etl_string key = {room, (size_t)sprintf(room, form, draw(6))};
                if (draw(10)) emit_all(keeper, key, draw(FORMS));
                else emit(keeper, &(struct all){.key = key}, true);
            }
            end_block(keeper);
        }
        close_runs(1 + draw(THREADS_MAX));
    }
}

/* First and last values where one part was made first and another one changed last, or one both. */
TEST(merge__knows_when)
{
    static const char *const plays[] = {"01", "10", "010", "101", "0110", "1001", "012", "210", "0121", "2012", "10201"};
    for (size_t i = 0; i < sizeof plays / sizeof *plays; i++) {
        open_runs(&all, 3);
        for (const char *at = plays[i]; *at; at++) {
            unsigned keeper = (unsigned)(*at - '0');
            begin_block(keeper);
            emit_all(keeper, ETL_STRING("key"), 0);
            end_block(keeper);
        }
        close_runs(1);
    }
}

/* A removal by any thread takes all parts away; what comes after it is not older than what other threads had. */
TEST(merge__of_rows_that_were_removed)
{
    for (unsigned remover = 0; remover < 3; remover++)
        for (unsigned after = 0; after < 3; after++) {
            open_runs(&all, 3);
            for (unsigned keeper = 0; keeper < 3; keeper++) {
                begin_block(keeper);
                emit_all(keeper, ETL_STRING("key"), FORMS - 1);
                emit_all(keeper, ETL_STRING("another key, which is a long one"), FORMS - 1);
                end_block(keeper);
            }
            begin_block(remover);
            emit(remover, &(struct all){.key = ETL_STRING("key")}, true);
            if (after == remover) emit_all(remover, ETL_STRING("key"), 0);
            end_block(remover);
            ck_assert_uint_eq(rows_held(binding_table(several.binding)), after == remover ? 4 : 3);
            begin_block(after);
            emit_all(after, ETL_STRING("key"), HAS_M);
            end_block(after);
            close_runs(1);
        }
}

/* So that threads can stop before rows, or texts that they own, are held too often. */
TEST(merge__knows_what_is_kept)
{
    open_runs(&all, 2);
    const struct table *table = binding_table(several.binding);
    for (unsigned keeper = 0; keeper < 2; keeper++) {
        size_t owned = 0;
        ck_assert_uint_eq(emitter_kept_bytes(several.emitters[keeper]), 0);
        begin_block(keeper);
        for (uint32_t i = 0; i < 100; i++) {
            char room[TEXT_ROOM];
            emit_all(keeper, (etl_string){room, (size_t)sprintf(room, "a key that does not fit inline: %u", i % 10)}, FORMS - 1);
        }
        end_block(keeper);
        for (size_t i = 0; i < 10; i++) owned += bytes_owned(&table->row_layout, row_at(table, &table->shards[keeper], i));
        ck_assert_uint_gt(owned, 10 * 32);
        ck_assert_uint_eq(emitter_kept_bytes(several.emitters[keeper]), 10 * table->row_layout.row_bytes + owned);
    }
    close_runs(1);
}

/* ---- keys, and many rows */

/* Of these many values of a key of texts, all but the last few bytes are the same. */
static etl_string text_of(char room[TEXT_ROOM], uint32_t number)
{
    const char *form = number % 3 ? "a beginning that many keys have in common, of more than forty bytes: %u" : "%u";
    return (etl_string){room, (size_t)sprintf(room, form, number)};
}

static void emit_keyed(unsigned keeper, uint32_t number, bool remove)
{
    char rooms[3][TEXT_ROOM];
    const struct keyed record = {
        .number = (int64_t)number * 7919, .one = text_of(rooms[0], number % 11 * 3 + 1),
        .two = text_of(rooms[1], number / 11), .three = text_of(rooms[2], number % 5),
        .decimal = {number % 1000, 0, (int32_t)(number % 4)}, .flag = number % 2, .at = {(int64_t)(number / 2) << 20},
        .first = draw_int64(), .last = draw_int64(), .sum = draw_decimal(false),
    };
    emit(keeper, &record, remove);
}

/* So few rows that one thread merges them, and so many that there are pieces for several, cut where rows have 1 to 4 parts. */
TEST_RANGE(merge__of_any_keys, 0, KEYS)
{
    static const uint32_t counts[] = {0, 1, 2, 50, 900, 9000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (unsigned shards = 2; shards <= SHARDS_MAX; shards += 2) {
            const uint32_t count = counts[i], removed = count ? draw(count) : 0;
            open_runs(keys_of[_i], shards);
            for (unsigned block = 0; block < SHARDS_MAX; block++) {
                begin_block(block % shards);
                for (uint32_t number = 0; number < count; number++)
                    if (block == 0 || draw(4)) emit_keyed(block % shards, number, false);
                if (block == 2 && count) emit_keyed(block % shards, removed, true);
                end_block(block % shards);
            }
            ck_assert(count < 2 || rows_held(binding_table(several.binding)) > table_row_count(binding_table(one.binding)));
            close_runs(1 + draw(THREADS_MAX));
        }
}

/* All rows of a key are next to each other, wherever a piece would end: of one key alone, or with it at any place. */
TEST_RANGE(merge__cuts_where_rows_end, 0, KEYS)
{
    enum { ROWS = 5000 };
    for (unsigned threads = 2; threads <= THREADS_MAX; threads++) {
        open_runs(keys_of[_i], SHARDS_MAX);
        for (unsigned keeper = 0; keeper < SHARDS_MAX; keeper++) { /* 4 parts each: pieces cannot all begin with a row */
            begin_block(keeper);
            for (uint32_t number = 0; number < ROWS + threads; number++) emit_keyed(keeper, number, false);
            end_block(keeper);
        }
        compare_runs(threads);
        const struct order *order = binding_table(several.binding)->order;
        if (keys_of[_i] == &by_number) ck_assert(order->decides);
        if (keys_of[_i] == &by_texts) ck_assert(!order->decides);
        run_finish(&one);
        run_finish(&several);
    }
}

/* ---- which tables */

DECLARE(sum_of_doubles, ETL_KEY(keyed, number), ETL_COUNT(keyed, n), ETL_SUM(keyed, weight));
DECLARE(min_of_doubles, ETL_KEY(keyed, number), ETL_MIN(keyed, weight));
DECLARE(max_of_doubles, ETL_KEY(keyed, number), ETL_MAX(keyed, weight));
DECLARE(first_of_doubles, ETL_KEY(keyed, number), ETL_FIRST(keyed, weight));
DECLARE(last_of_doubles, ETL_KEY(keyed, number), ETL_LAST(keyed, weight));
DECLARE(first_if_there, ETL_KEY(keyed, number), ETL_FIRST_OPTIONAL(keyed, note, has));
DECLARE(last_if_there, ETL_KEY(keyed, number), ETL_LAST_OPTIONAL(keyed, note, has));
DECLARE(least_if_there, ETL_KEY(keyed, number), ETL_MIN_OPTIONAL(keyed, note, has));
DECLARE(sum_if_there, ETL_KEY(keyed, number), ETL_SUM_OPTIONAL(keyed, sum, has), ETL_COUNT_OPTIONAL(keyed, n, has));
DECLARE(reduced, ETL_KEY(keyed, number), ETL_VALUE(keyed, weight));

static const struct {
    const struct etl_effect *effect;
    bool merges;
    uint32_t times; /* words that say when */
} which[] = {
    {&all, true, 2}, {&by_number, true, 1}, {&by_all, true, 2}, {&sum_of_doubles, false, 0}, {&min_of_doubles, false, 0},
    {&max_of_doubles, false, 0}, {&first_of_doubles, true, 1}, {&last_of_doubles, true, 1}, {&first_if_there, false, 0},
    {&last_if_there, false, 0}, {&least_if_there, true, 0}, {&sum_if_there, true, 0},
};
enum { WHICH = sizeof which / sizeof *which };

TEST_RANGE(merge__of_these_tables, 0, WHICH)
{
    for (unsigned shards = 1; shards <= 2; shards++) {
        struct run run;
        run_init(&run, which[_i].effect, shards);
        const struct table *table = binding_table(run.binding);
        ck_assert_msg(table->merges == (which[_i].merges && shards > 1), "%s, %u shards", table->name, shards);
        ck_assert_uint_eq((table->row_layout.made_at > 0) + (table->row_layout.changed_at > 0), which[_i].times);
        run_finish(&run);
    }
}

struct kept {
    double weight;
};
ETL_ROW(kept, ETL_FIELD(kept, weight));

static void reduce(void *row, const void *effect)
{
    ((struct kept *)row)->weight = ((const struct keyed *)effect)->weight;
}

TEST(merge__not_of_tables_with_a_reducer)
{
    const struct etl_reducer reducer = {.size = sizeof reducer, .effect = &reduced, .row = &kept, .reduce = reduce};
    struct effects *effects = effects_create();
    struct binding *binding = effects_bind(effects, &reduced, "test", &error);
    struct binding *other = effects_bind(effects, &all, "test", &error);
    ck_assert(binding && other && effects_set_reducer(effects, &reducer, "test", &error));
    effects_open(effects, 2, true);
    ck_assert(!binding_table(binding)->merges && binding_table(other)->merges);
    ck_assert(!binding_table(binding)->row_layout.made_at && !binding_table(binding)->row_layout.changed_at);
    effects_destroy(effects);
}

/* As where threads own partitions: effects of a block then have several producers. */
TEST(merge__not_where_it_is_not_asked_for)
{
    struct effects *effects = effects_create();
    struct binding *owned = effects_bind(effects, &by_number, "test", &error);
    struct binding *other = effects_bind(effects, &all, "test", &error);
    effects_partition(effects, binding_table(owned), "number");
    effects_open(effects, 2, false);
    ck_assert(!binding_table(owned)->merges && !binding_table(other)->merges);
    effects_destroy(effects);
}

SUITE("merge");
