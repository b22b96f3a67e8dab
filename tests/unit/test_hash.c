/* SPDX-License-Identifier: MIT */
#include "state/hash.h"
#include "loglines.h"

enum { SEEDS = 300, BITS = 13, SLOTS = 1 << BITS, KEYS = SLOTS * 6 / 10 };

static void draw_seed(void)
{
    for (size_t i = 0; i < 3; i++) hash_seed[i] = loglines_random() | (i > 0);
}

/* How many slots of an index that is as full as one may be are looked at for a key, on average. */
static double mean_probes(uint32_t words, uint64_t step)
{
    static uint8_t taken[SLOTS];
    uint64_t key[] = {0, 0x4148534143, (uint64_t)4 << 56}, probes = 0, start = loglines_random() >> 16;
    memset(taken, 0, sizeof taken);
    for (uint64_t i = 0; i < KEYS; i++) {
        key[0] = start + i * step;
        uint32_t at = hash_words(key, words) % SLOTS;
        for (; taken[at]; at = (at + 1) % SLOTS) probes++;
        taken[at] = 1;
    }
    return 1 + (double)probes / KEYS;
}

/* Numbers that people give in order: one by one, by thousands, with the time or the place of a machine above a counter. Of
 * hashes that are as good as random 1.75 slots would be looked at. */
START_TEST(hash__spreads_keys_that_differ_by_steps)
{
    static const unsigned shifts[] = {0, 1, 8, 10, 16, 22, 32, 40};
    for (uint32_t words = 1; words <= 3; words++)
        for (size_t i = 0; i < sizeof shifts / sizeof *shifts; i++) {
            unsigned bad = 0;
            for (unsigned seed = 0; seed < SEEDS; seed++) {
                draw_seed();
                bad += mean_probes(words, (uint64_t)1 << shifts[i]) > 3;
            }
            ck_assert_msg(bad <= 1, "%u words, steps of 2^%u: bad with %u of %d seeds", words, shifts[i], bad, SEEDS);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hash");
    TCase *tests = tcase_create("hash");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, hash__spreads_keys_that_differ_by_steps);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
