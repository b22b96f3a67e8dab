/* SPDX-License-Identifier: MIT */
#include "loglines.h"
#include "row/hash.h"
#include "row/packed_string.h"
#include "suite.h"

enum { SEEDS = 300, BITS = 13, SLOTS = 1 << BITS, KEYS = SLOTS * 6 / 10 };

static void draw_seed(void)
{
    hash_seed[0] = loglines_random(), hash_seed[1] = loglines_random() | 1;
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
TEST(hash__spreads_keys_that_differ_by_steps)
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

/* ---- families of keys that differ in a few places only */

enum { FAMILY_SEEDS = 12, HALF = BITS / 2, WORDS_MAX = 8, TEXT_MAX = 200 };

/* The i-th key of a family, in words; `words` is how many there are. */
typedef void make_key(uint64_t *key, uint32_t words, uint32_t i);

static uint32_t low_half(uint32_t i)
{
    return i & ((1u << HALF) - 1);
}

static void vary_low_bits(uint64_t *key, uint32_t words, uint32_t i)
{
    key[0] = words > 1 ? low_half(i) : i, key[words - 1] = words > 1 ? i >> HALF : i;
}

static void vary_high_bits(uint64_t *key, uint32_t words, uint32_t i)
{
    if (words == 1) key[0] = (uint64_t)i << (64 - BITS);
    else key[words - 2] = (uint64_t)low_half(i) << (64 - HALF), key[words - 1] = (uint64_t)(i >> HALF) << (64 - HALF - 1);
}

static void vary_outer_high_bits(uint64_t *key, uint32_t words, uint32_t i)
{
    if (words == 1) key[0] = (uint64_t)i << (64 - BITS);
    else key[0] = (uint64_t)low_half(i) << (64 - HALF), key[words - 1] = (uint64_t)(i >> HALF) << (64 - HALF - 1);
}

static void vary_middle_bits(uint64_t *key, uint32_t words, uint32_t i)
{
    key[0] = (uint64_t)low_half(i) << 29, key[words - 1] |= (uint64_t)(i >> HALF) << 36;
}

/* One bit here and one there, all over the key. */
static void vary_few_bits(uint64_t *key, uint32_t words, uint32_t i)
{
    const uint32_t bits = 64 * words, a = i % bits, b = i / bits % bits, c = i / bits / bits;
    key[a / 64] ^= (uint64_t)1 << a % 64;
    key[b / 64] ^= (uint64_t)1 << b % 64;
    key[0] += (uint64_t)c << 20;
}

/* Sums and differences of words that stay the same. */
static void vary_differences(uint64_t *key, uint32_t words, uint32_t i)
{
    for (uint32_t k = 0; k < words; k++) key[k] = k % 2 ? -(uint64_t)i : i;
}

static void vary_same(uint64_t *key, uint32_t words, uint32_t i)
{
    for (uint32_t k = 0; k < words; k++) key[k] = (uint64_t)i << (k * 7 % 48);
}

/* A text of so many letters that differ in two places: what a text key brings, and a word before it. */
static void vary_text(uint64_t *key, uint32_t size, uint32_t i)
{
    static char texts[2][TEXT_MAX];
    char *text = texts[i % 2];
    memset(text, 'x', size);
    snprintf(text + size / 3, 3, "%02x", i & 0xFF), text[size / 3 + 2] = 'x';
    snprintf(text + size - 3, 3, "%02x", i >> 8), text[size - 1] = 'x';
    if (size <= TEXT_INLINE_MAX) text_pack_short((etl_string){text, size}, key);
    else text_pack_long((etl_string){text, size}, key), key[0] = 0; /* as rows have it */
}

/* The longest way, and all of them together, in an index that is as full as one may be. */
struct probes {
    uint32_t most;
    double mean;
};

static struct probes family_probes(make_key *make, uint32_t words, uint32_t size)
{
    static uint8_t taken[SLOTS];
    struct probes probes = {0};
    uint64_t all = 0;
    memset(taken, 0, sizeof taken);
    for (uint32_t i = 0; i < KEYS; i++) {
        uint64_t key[WORDS_MAX] = {0};
        make(key, size, i);
        uint32_t at = hash_words(key, words) % SLOTS, steps = 1;
        for (; taken[at]; at = (at + 1) % SLOTS) steps++;
        taken[at] = 1;
        all += steps;
        if (steps > probes.most) probes.most = steps;
    }
    probes.mean = (double)all / KEYS;
    return probes;
}

/* Hashes that are as good as random have a mean of 1.75 and a longest way of some 40. */
static void check_family(const char *name, make_key *make, uint32_t words, uint32_t size)
{
    unsigned bad = 0;
    for (unsigned seed = 0; seed < FAMILY_SEEDS; seed++) {
        draw_seed();
        struct probes probes = family_probes(make, words, size);
        bad += probes.mean > 3 || probes.most > 200;
    }
    ck_assert_msg(bad <= 1, "%s of %u: bad with %u of %d seeds", name, size, bad, FAMILY_SEEDS);
}

TEST(hash__spreads_every_family_of_words)
{
    static const struct {
        const char *name;
        make_key *make;
    } families[] = {{"low bits", vary_low_bits},       {"high bits", vary_high_bits},     {"outer high bits", vary_outer_high_bits},
                    {"middle bits", vary_middle_bits}, {"few bits", vary_few_bits},       {"differences", vary_differences},
                    {"the same in all", vary_same}};
    for (uint32_t words = 1; words <= WORDS_MAX; words++)
        for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
            if (words == 1 && families[i].make == vary_few_bits) continue; /* there are not so many */
            if (words == 1 && families[i].make == vary_middle_bits) continue;
            check_family(families[i].name, families[i].make, words, words);
        }
}

TEST(hash__spreads_texts_that_differ_in_two_places)
{
    static const uint32_t sizes[] = {8, 12, 15, 16, 17, 24, 31, 32, 33, 40, 64, 100, TEXT_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) check_family("text", vary_text, 2, sizes[i]);
}

SUITE("hash");
