/* SPDX-License-Identifier: MIT
 * effects and state together: what is emitted is what the rows become. */
#include "effects/effects.h"
#include "effects/emitter.h"
#include "state/sort.h"
#include "state/state_impl.h"
#include "suite.h"

#include <math.h>

struct all {
    int64_t id;
    etl_string name;
    int64_t total, least, greatest, n, maybe;
    etl_decimal exact;
    double rough;
    etl_string latest, earliest, lowest;
    bool has_maybe;
};
ETL_EFFECT(all, ETL_KEY(all, id), ETL_KEY(all, name), ETL_SUM(all, total), ETL_MIN(all, least), ETL_MAX(all, greatest),
           ETL_COUNT(all, n), ETL_LAST_OPTIONAL(all, maybe, has_maybe), ETL_SUM(all, exact), ETL_SUM(all, rough),
           ETL_LAST(all, latest), ETL_FIRST(all, earliest), ETL_MIN(all, lowest));

struct fill {
    int64_t id;
    etl_decimal quantity, price;
};
ETL_EFFECT(fill, ETL_KEY(fill, id), ETL_VALUE(fill, quantity), ETL_VALUE(fill, price));
struct sale {
    int64_t id;
    etl_decimal quantity, price;
};
ETL_EFFECT(sale, ETL_KEY(sale, id), ETL_VALUE(sale, quantity), ETL_VALUE(sale, price));
struct average {
    etl_decimal quantity, cost;
    etl_string note;
};
ETL_ROW(average, ETL_FIELD(average, quantity), ETL_FIELD(average, cost), ETL_FIELD(average, note));

static struct effects *effects;
static struct emitter *emitter;
static struct error error;

static void setup(void)
{
    effects = effects_create();
    emitter = NULL;
    error.text[0] = '\0';
}

static void teardown(void)
{
    emitter_destroy(emitter);
    effects_destroy(effects);
}

/* After the last declaration. */
static void open_all(void)
{
    if (emitter) return;
    effects_open(effects, 1, false);
    emitter = emitter_create(effects, 0);
}

static struct binding *bind(const struct etl_effect *effect)
{
    struct binding *binding = effects_bind(effects, effect, "test", &error);
    ck_assert_msg(binding != NULL, "%s", error.text);
    open_all();
    return binding;
}

static void commit(void)
{
    ck_assert_msg(effects_commit(emitter, NULL, 0, &error), "%s", error.text);
}

static void emit(struct binding *binding, const void *record)
{
    ck_assert_msg(effects_emit(emitter, binding, record, &error) == EMIT_OK, "%s", error.text);
    commit();
}

/* All rows in order, as name=value text, for comparison. */
static const char *rows(const char *name)
{
    static char text[65536];
    char buffer[CELL_TEXT_MAX];
    struct table *table = state_find(effects_state(effects), name);
    size_t at = 0;
    ck_assert(effects_flush(emitter, &error));
    struct order order;
    order_init(&order, table, 1);
    text[0] = '\0';
    for (size_t i = 0; i < table_row_count(table); i++) {
        for (size_t c = 0; c < table_column_count(table); c++) {
            struct cell cell = table_row_cell(table, order_row(&order, i), c, buffer);
            if (cell.type == CELL_ABSENT) continue;
            at += (size_t)snprintf(text + at, sizeof text - at, "%s=%.*s ", table_column(table, c)->name, (int)cell.text.size, cell.text.data);
        }
        at += (size_t)snprintf(text + at, sizeof text - at, "\n");
    }
    order_finish(&order);
    return text;
}

FIXTURE(setup, teardown);

