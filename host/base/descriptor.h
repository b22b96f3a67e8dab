/* SPDX-License-Identifier: MIT
 * descriptor: reads and writes on descriptors in any state. On a non-blocking
 * descriptor the calls wait until bytes arrive or are taken. An identity tells whether
 * a descriptor number still refers to the same file, because a plugin can close it and
 * open another. */
#ifndef BASE_DESCRIPTOR_H
#define BASE_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Writes all of it. False: errno says why, and a part may be written.
 * Async-signal-safe. */
bool descriptor_write(int descriptor, const char *data, size_t size);
/* Like read(), but waits for bytes as if the descriptor were blocking. -1 with EINTR:
 * a signal came. */
ssize_t descriptor_read(int descriptor, void *data, size_t size);

/* The file that a descriptor refers to. */
struct identity {
    dev_t device, special; /* special: the device number of a device file */
    ino_t inode;
    mode_t kind;
};
struct identity identity_of(const struct stat *status);
/* Does the descriptor refer to this file? */
bool identity_holds(const struct identity *identity, int descriptor);

#endif
