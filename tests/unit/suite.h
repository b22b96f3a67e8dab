/* SPDX-License-Identifier: MIT
 * suite: the tests of one file, and its main(). A test adds itself where it is written:
 *
 *     SUITE("figures");
 *     TEST(figures__align) { ... }
 *     TEST_EACH(figures__are_as_people_read_them, figures) { ... figures[_i] ... }
 *
 * They run in this order, each in a process of its own unless CK_FORK=no. */
#ifndef SUITE_H
#define SUITE_H

#include <check.h>
#include <stdlib.h>

#undef fail /* check's own word, and a service of etl.h's */

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof *(array)))

/* The name of the file's suite; and what to do before all of its tests, and after them. */
#define SUITE(name) SUITE_WITH(name, NULL, NULL)
#define SUITE_WITH(name, begin, end) static const struct suite_file suite_file = {name, begin, end}

/* A test, of which `_i` is 0; one for each number `_i` from `from` up to `to`; one for each element of an array. */
#define TEST(name) TEST_RANGE(name, 0, 1)
#define TEST_EACH(name, array) TEST_RANGE(name, 0, COUNT_OF(array))
#define TEST_RANGE(name, from, to) \
    static void name(int _i); \
    static const TTest name##_test = {"" #name, name, __FILE__, __LINE__}; \
    __attribute__((constructor)) static void name##_add(void) { suite_add(&name##_test, from, to); } \
    static void name(int _i CK_ATTRIBUTE_UNUSED)

/* What the tests that follow need: called before and after each of them. */
#define FIXTURE(setup, teardown) FIXTURE_AT(setup, teardown, __LINE__)
#define FIXTURE_AT(setup, teardown, line) FIXTURE_NAMED(setup, teardown, line)
#define FIXTURE_NAMED(setup, teardown, line) \
    __attribute__((constructor)) static void fixture_##line(void) { suite_use(setup, teardown); } \
    _Static_assert(1, "a semicolon follows")

struct suite_file {
    const char *name;
    void (*begin)(void), (*end)(void);
};
static const struct suite_file suite_file;

enum { SUITE_TIMEOUT_S = 120 };

static SRunner *suite_runner;
static Suite *suite_tests;
static TCase *suite_case; /* of the fixture at hand */

static void suite_use(void (*setup)(void), void (*teardown)(void))
{
    if (!suite_tests) suite_tests = suite_create(suite_file.name);
    suite_case = tcase_create(suite_file.name);
    tcase_set_timeout(suite_case, SUITE_TIMEOUT_S);
    if (setup || teardown) tcase_add_checked_fixture(suite_case, setup, teardown);
    suite_add_tcase(suite_tests, suite_case);
}

static void suite_add(const TTest *test, int from, int to)
{
    if (!suite_case) suite_use(NULL, NULL);
    tcase_add_loop_test(suite_case, test, from, to);
}

int main(void)
{
    if (suite_file.begin) suite_file.begin();
    suite_runner = srunner_create(suite_tests);
    srunner_run_all(suite_runner, CK_ENV);
    int failed = srunner_ntests_failed(suite_runner);
    srunner_free(suite_runner);
    if (suite_file.end) suite_file.end();
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
