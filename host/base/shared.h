/* SPDX-License-Identifier: MIT
 * Memory that the working process shares with its supervisor: what is put there can still be read when the process is gone.
 * One range of addresses, reserved before the fork, so that pointers into it mean the same in both processes. */
#ifndef BASE_SHARED_H
#define BASE_SHARED_H

#include <stddef.h>

/* Reserves the memory. Only what is used counts: pages come as they are touched. Where address space is limited it reserves less.
 * Once a process, before the fork; later calls do nothing. */
void shared_create(void);
/* Zeroed memory, aligned to 16 bytes, that is never freed; creates the range where nobody has. NULL where it is used up. Any
 * thread. */
void *shared_allocate(size_t bytes);

#endif
