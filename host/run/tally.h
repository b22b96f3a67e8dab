/* SPDX-License-Identifier: MIT
 * tally: what became of the loglines of a run, counted. */
#ifndef RUN_TALLY_H
#define RUN_TALLY_H

#include "run/chunk.h"
#include "run/reasons.h"

#include <stddef.h>
#include <stdint.h>

struct handler_counts {
    uint64_t called, refused; /* of lines that were not handled in the end; of the others, called is the count of their type */
};

struct tally {
    uint64_t *outcomes;              /* how many lines had each, by outcome_of(): their sum is the number read */
    uint32_t event_types;
    struct handler_counts *handlers; /* by handler */
    struct reasons reasons;          /* of rejects */
    uint64_t bytes;                  /* of all blocks that were played */
    unsigned threads_used;           /* a small log needs one only; 0: it did not come to the log */
    bool played;                     /* the whole log; where it was not, the state is not as of any line that could be named */
    bool rejects_kept, results_kept; /* published, or written as they came */
    bool published;                  /* all of it */
    double seconds;
};

/* For so many event types and handlers. */
void tally_init(struct tally *tally, uint32_t event_types, size_t handlers);
void tally_finish(struct tally *tally);
/* How many lines this became of, and how many were read: the sum over all fates. */
uint64_t tally_count(const struct tally *tally, enum fate fate);
uint64_t tally_lines(const struct tally *tally);

#endif
