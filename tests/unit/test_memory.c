/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "base/memory.h"
#include "base/shared.h"
#include "base/stream.h"
#include "suite.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Marks a range here and there, so that few pages are touched. */
enum { APART = 100 << 20 };

static void mark(const struct range *range, size_t from)
{
    for (size_t at = from; at < range->size; at += APART) range->data[at] = (char)(1 + at / APART % 100);
}

static void expect_marks(const struct range *range, size_t to)
{
    for (size_t at = 0; at < to; at += APART) ck_assert_int_eq(range->data[at], (char)(1 + at / APART % 100));
    for (size_t at = 1; at < to; at += APART) ck_assert_int_eq(range->data[at], 0);
}

TEST(range__keeps_what_it_holds_while_it_grows)
{
    struct range range = {0};
    for (size_t size = 1, before = 0; size < (size_t)3 << 30; size = range.size + 1) {
        range_grow(&range, size);
        ck_assert_uint_ge(range.size, size);
        ck_assert_uint_le(range.size, range.reserved);
        expect_marks(&range, before);
        mark(&range, (before + APART - 1) / APART * APART);
        before = range.size;
    }
    range_finish(&range);
    ck_assert_ptr_null(range.data);
}

/* Each byte, also where small pages become a huge one. */
TEST_RANGE(range__keeps_each_byte, 0, 12)
{
    struct range range = {0};
    for (size_t before = 0, step = 1 + 60000 * (size_t)_i; before < (size_t)8 << 20; before = range.size) {
        range_grow(&range, range.size + step);
        for (size_t at = 0; at < before; at++)
            if (range.data[at] != (char)(at % 251)) ck_abort_msg("byte %zu of %zu", at, before);
        for (size_t at = before; at < range.size; at++) {
            if (range.data[at]) ck_abort_msg("byte %zu is not zero", at);
            range.data[at] = (char)(at % 251);
        }
    }
    range_finish(&range);
}

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__
#endif
#endif
#ifdef __SANITIZE_THREAD__
enum { MANY = 500 }; /* it keeps most addresses to itself */
#else
enum { MANY = 4000 };
#endif

TEST(range__leaves_addresses_for_many)
{
    const char *preload = getenv("LD_PRELOAD");
    size_t many = preload && strstr(preload, "vgpreload") ? 50 : MANY; /* valgrind has few addresses to give */
    struct range *ranges = calloc(many, sizeof *ranges);
    for (size_t i = 0; i < many; i++) {
        range_grow(&ranges[i], 1);
        ck_assert_uint_gt(ranges[i].reserved, (size_t)1 << 20);
        ck_assert_uint_le(ranges[i].reserved, (size_t)16 << 20); /* also where there is a limit on addresses */
        ranges[i].data[0] = 1;
    }
    for (size_t i = 0; i < many; i++) range_finish(&ranges[i]);
    free(ranges);
}

TEST(memory__of_lines_begins_with_one)
{
    char *memory = NULL;
    for (size_t size = 1, before = 0; size < 100000; before = size, size = size * 2 + 5) {
        memory = reallocate_lines(memory, before, size);
        ck_assert_uint_eq((uintptr_t)memory % LINE_SIZE, 0);
        for (size_t i = 0; i < before; i++) ck_assert_int_eq(memory[i], (char)(i % 101));
        for (size_t i = before; i < size; i++) memory[i] = (char)(i % 101);
    }
    free(memory);
}

TEST(stream__copies_whole_lines_and_no_more)
{
    enum { LINES = 9 };
    _Alignas(LINE_SIZE) char to[(LINES + 1) * LINE_SIZE];
    char from[(LINES + 1) * LINE_SIZE];
    for (size_t i = 0; i < sizeof from; i++) from[i] = (char)(i % 101);
    for (size_t lines = 0; lines <= LINES; lines++)
        for (size_t shift = 0; shift < LINE_SIZE; shift += 7) { /* from anywhere */
            memset(to, -1, sizeof to);
            stream_copy(to, from + shift, lines);
            stream_end();
            ck_assert_mem_eq(to, from + shift, lines * LINE_SIZE);
            for (size_t i = lines * LINE_SIZE; i < sizeof to; i++) ck_assert_int_eq(to[i], -1);
        }
}

/* Where a range has just been, another thread has memory of its own at once. */
static char *others;

void *mremap(void *from, size_t size, size_t new_size, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    void *to = va_arg(arguments, void *);
    va_end(arguments);
    void *moved = (void *)syscall(SYS_mremap, from, size, new_size, flags, to);
    if (moved == MAP_FAILED) return moved;
    others = mmap(from, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (others != MAP_FAILED) *others = 'x';
    return moved;
}

TEST(range__leaves_alone_what_others_have_where_it_was)
{
    struct range range = {0};
    while (!others || others == MAP_FAILED) range_grow(&range, range.size + 1);
    unsigned char present;
    ck_assert_msg(!mincore(others, 1, &present), "the others' memory is gone");
    ck_assert_int_eq(*others, 'x');
    munmap(others, 1);
    range_finish(&range);
}

TEST(shared__is_seen_when_the_process_is_gone)
{
    char *first = shared_allocate(3);
    int status;
    pid_t child = fork();
    if (!child) {
        char **second = shared_allocate(sizeof *second);
        memcpy(first, "ok", 3);
        *second = first;
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_str_eq(first, "ok");
    char **second = (char **)(first + 16);
    ck_assert_ptr_eq(*second, first);
    char *third = shared_allocate(1); /* where it ends is shared, too */
    ck_assert_ptr_eq(third, first + 32);
}

/* Exits with how many MiB there are. */
static void count_shared_megabytes(rlim_t address_space_left)
{
    unsigned long pages;
    int count = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%lu", &pages) != 1 || fclose(file)) _exit(99);
    const rlim_t most = pages * (rlim_t)sysconf(_SC_PAGESIZE) + address_space_left;
    setrlimit(RLIMIT_AS, &(struct rlimit){most, RLIM_INFINITY});
    while (count < 98 && shared_allocate((1 << 20) - 16)) count++;
    _exit(shared_allocate((size_t)1 << 60) || shared_allocate(SIZE_MAX) ? 98 : count);
}

TEST(shared__does_with_less_address_space)
{
    int status;
    pid_t child = fork();
    if (!child) count_shared_megabytes(24 << 20);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 4); /* whatever the limit is */
}

SUITE("memory");
