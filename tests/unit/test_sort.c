/* SPDX-License-Identifier: MIT
 * sort: random tables of every kind of key, several shards and threads, against comparing. */
#include "effects/emitter.h"
#include "state/sort.h"
#include "state/sort_key.h"
#include "suite.h"


struct keyed {
    int64_t number;
    etl_string text;
    etl_decimal decimal;
    bool flag;
    etl_timestamp at;
    int64_t n;
};
#define VALUE ETL_COUNT(keyed, n)
#define DECLARE(name, ...) \
    static const struct etl_field name##_fields[] = {__VA_ARGS__, VALUE}; \
    static const struct etl_effect name = {{sizeof(struct etl_effect), sizeof(struct keyed), sizeof(struct etl_field), \
        sizeof name##_fields / sizeof *name##_fields, name##_fields, #name}}
DECLARE(by_number, ETL_KEY(keyed, number));
DECLARE(by_text, ETL_KEY(keyed, text));
DECLARE(by_decimal, ETL_KEY(keyed, decimal));
DECLARE(by_number_and_text, ETL_KEY(keyed, number), ETL_KEY(keyed, text));
DECLARE(by_text_and_number, ETL_KEY(keyed, text), ETL_KEY(keyed, number));
DECLARE(by_all, ETL_KEY(keyed, flag), ETL_KEY(keyed, at), ETL_KEY(keyed, decimal), ETL_KEY(keyed, text), ETL_KEY(keyed, number));
static const struct etl_effect *const effects_of[] = {&by_number, &by_text, &by_decimal, &by_number_and_text, &by_text_and_number,
                                                     &by_all};
enum { EFFECTS = sizeof effects_of / sizeof *effects_of };

static uint64_t state = 88172645463325252u;
static uint32_t draw(uint32_t below)
{
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (uint32_t)(state >> 32) % below;
}

/* Numbers near each other, and as far from each other as can be. */
static int64_t draw_number(void)
{
    static const int64_t extremes[] = {INT64_MIN, INT64_MAX, 0, -1, 1};
    if (!draw(20)) return extremes[draw(5)];
    return draw(2) ? (int64_t)draw(5000) - 2500 : (int64_t)((uint64_t)draw(UINT32_MAX) << 32 | draw(UINT32_MAX));
}

/* Empty, short, as long as fits inline, longer, with zeros and with beginnings in common. */
static etl_string draw_text(char *room)
{
    static const char *const starts[] = {"", "a", "ab", "a prefix of twenty-one",
                                         "an even longer beginning, which fills more than eight words of a key: ........"};
    size_t size = (size_t)sprintf(room, "%s", starts[draw(5)]);
    for (uint32_t more = draw(12); more; more--) room[size++] = "\0\1azA~"[draw(6)];
    return (etl_string){room, size};
}

static void fill(struct emitter *emitter, struct outbox *outbox, struct binding *binding, uint32_t rows)
{
    char room[200];
    struct error error;
    emitter_use(emitter, outbox, false);
    for (uint32_t i = 0; i < rows; i++) {
        struct keyed row = {.number = draw_number(), .text = draw_text(room), .flag = draw(2), .at = {draw_number()},
                            .decimal = etl_decimal_of((int64_t)draw(20000) - 10000, (int)draw(5))};
        ck_assert_msg(effects_emit(emitter, binding, &row, &error) == EMIT_OK, "%s", error.text);
        ck_assert(effects_commit(emitter, NULL, i, &error));
    }
    emitter_use(emitter, NULL, false);
}

static void check_order(const struct table *table, unsigned threads)
{
    struct order order;
    order_init(&order, table, threads);
    ck_assert_uint_eq(order.count, table_row_count(table));
    for (size_t i = 1; i < order.count; i++)
        ck_assert_msg(key_compare(&table->row_layout, order_row(&order, i - 1), order_row(&order, i)) < 0,
                      "row %zu of %s", i, table->name);
    order_finish(&order);
}

TEST_RANGE(sort__agrees_with_comparing, 0, EFFECTS)
{
    static const uint32_t sizes[] = {0, 1, 2, 23, 24, 700, 5000, 40000};
    for (unsigned shards = 1; shards <= 3; shards += 2)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            struct effects *effects = effects_create();
            struct error error;
            struct binding *binding = effects_bind(effects, effects_of[_i], "test", &error);
            ck_assert_ptr_nonnull(binding);
            effects_open(effects, shards, false);
            struct outbox *outbox = shards > 1 ? outbox_create(effects) : NULL;
            struct emitter *emitters[3];
            for (unsigned k = 0; k < shards; k++) emitters[k] = emitter_create(effects, k);
            fill(emitters[0], outbox, binding, sizes[i]);
            const struct outbox_part part = {&outbox, 1, 0, UINT32_MAX, NULL, NULL};
            uint32_t failed;
            for (unsigned k = 0; k < shards && outbox; k++)
                ck_assert(outbox_apply(emitters[k], &part, &failed, &error));
            ck_assert(effects_flush(emitters[0], &error));
            for (unsigned threads = 1; threads <= 4; threads += 3) check_order(binding_table(binding), threads);
            for (unsigned k = 0; k < shards; k++) emitter_destroy(emitters[k]);
            outbox_destroy(outbox);
            effects_destroy(effects);
        }
}

SUITE("sort");
