/* SPDX-License-Identifier: MIT
 * reasons: rejects counted by what was wrong with them: class, handler, and the text of the reason, in which one number counts as another
 * ("sells 5 more than held" and "sells 12 more than held"). So many different ones are told apart, the first that come; the rest is
 * counted together. So memory is bounded whatever the log, and the counts are those of the log's order. */
#ifndef REASONS_H
#define REASONS_H

#include "sinks/rejects.h"
#include "turn.h"

#include <etl.h>

enum { REASONS_MAX = 256, REASON_SIZE = 160 /* bytes of a text that are looked at, and kept */ };

struct reason {
    uint64_t count;
    enum reject_class class;
    uint32_t handler; /* its number, or NO_HANDLER */
    bool varies; /* in its numbers: then `form` says it */
    char text[REASON_SIZE]; /* of the first that came */
    char form[REASON_SIZE]; /* with # for each number */
};

/* Starts as {0}. */
struct reasons {
    struct reason *items; /* in the order in which they came up */
    uint32_t hashes[REASONS_MAX];
    uint32_t count;
    uint64_t others;
};

void reasons_add(struct reasons *reasons, enum reject_class class, uint32_t handler, etl_string text);
/* The most frequent first, of equal ones the one that came first; up to `most`, whose number is returned. Those that are left out, and the
 * others: *rest. */
uint32_t reasons_rank(const struct reasons *reasons, const struct reason **ranked, uint32_t most, uint64_t *rest);
void reasons_finish(struct reasons *reasons);

#endif