TEST(effects__each_fold_does_what_it_says)
{
    struct binding *b = bind(&all);
    emit(b, &(struct all){.id = 1, .name = ETL_STRING("a"), .total = 5, .least = 5, .greatest = 5, .exact = {125, 0, 2}, .rough = 0.5,
                          .latest = ETL_STRING("one"), .earliest = ETL_STRING("one"), .lowest = ETL_STRING("one")});
    emit(b, &(struct all){.id = 1, .name = ETL_STRING("a"), .total = -7, .least = -7, .greatest = -7, .maybe = 3, .has_maybe = true,
                          .exact = {1, 0, 3}, .rough = 0.25, .latest = ETL_STRING("a text of more than fifteen bytes"),
                          .earliest = ETL_STRING("two"), .lowest = ETL_STRING("a text of more than fifteen bytes")});
    emit(b, &(struct all){.id = 1, .name = ETL_STRING("a"), .total = 1, .latest = ETL_STRING("three"), .lowest = ETL_STRING("zzz")});
    ck_assert_str_eq(rows("all"), "id=1 name=a total=-1 least=-7 greatest=5 n=3 maybe=3 exact=1.251 rough=0.75 latest=three earliest=one "
                                  "lowest=a text of more than fifteen bytes \n");
}

TEST(effects__absent_optional_stays_absent)
{
    emit(bind(&all), &(struct all){.id = 1});
    ck_assert_ptr_null(strstr(rows("all"), "maybe"));
}

TEST(effects__rollback_leaves_nothing)
{
    struct binding *b = bind(&all);
    emit(b, &(struct all){.id = 1, .total = 1});
    ck_assert(effects_emit(emitter, b, &(struct all){.id = 1, .total = 10}, &error) == EMIT_OK);
    ck_assert(effects_emit(emitter, b, &(struct all){.id = 2, .name = ETL_STRING("longer than fifteen bytes")}, &error) == EMIT_OK);
    effects_rollback(emitter);
    emit(b, &(struct all){.id = 1, .total = 2});
    ck_assert_ptr_nonnull(strstr(rows("all"), "total=3 "));
    ck_assert_uint_eq(table_row_count(state_table(effects_state(effects), 0)), 1);
}

TEST(effects__a_refused_effect_leaves_no_text)
{
    struct binding *b = bind(&all);
    struct all refused = {.id = 1, .name = ETL_STRING("longer than fifteen bytes"), .rough = INFINITY};
    for (int i = 0; i < 3; i++) {
        ck_assert(effects_emit(emitter, b, &refused, &error) == EMIT_REFUSED);
        ck_assert_uint_ge(emitter->own[0].texts->total, refused.name.size);
        effects_rollback(emitter);
        ck_assert_uint_eq(emitter->own[0].texts->total, 0);
    }
    ck_assert_str_eq(rows("all"), "");
}

/* A row whose columns have compiled functions. */
struct held {
    int64_t id;
    etl_string name;
    etl_decimal amount;
    int64_t last;
};
ETL_EFFECT(held, ETL_KEY(held, id), ETL_KEY(held, name), ETL_SUM(held, amount), ETL_LAST(held, last));

/* What is looked up early is folded late: but as if each effect were applied at once. */
TEST(effects__waves_keep_the_order)
{
    enum { KEYS = 300, EVENTS = 20000 };
    const etl_string names[] = {ETL_STRING("short"), ETL_STRING("a name of more than fifteen bytes")};
    struct {
        int64_t amount, last;
        bool there;
    } model[2][KEYS] = {0};
    struct binding *b = bind(&held);
    struct scratch scratch = {0};
    uint32_t random = 1;
    for (int64_t i = 1; i <= EVENTS; i++) {
        random = random * 1664525 + 1013904223;
        uint32_t id = (random >> 8) % KEYS, name = random >> 31, what = (random >> 24) % 100;
        struct held record = {id, names[name], {(uint64_t)i, 0, 0}, i};
        const void *found;
        if (what < 80) {
            emit(b, &record);
            model[name][id].amount += i, model[name][id].last = i, model[name][id].there = true;
        } else if (what < 82) {
            ck_assert(effects_remove(emitter, b, &record, &error) == EMIT_OK);
            commit();
            memset(&model[name][id], 0, sizeof model[name][id]);
        } else if (what < 90) {
            ck_assert(effects_emit(emitter, b, &record, &error) == EMIT_OK);
            effects_rollback(emitter);
        } else if (what < 91) {
            for (int k = 0; k < 200; k++) { /* more than a wave holds */
                ck_assert(effects_emit(emitter, b, &record, &error) == EMIT_OK);
                model[name][id].amount += i;
            }
            commit();
            model[name][id].last = i, model[name][id].there = true;
        } else if (what < 92) {
            ck_assert(effects_lookup(emitter, &(struct lookup){b, NULL, &record},
                                     &scratch, &found, &error) == EMIT_OK);
            ck_assert(!found == !model[name][id].there);
            if (found) ck_assert_int_eq(((const struct held *)found)->last, model[name][id].last);
        }
    }
    ck_assert(effects_flush(emitter, &error));
    for (int i = 0; i < 2 * KEYS; i++) {
        struct held keys = {.id = i % KEYS, .name = names[i / KEYS]};
        const struct held *found;
        ck_assert(effects_lookup(emitter, &(struct lookup){b, NULL, &keys},
                                 &scratch, (const void **)&found, &error) == EMIT_OK);
        ck_assert(!found == !model[i / KEYS][i % KEYS].there);
        if (!found) continue;
        ck_assert_int_eq((int64_t)found->amount.low, model[i / KEYS][i % KEYS].amount);
        ck_assert_int_eq(found->last, model[i / KEYS][i % KEYS].last);
    }
    scratch_finish(&scratch);
}

