/* SPDX-License-Identifier: MIT
 * descriptor: reading and writing what may be in any state. Where bytes are not to be had or not taken
 * yet, and the descriptor does not block, it is waited for; and a number may mean something else than
 * it did, as a plugin can close it and open another. */
#ifndef BASE_DESCRIPTOR_H
#define BASE_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Writes all of it. False: errno says why, and a part may be written. Async-signal-safe. */
bool descriptor_write(int descriptor, const char *data, size_t size);
/* As read(); waits for bytes as if the descriptor did block. -1 with EINTR: a signal came. */
ssize_t descriptor_read(int descriptor, void *data, size_t size);

/* What a descriptor leads to. */
struct identity {
    dev_t device, special; /* special: of a device */
    ino_t inode;
    mode_t kind;
};
struct identity identity_of(const struct stat *status);
/* Does the descriptor lead there? */
bool identity_holds(const struct identity *identity, int descriptor);

#endif
