/* SPDX-License-Identifier: MIT
 * memory: allocation that never returns NULL, scratch memory that is freed all at
 * once, and large reserved ranges. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* malloc, zeroed; realloc; strdup. They stop the program when memory runs out. Free
 * with free(). */
void *allocate(size_t bytes);
void *reallocate(void *memory, size_t bytes);
/* The same, in whole cache lines, aligned to them. */
enum { LINE_SIZE = 64 };
void *reallocate_lines(void *memory, size_t old_bytes, size_t bytes);
char *copy_text(const char *text);
__attribute__((format(printf, 1, 2))) char *format_text(const char *format, ...);

/* Scratch memory: pieces live until the next scratch_reset(). For one thread. Starts
 * as {0}. */
struct scratch {
    struct scratch_chunk *chunks;
    size_t used;  /* bytes of the newest chunk */
    size_t total; /* bytes handed out since the last reset */
};
/* not zeroed; aligned to 16 bytes */
void *scratch_allocate(struct scratch *scratch, size_t bytes);
void *scratch_zeroed(struct scratch *scratch, size_t bytes);
/* keeps one chunk of ordinary size for reuse */
void scratch_reset(struct scratch *scratch);
void scratch_finish(struct scratch *scratch);

/* A range that grows without being copied. Addresses are reserved ahead; memory comes
 * as it is touched, in huge pages where the kernel has them. When the reserve is used
 * up, the pages move to a larger one, so there can be thousands of ranges. If
 * addresses are limited (ulimit -v), none are reserved ahead. Starts as {0}. */
struct range {
    char *data;
    size_t size, reserved; /* bytes usable now; bytes of address space */
};
/* Makes at least `bytes` usable (zero where never touched). May move the range. Stops
 * the program if the system refuses. */
void range_grow(struct range *range, size_t bytes);
/* Gives back the memory behind the first `bytes`, not the addresses. */
void range_trim(struct range *range, size_t bytes);
void range_finish(struct range *range);

#endif