TEST(effects__remove_takes_the_row_and_starts_it_anew)
{
    struct binding *b = bind(&all);
    for (int64_t i = 0; i < 1000; i++) emit(b, &(struct all){.id = i, .total = i, .latest = ETL_STRING("a rather long text for the heap")});
    for (int64_t i = 0; i < 1000; i += 2) {
        ck_assert(effects_remove(emitter, b, &(struct all){.id = i}, &error) == EMIT_OK);
        commit();
    }
    ck_assert(effects_remove(emitter, b, &(struct all){.id = 5000}, &error) == EMIT_OK); /* not there: no matter */
    emit(b, &(struct all){.id = 4, .total = 40});
    ck_assert(effects_flush(emitter, &error));
    ck_assert_uint_eq(table_row_count(state_table(effects_state(effects), 0)), 501);
    ck_assert_ptr_nonnull(strstr(rows("all"), "id=4 name= total=40 "));
}

TEST(effects__lookup_sees_what_was_committed_only)
{
    struct binding *b = bind(&all);
    struct scratch scratch = {0};
    const void *found;
    emit(b, &(struct all){.id = 1, .total = 1, .has_maybe = true, .maybe = 9});
    ck_assert(effects_emit(emitter, b, &(struct all){.id = 1, .total = 10}, &error) == EMIT_OK);
    ck_assert(effects_lookup(emitter, &(struct lookup){b, NULL, &(struct all){.id = 1}},
                             &scratch, &found, &error) == EMIT_OK);
    ck_assert_int_eq(((const struct all *)found)->total, 1);
    ck_assert(((const struct all *)found)->has_maybe && ((const struct all *)found)->maybe == 9);
    ck_assert(effects_lookup(emitter, &(struct lookup){b, NULL, &(struct all){.id = 2}},
                             &scratch, &found, &error) == EMIT_OK);
    ck_assert_ptr_null(found);
    commit();
    ck_assert(effects_lookup(emitter, &(struct lookup){b, NULL, &(struct all){.id = 1}},
                             &scratch, &found, &error) == EMIT_OK);
    ck_assert_int_eq(((const struct all *)found)->total, 11);
    scratch_finish(&scratch);
}

