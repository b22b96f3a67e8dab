/* SPDX-License-Identifier: MIT
 * progress: a line on a terminal, standard error, that says how far a run has come. It appears after half a second, changes five
 * times a second, and is gone before anything else is said there. */
#ifndef RUN_PROGRESS_H
#define RUN_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress_figures {
    uint64_t bytes_read, bytes; /* bytes: of all there is to read; 0: not known */
    uint64_t lines, rejects;
};

struct progress {
    bool on;
    double start, next; /* seconds, of the clock; next: when it is due */
};

/* On, if standard error is a terminal that can erase a line. */
void progress_start(struct progress *progress);
/* Is it time to show it again? Costs a look at the clock, where it is on. */
bool progress_is_due(const struct progress *progress);
void progress_show(struct progress *progress, const struct progress_figures *figures);
/* Takes the line off the screen, if it is there: before anything else is written. */
void progress_erase(void);
/* Off for good. */
void progress_finish(struct progress *progress);
/* The process is about to end: off for good. Async-signal-safe. */
void progress_abandon(void);

/* The text of the line, for so many seconds since the start, not wider than `width`. */
void progress_format(const struct progress_figures *figures, double seconds, unsigned width, char *text, size_t size);

#endif
