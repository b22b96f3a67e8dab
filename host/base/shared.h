/* SPDX-License-Identifier: MIT
 * shared: memory that the working process shares with its supervisor, so that its
 * content can still be read when the process is gone. It is one range of addresses,
 * reserved before the fork: pointers into it mean the same in both processes. */
#ifndef BASE_SHARED_H
#define BASE_SHARED_H

#include <stddef.h>

/* Reserves the memory. Only used pages cost memory. Reserves less if address space is
 * limited. Once a process, before the fork; later calls do nothing. */
void shared_create(void);
/* Zeroed memory, aligned to 16 bytes, that is never freed. Creates the range if it
 * does not exist. NULL: the range is used up. Any thread. */
void *shared_allocate(size_t bytes);

#endif
