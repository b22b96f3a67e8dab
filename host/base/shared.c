/* SPDX-License-Identifier: MIT
 * One shared mapping, handed out from start to end. */
#define _GNU_SOURCE
#include "base/shared.h"
#include "base/error.h"
#include "base/limits.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

enum { ALIGNMENT = 16, SIZE_WANTED = 64 << 20, SIZE_FRUGAL = 4 << 20, SIZE_LEAST = 64 << 10 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char *base;
static size_t size;
static atomic_size_t *used; /* at the start of the mapping */

static void reserve(void)
{
    void *memory = MAP_FAILED;
    for (size = limits_addresses() ? SIZE_FRUGAL : SIZE_WANTED; size >= SIZE_LEAST; size /= 2) {
        memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory != MAP_FAILED) break;
    }
    if (memory == MAP_FAILED) die_without_memory();
    base = memory;
    used = memory;
    *used = ALIGNMENT;
}

void shared_create(void)
{
    pthread_once(&once, reserve);
}

void *shared_allocate(size_t bytes)
{
    shared_create();
    if (bytes > size - ALIGNMENT) return NULL;
    bytes = (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    size_t start = atomic_load(used);
    do {
        if (bytes > size - start) return NULL;
    } while (!atomic_compare_exchange_weak(used, &start, start + bytes));
    return base + start;
}