TEST(effects__sums_go_on_beyond_every_member)
{
    struct binding *b = bind(&all);
    struct scratch scratch = {0};
    const void *found;
    etl_decimal nines, tiny;
    ck_assert(etl_decimal_parse(ETL_STRING("99999999999999999999999999999999999999"), &nines));
    ck_assert(etl_decimal_parse(ETL_STRING("0.00000000000000000000000000000000000001"), &tiny));
    for (int i = 0; i < 3; i++) emit(b, &(struct all){.id = 1, .total = INT64_MAX, .exact = nines});
    emit(b, &(struct all){.id = 1, .exact = tiny});
    ck_assert_ptr_nonnull(strstr(rows("all"), "total=27670116110564327421 "));
    ck_assert_ptr_nonnull(strstr(rows("all"), "exact=299999999999999999999999999999999999997.00000000000000000000000000000000000001 "));
    ck_assert(effects_lookup(emitter, &(struct lookup){b, NULL, &(struct all){.id = 1}},
                             &scratch, &found, &error) == EMIT_REFUSED);
    for (int i = 0; i < 3; i++) emit(b, &(struct all){.id = 1, .total = -INT64_MAX, .exact = etl_decimal_negate(nines)});
    emit(b, &(struct all){.id = 1, .exact = etl_decimal_negate(nines)});
    ck_assert_ptr_nonnull(strstr(rows("all"), "total=0 "));
    ck_assert_ptr_nonnull(strstr(rows("all"), "exact=-99999999999999999999999999999999999998.99999999999999999999999999999999999999 "));
    scratch_finish(&scratch);
}

static const struct {
    const char *why;
    struct all effect;
} refused[] = {
    {"field 'name' is not UTF-8", {.name = {"\xFF", 1}}},
    {"field 'name' is not UTF-8", {.name = {"sixteen bytes an\xC0", 17}}},
    {"field 'latest' has a size but no data", {.latest = {NULL, 3}}},
    {"field 'rough' is not a finite number", {.rough = INFINITY}},
    {"field 'rough' is not a finite number", {.rough = NAN}},
    {"field 'exact' is not a valid decimal", {.exact = {0, 0, -1}}},
};

TEST_EACH(effects__refuses_what_cannot_stand_in_state, refused)
{
    struct binding *b = bind(&all);
    ck_assert(effects_emit(emitter, b, &refused[_i].effect, &error) == EMIT_REFUSED);
    ck_assert_msg(strstr(error.text, refused[_i].why) != NULL, "%s", error.text);
}

TEST(effects__an_event_of_very_many_leaves_no_memory_behind)
{
    struct binding *b = bind(&all);
    const struct pending *own = &emitter->own[0];
    for (int64_t i = 0; i < 50000; i++) ck_assert(effects_emit(emitter, b, &(struct all){.id = i % 9}, &error) == EMIT_OK);
    ck_assert_uint_gt(own->batch.capacity * (size_t)own->entry_bytes, 8 << 20);
    commit();
    ck_assert_uint_le(own->batch.capacity * (size_t)own->entry_bytes, 4 << 20);
    emit(b, &(struct all){.id = 9});
    ck_assert(effects_flush(emitter, &error));
    ck_assert_uint_eq(table_row_count(state_table(effects_state(effects), 0)), 10);
}

TEST(effects__refuses_the_65537th)
{
    struct binding *b = bind(&all);
    for (int i = 0; i < EFFECTS_PER_EVENT_MAX; i++) ck_assert(effects_emit(emitter, b, &(struct all){.id = i}, &error) == EMIT_OK);
    ck_assert(effects_emit(emitter, b, &(struct all){0}, &error) == EMIT_REFUSED);
    effects_rollback(emitter);
    ck_assert(effects_emit(emitter, b, &(struct all){0}, &error) == EMIT_OK);
}

/* ---- reducers */

static void apply_fill(void *row, const void *effect)
{
    struct average *a = row;
    const struct fill *f = effect;
    a->cost = etl_decimal_add(a->cost, etl_decimal_multiply(f->quantity, f->price));
    a->quantity = etl_decimal_add(a->quantity, f->quantity);
    if (!a->note.size) a->note = ETL_STRING("first filled by a reducer");
}

TEST(effects__reducer_keeps_a_row_of_its_own)
{
    struct scratch scratch = {0};
    const void *found;
    ck_assert(effects_set_reducer(effects, &(struct etl_reducer){.effect = &fill, .row = &average, .reduce = apply_fill}, "test", &error));
    struct binding *b = bind(&fill);
    emit(b, &(struct fill){1, {2, 0, 0}, {105, 0, 1}});
    emit(b, &(struct fill){1, {3, 0, 0}, {1, 0, 0}});
    ck_assert_str_eq(rows("fill"), "id=1 quantity=5 cost=24 note=first filled by a reducer \n");
    ck_assert(binding_row_matches(b, &average, &error));
    ck_assert(!binding_row_matches(b, NULL, &error));
    ck_assert(effects_lookup(emitter, &(struct lookup){b, &average, &(struct fill){.id = 1}},
                             &scratch, &found, &error) == EMIT_OK);
    ck_assert(etl_string_is(((const struct average *)found)->note, "first filled by a reducer"));
    ck_assert(effects_complete(effects, &error));
    scratch_finish(&scratch);
}

