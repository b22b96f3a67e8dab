/* SPDX-License-Identifier: MIT
 * Allocation, scratch memory and ranges of reserved addresses. */
#define _GNU_SOURCE
#include "base/memory.h"
#include "base/error.h"
#include "base/limits.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *allocate(size_t bytes)
{
    void *memory = calloc(1, bytes ? bytes : 1);
    if (!memory) die_without_memory();
    return memory;
}

void *reallocate(void *memory, size_t bytes)
{
    memory = realloc(memory, bytes ? bytes : 1);
    if (!memory) die_without_memory();
    return memory;
}

void *reallocate_lines(void *memory, size_t old_bytes, size_t bytes)
{
    void *larger = aligned_alloc(LINE_SIZE, (bytes + LINE_SIZE - 1) & ~(size_t)(LINE_SIZE - 1));
    if (!larger) die_without_memory();
    if (old_bytes) memcpy(larger, memory, old_bytes);
    free(memory);
    return larger;
}

char *copy_text(const char *text)
{
    char *copy = strdup(text);
    if (!copy) die_without_memory();
    return copy;
}

char *format_text(const char *format, ...)
{
    char *text;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0) die_without_memory();
    va_end(arguments);
    return text;
}

enum { CHUNK_SIZE = 64 * 1024 };

struct scratch_chunk {
    struct scratch_chunk *next;
    size_t size;
    _Alignas(16) char data[];
};

void *scratch_allocate(struct scratch *scratch, size_t bytes)
{
    bytes = (bytes + 15) & ~(size_t)15;
    if (!scratch->chunks || scratch->chunks->size - scratch->used < bytes) {
        size_t size = bytes > CHUNK_SIZE ? bytes : CHUNK_SIZE;
        struct scratch_chunk *chunk = malloc(sizeof *chunk + size);
        if (!chunk) die_without_memory();
        chunk->next = scratch->chunks;
        chunk->size = size;
        scratch->chunks = chunk;
        scratch->used = 0;
    }
    void *memory = scratch->chunks->data + scratch->used;
    scratch->used += bytes;
    scratch->total += bytes;
    return memory;
}

void *scratch_zeroed(struct scratch *scratch, size_t bytes)
{
    return memset(scratch_allocate(scratch, bytes), 0, bytes);
}

void scratch_reset(struct scratch *scratch)
{
    struct scratch_chunk *kept = NULL;
    for (struct scratch_chunk *next, *chunk = scratch->chunks; chunk; chunk = next) {
        next = chunk->next;
        if (!kept && chunk->size == CHUNK_SIZE) kept = chunk;
        else free(chunk);
    }
    if (kept) kept->next = NULL;
    *scratch = (struct scratch){.chunks = kept};
}

void scratch_finish(struct scratch *scratch)
{
    for (struct scratch_chunk *next, *chunk = scratch->chunks; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    *scratch = (struct scratch){0};
}

/* Small ranges use small pages, so that a small job starts fast and many shards take
 * little memory. Larger ones use huge pages, because page faults are expensive
 * (measured). */
enum { HUGE_PAGE = 2 * 1024 * 1024, HUGE_FROM = HUGE_PAGE / 4, SMALL_STEP = 64 * 1024 };
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* since Linux 6.1; others refuse it, which is harmless */
#endif

/* Larger than many tables, yet hundreds of ranges fit in the address space. */
#define FIRST_RESERVE ((size_t)16 << 20)

/* mremap() frees the old addresses, and another thread may get them at once, so only the
 * rest of the reserve is unmapped. */
static void range_move(struct range *range, char *to)
{
    if (mremap(range->data, range->size, range->size, MREMAP_MAYMOVE | MREMAP_FIXED, to) != MAP_FAILED) {
        if (range->reserved > range->size) munmap(range->data + range->size, range->reserved - range->size);
        return;
    }
    if (mprotect(to, range->size, PROT_READ | PROT_WRITE)) die_without_memory();
    memcpy(to, range->data, range->size);
    munmap(range->data, range->reserved);
}

static void range_reserve(struct range *range, size_t least)
{
    size_t reserve = FIRST_RESERVE;
    while (reserve / 4 < least) reserve *= 2;
    for (; reserve >= least + HUGE_PAGE; reserve /= 2) {
        char *data = mmap(NULL, reserve, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (data == MAP_FAILED) continue;
        /* huge pages need an aligned start */
        size_t ahead = -(uintptr_t)data & (HUGE_PAGE - 1);
        if (ahead) munmap(data, ahead);
        if (range->data) range_move(range, data + ahead);
        range->data = data + ahead;
        range->reserved = reserve - ahead;
        return;
    }
    die_without_memory();
}

/* The step depends only on the size needed, not on the limit: a job that runs under
 * one limit also runs under a higher one. */
static void range_grow_frugally(struct range *range, size_t bytes)
{
    const size_t size = (bytes + range->size / 8 + SMALL_STEP - 1) & ~(size_t)(SMALL_STEP - 1);
    char *data = range->data ? mremap(range->data, range->reserved, size, MREMAP_MAYMOVE)
                             : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) die_without_memory();
    *range = (struct range){data, size, size};
}

void range_grow(struct range *range, size_t bytes)
{
    if (bytes <= range->size) return;
    if (range->size == range->reserved && limits_addresses()) {
        range_grow_frugally(range, bytes);
        return;
    }
    if (bytes > range->reserved) range_reserve(range, bytes);
    size_t step = bytes > HUGE_FROM ? HUGE_PAGE : SMALL_STEP, size = bytes + range->size / 2;
    size = (size + step - 1) & ~(step - 1);
    if (size > range->reserved) size = range->reserved;
    if (mprotect(range->data + range->size, size - range->size, PROT_READ | PROT_WRITE)) die_without_memory();
    if (step == HUGE_PAGE) madvise(range->data, size, MADV_HUGEPAGE);
    if (step == HUGE_PAGE && range->size && range->size < HUGE_PAGE) madvise(range->data, HUGE_PAGE, MADV_COLLAPSE);
    range->size = size;
}

void range_trim(struct range *range, size_t bytes)
{
    bytes = (bytes + SMALL_STEP - 1) & ~(size_t)(SMALL_STEP - 1);
    if (bytes < range->size) madvise(range->data + bytes, range->size - bytes, MADV_DONTNEED);
}

void range_finish(struct range *range)
{
    if (range->data) munmap(range->data, range->reserved);
    *range = (struct range){0};
}
