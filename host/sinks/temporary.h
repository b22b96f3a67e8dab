/* SPDX-License-Identifier: MIT
 * temporary: the hidden files beside an output's place. What is written stands in
 * .NAME.ID-N.etl-host.tmp until it is renamed; while outputs are published, what was there before is
 * kept as .NAME.ID-N.etl-host.old, and an output that is new has a second name,
 * .NAME.ID-N.etl-host.new. ID is the same for all outputs of a run. A run holds a lock on its files as
 * long as it lives.
 *
 * They are registered in shared memory before they are made, so that a signal handler, or the
 * supervisor when the process is gone, can take back all that was begun. Functions of one temporary
 * are for one thread. */
#ifndef SINKS_TEMPORARY_H
#define SINKS_TEMPORARY_H

#include "sinks/target.h"

#include <stdbool.h>

struct temporary;

/* The parts of their names, for those who look for what dead runs left. */
#define TEMPORARY_ENDING ".etl-host."
enum { TEMPORARY_ID_SIZE = 8, TEMPORARY_NUMBER_SIZE = 4 /* digits, at least */ };

/* Makes the file, empty, with the permissions of what it is to replace, and locks it: its descriptor.
 * -1: errno says why. */
int temporary_create(const struct target *target, struct temporary **temporary);
/* Is that file still what its name and this descriptor lead to, with so many bytes? errno is 0 where it
 * is another. */
bool temporary_intact(const struct temporary *temporary, int descriptor, off_t size);
/* Removes it, unless it is published. */
void temporary_remove(struct temporary *temporary);

/* ---- publishing, in this order: all of them in each step */

/* Keeps what is in the place. True also where the file system cannot; false: errno says why. */
bool temporary_keep(struct temporary *temporary);
/* Renames it into place. */
bool temporary_place(struct temporary *temporary);
/* It stays: what was kept goes. */
void temporary_settle(struct temporary *temporary);

/* ---- of all temporary files of the process */

/* From here on this thread publishes, and others that are about to end the process wait until
 * temporaries_end(). */
void temporaries_begin(void);
/* All are in place, for good. `fate`, a literal, is what temporaries_fate() says from now on. */
void temporaries_published(const char *fate);
/* Unless they were published: puts back what was placed, and removes all. False: something could not be
 * put back; finished files are kept, and standard error says which. */
bool temporaries_take_back(void);
void temporaries_end(void);
/* The same where the process is about to end, or is gone and this is another. Waits for a thread that
 * publishes. Async-signal-safe. */
void temporaries_abandon(void);
/* What has become of the outputs, half a sentence. Async-signal-safe. */
const char *temporaries_fate(void);
/* Counts outputs that are written as they go, and are not complete. */
void temporaries_count_direct(int change);
/* The registry. Before a fork, so that both processes have it. */
void temporaries_share(void);

#endif