TEST(effects__reducer_that_overflows_stops)
{
    etl_decimal nines;
    ck_assert(etl_decimal_parse(ETL_STRING("99999999999999999999999999999999999999"), &nines));
    ck_assert(effects_set_reducer(effects, &(struct etl_reducer){.effect = &fill, .row = &average, .reduce = apply_fill}, "test", &error));
    struct binding *b = bind(&fill);
    ck_assert(effects_emit(emitter, b, &(struct fill){1, nines, nines}, &error) == EMIT_OK);
    ck_assert(!effects_commit(emitter, NULL, 0, &error));
    ck_assert_msg(strstr(error.text, "plugin 'test', reducer 'fill' left a row that cannot stand: field 'cost'") != NULL, "%s", error.text);
}

/* Two failures on one logline: the order of tables, and which thread is first, must not show. */
TEST_RANGE(effects__of_two_reducers_that_fail_one_counts, 1, 3)
{
    const struct etl_reducer late = {.size = sizeof late, .effect = &fill, .row = &average, .reduce = apply_fill, .name = "late"};
    const struct etl_reducer early = {.size = sizeof early, .effect = &sale, .row = &average, .reduce = apply_fill, .name = "early"};
    etl_decimal nines;
    uint32_t line;
    ck_assert(etl_decimal_parse(ETL_STRING("99999999999999999999999999999999999999"), &nines));
    ck_assert(effects_set_reducer(effects, &late, "test", &error) && effects_set_reducer(effects, &early, "test", &error));
    effects_open(effects, (unsigned)_i, false);
    emitter = emitter_create(effects, 0);
    struct outbox *outbox = _i > 1 ? outbox_create(effects) : NULL;
    emitter_use(emitter, outbox, false);
    for (int64_t id = 0; id < 20; id++) {
        ck_assert(effects_emit(emitter, bind(&fill), &(struct fill){id, nines, nines}, &error) == EMIT_OK);
        ck_assert(effects_emit(emitter, bind(&sale), &(struct sale){id, nines, nines}, &error) == EMIT_OK);
    }
    ck_assert(effects_commit(emitter, NULL, 7, &error) == (outbox != NULL));
    if (outbox) {
        emitter_use(emitter, NULL, false);
        const struct outbox_part part = {&outbox, 1, 0, UINT32_MAX, NULL, NULL};
        ck_assert(!outbox_apply(emitter, &part, &line, &error));
        ck_assert_uint_eq(line, 7);
    }
    ck_assert_msg(strstr(error.text, "reducer 'early'") != NULL, "%s", error.text);
    outbox_destroy(outbox);
}

TEST(effects__value_without_reducer_is_an_error)
{
    bind(&fill);
    ck_assert(!effects_complete(effects, &error));
    ck_assert_msg(strstr(error.text, "has no reducer, which its field 'quantity' needs") != NULL, "%s", error.text);
}

TEST(effects__a_second_definition_must_agree)
{
    static const struct etl_field fields[] = {ETL_KEY(all, id), ETL_LAST(all, total)};
    static const struct etl_effect other = {{sizeof(struct etl_effect), sizeof(struct all), sizeof(struct etl_field), 2, fields, "all"}};
    bind(&all);
    ck_assert_ptr_null(effects_bind(effects, &other, "second", &error));
    ck_assert_str_eq(error.text, "effect 'all' of plugin 'second' differs from that of plugin 'test': field 2 is 'name' there and 'total' here: "
                                 "both must include the same declaration");
}

/* ---- many rows against a plain array */

enum { KEYS = 3000, ROUNDS = 60000 };

static uint32_t draw(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (uint32_t)(state >> 32);
}

