/* SPDX-License-Identifier: MIT
 * target: the file that an output path refers to. Symbolic links are followed to their
 * end, which need not exist yet. */
#ifndef SINKS_TARGET_H
#define SINKS_TARGET_H

#include "base/error.h"

#include <sys/stat.h>

enum target_kind {
    TARGET_FILE,       /* a regular file, or nothing yet: a new file replaces it */
    TARGET_DIRECT,     /* a FIFO, a device: opened and written directly */
    /* an open descriptor of this process: "-", /dev/stdout, /dev/fd/3 */
    TARGET_DESCRIPTOR,
};

struct target {
    enum target_kind kind;
    int descriptor;     /* for DESCRIPTOR, otherwise -1 */
    bool exists;        /* false: a new FILE */
    /* the end of the links, with a folder part free of links; NULL for DESCRIPTOR */
    char *path;
    const char *name;   /* the last part of `path` */
    struct stat status; /* valid if it exists */
    struct stat folder; /* valid except for DESCRIPTOR */
};

/* Finds the target. Fails if nothing could be written there (a folder, in a missing
 * folder, not permitted), or no file renamed to it (a mount point, another user's file
 * in a sticky folder). Opens nothing. */
bool target_find(struct target *target, const char *path, struct error *error);
/* The target that this process has open for writing as `descriptor`. `called` names it
 * in messages. */
bool target_find_descriptor(struct target *target, int descriptor, const char *called, struct error *error);
/* Would writing to one change the content of the other? /dev/null equals nothing. */
bool target_equal(const struct target *a, const struct target *b);
/* Is it this file? */
bool target_is(const struct target *target, const struct stat *status);
void target_finish(struct target *target);

#endif
