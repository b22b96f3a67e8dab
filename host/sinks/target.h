/* SPDX-License-Identifier: MIT
 * target: where an output path leads. Symbolic links are followed to their end, which need not exist yet. */
#ifndef SINKS_TARGET_H
#define SINKS_TARGET_H

#include "base/error.h"

#include <sys/stat.h>

enum target_kind {
    TARGET_FILE,       /* a regular file, or nothing yet: a new file takes its place */
    TARGET_DIRECT,     /* a FIFO, a device: opened and written as it is */
    TARGET_DESCRIPTOR, /* something that this process has open: "-", /dev/stdout, /dev/fd/3 */
};

struct target {
    enum target_kind kind;
    int descriptor;     /* of DESCRIPTOR, otherwise -1 */
    bool exists;        /* false: a FILE that is new */
    char *path;         /* the links' end, whose folder part has no links either; NULL of DESCRIPTOR */
    const char *name;   /* the last part of path */
    struct stat status; /* where it exists */
    struct stat folder; /* of what is not DESCRIPTOR */
};

/* Fails where nothing could be written there: a folder, in a folder that does not exist, not permitted;
 * nor a file renamed to it: a mount point, another user's file in a sticky folder. Opens nothing. */
bool target_find(struct target *target, const char *path, struct error *error);
/* What this process has open for writing as `descriptor`. `called` names it in messages. */
bool target_find_descriptor(struct target *target, int descriptor, const char *called, struct error *error);
/* Would writing to one change what the other gives? /dev/null is equal to nothing. */
bool target_equal(const struct target *a, const struct target *b);
/* Is it this file? */
bool target_is(const struct target *target, const struct stat *status);
void target_finish(struct target *target);

#endif