TEST_RANGE(state__agrees_with_a_plain_array, 0, 2)
{
    static int64_t total[KEYS], count[KEYS];
    struct binding *b = bind(&all);
    char name[64];
    memset(count, 0, sizeof count);
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t key = draw() % KEYS;
        int64_t value = (int64_t)(draw() % 1000) - 500;
        int size = snprintf(name, sizeof name, key % 3 ? "%u" : "key number %u, which does not fit inline", key);
        struct all effect = {.id = key % 7, .name = {name, (size_t)size}, .total = value, .latest = {name, (size_t)size}};
        if (draw() % (_i ? 10 : 1000000) == 0) {
            ck_assert(effects_remove(emitter, b, &effect, &error) == EMIT_OK);
            total[key] = count[key] = 0;
        } else {
            ck_assert(effects_emit(emitter, b, &effect, &error) == EMIT_OK);
            total[key] = count[key] ? total[key] + value : value;
            count[key]++;
        }
        if (draw() % 4) commit();
    }
    commit();
    ck_assert(effects_flush(emitter, &error));
    size_t expected = 0;
    struct scratch scratch = {0};
    for (uint32_t key = 0; key < KEYS; key++) {
        const void *found;
        int size = snprintf(name, sizeof name, key % 3 ? "%u" : "key number %u, which does not fit inline", key);
        const struct all keys = {.id = key % 7, .name = {name, (size_t)size}};
        ck_assert(effects_lookup(emitter, &(struct lookup){b, NULL, &keys},
                                 &scratch, &found, &error) == EMIT_OK);
        ck_assert_msg(!found == !count[key], "key %u", key);
        if (!found) continue;
        expected++;
        ck_assert_int_eq(((const struct all *)found)->total, total[key]);
        ck_assert_int_eq(((const struct all *)found)->n, count[key]);
    }
    ck_assert_uint_eq(table_row_count(state_table(effects_state(effects), 0)), expected);
    scratch_finish(&scratch);
}

/* As many columns as there may be, of the longest kind, with all the words that a row can have beside them. */
struct most {
    etl_decimal values[64];
    bool has;
};

TEST(effects__of_the_longest_row)
{
    enum { COUNT = 64 };
    char names[COUNT][4];
    struct etl_field fields[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) {
        sprintf(names[i], "f%u", i);
        fields[i] = (struct etl_field){.name = names[i], .kind = ETL_KIND_DECIMAL, .role = i < 60 ? ETL_ROLE_KEY : ETL_ROLE_SUM,
                                       .offset = (uint32_t)(i * sizeof(etl_decimal))};
    }
    fields[61].role = ETL_ROLE_FIRST, fields[62].role = ETL_ROLE_LAST;
    fields[63].optional = 1, fields[63].has_offset = offsetof(struct most, has);
    const struct etl_effect most = {{sizeof most, sizeof(struct most), sizeof *fields, COUNT, fields, "most"}};
    const struct binding *declared = bind(&most);
    const struct table *table = binding_table(declared);
    ck_assert_uint_eq(table->row_layout.row_bytes, ROW_BYTES_MAX);
    ck_assert(table->row_layout.present_at && table->row_layout.made_at && table->row_layout.changed_at);
    open_all();

    struct most record = {.has = true};
    struct scratch scratch = {0};
    const void *found;
    for (uint32_t i = 0; i < COUNT; i++) record.values[i] = etl_decimal_of(i, 1);
    for (int i = 0; i < 2; i++) emit(bind(&most), &record);
    ck_assert(effects_commit(emitter, NULL, 0, &error));
    ck_assert(effects_lookup(emitter, &(struct lookup){bind(&most), NULL, &record},
                             &scratch, &found, &error) == EMIT_OK);
    const struct most *row = found;
    ck_assert_ptr_nonnull(row);
    ck_assert(row->has && etl_decimal_compare(row->values[60], etl_decimal_of(12, 0)) == 0);
    ck_assert(etl_decimal_compare(row->values[63], etl_decimal_of(126, 1)) == 0);
    scratch_finish(&scratch);
}

SUITE("effects");
