/* SPDX-License-Identifier: MIT
 * Memory: allocation that does not return NULL, scratch memory that is given back all at once, and large reserved ranges. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* malloc, zeroed; realloc; strdup. They stop the program where there is no memory. Free with free(). */
void *allocate(size_t bytes);
void *reallocate(void *memory, size_t bytes);
/* Likewise, in whole lines of the cache, aligned to them. */
enum { LINE_SIZE = 64 };
void *reallocate_lines(void *memory, size_t old_bytes, size_t bytes);
char *copy_text(const char *text);
__attribute__((format(printf, 1, 2))) char *format_text(const char *format, ...);

/* Scratch memory: pieces live until the next scratch_reset(). One thread each. Starts as {0}. */
struct scratch {
    struct scratch_chunk *chunks;
    size_t used;  /* bytes of the newest chunk */
    size_t total; /* bytes handed out since the last reset */
};
void *scratch_allocate(struct scratch *scratch, size_t bytes); /* not zeroed; aligned to 16 bytes */
void *scratch_zeroed(struct scratch *scratch, size_t bytes);
void scratch_reset(struct scratch *scratch);                   /* keeps one chunk of ordinary size for the next round */
void scratch_finish(struct scratch *scratch);

/* A range that grows without being copied: addresses are reserved ahead, memory comes as it is touched, in huge pages where
 * the kernel has them. Where the reserve is used up, its pages move to a larger one; so there can be thousands of ranges.
 * Where addresses are limited (ulimit -v) none are reserved ahead.
 * Starts as {0}. */
struct range {
    char *data;
    size_t size, reserved; /* bytes usable now; bytes of address space */
};
/* Makes at least `bytes` usable (zero where never touched), maybe elsewhere; stops the program where the system refuses. */
void range_grow(struct range *range, size_t bytes);
/* Gives back the memory behind the first `bytes`, not the addresses. */
void range_trim(struct range *range, size_t bytes);
void range_finish(struct range *range);

#endif
