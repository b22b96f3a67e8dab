/* SPDX-License-Identifier: MIT
 * temporary: the hidden files beside an output's place. Content is written to
 * .NAME.ID-N.etl-host.tmp, which is renamed in the end. While outputs are published,
 * an earlier file is kept as .NAME.ID-N.etl-host.old, and a new output has a second
 * name, .NAME.ID-N.etl-host.new. ID is the same for all outputs of a run. A run holds
 * a lock on its files as long as it lives.
 *
 * The files are registered in shared memory before they are created, so that a signal
 * handler, or the supervisor when the process is gone, can roll back everything that
 * was begun. Functions of one temporary are for one thread. */
#ifndef SINKS_TEMPORARY_H
#define SINKS_TEMPORARY_H

#include "sinks/target.h"

#include <stdbool.h>

struct temporary;

/* The parts of the names, for code that looks for files of dead runs. */
#define TEMPORARY_ENDING ".etl-host."
enum { TEMPORARY_ID_SIZE = 8, TEMPORARY_NUMBER_SIZE = 4 /* digits, at least */ };

/* Creates the file, empty, with the permissions of the file that it will replace, and
 * locks it. Returns its descriptor. -1: errno says why. */
int temporary_create(const struct target *target, struct temporary **temporary);
/* Do its name and this descriptor still refer to that file, of `size` bytes? errno is
 * 0 if it is another file. */
bool temporary_intact(const struct temporary *temporary, int descriptor, off_t size);
/* Removes the file, unless it is published. */
void temporary_remove(struct temporary *temporary);

/* ---- publishing, in this order: each step for all files before the next */

/* Keeps the file in the place. True even if the file system cannot; false: errno says
 * why. */
bool temporary_keep(struct temporary *temporary);
/* Renames it into place. */
bool temporary_place(struct temporary *temporary);
/* Makes the new file final: removes the kept one. */
void temporary_settle(struct temporary *temporary);

/* ---- all temporary files of the process */

/* From here on this thread publishes, and other threads that are about to end the
 * process wait until temporaries_end(). */
void temporaries_begin(void);
/* All files are in place for good. `fate`, a literal, is what temporaries_fate()
 * returns from now on. */
void temporaries_published(const char *fate);
/* Unless the files were published: puts back the replaced files, and removes the new
 * ones. False: a file could not be put back; finished files are kept, and standard
 * error says which. */
bool temporaries_take_back(void);
void temporaries_end(void);
/* The same when the process is about to end, or is gone and this is another one. Waits
 * for a thread that publishes. Async-signal-safe. */
void temporaries_abandon(void);
/* What has become of the outputs, as half a sentence. Async-signal-safe. */
const char *temporaries_fate(void);
/* Counts outputs that are written directly and are not complete. */
void temporaries_count_direct(int change);
/* Creates the registry. Called before a fork, so that both processes have it. */
void temporaries_share(void);

#endif
