/* SPDX-License-Identifier: MIT
 * reasons: rejects counted by what was wrong with them: class, handler, and the text of the reason. In a text one number
 * counts as another: "sells 5 more than held" is "sells 12 more than held". What stands in quotes may be the name of a
 * field, which is worth knowing, or a value, of which there are thousands: so texts that differ in it are told apart while
 * there are few of them.
 *
 * Of all this there is so much and no more, the first that come; the rest is counted together. So memory is bounded whatever the
 * log, and the counts are those of the log's order. */
#ifndef RUN_REASONS_H
#define RUN_REASONS_H

#include "run/chunk.h"
#include "sinks/rejects.h"

#include <etl.h>

enum {
    REASON_SIZE = 160, /* of a text, in bytes; what is longer is cut */
    GISTS_MAX = 64,    /* texts without numbers and without what is quoted */
    FORMS_MAX = 8,     /* of a gist: texts without numbers */
};

/* Rejects of one kind. */
struct reason {
    uint64_t count;
    enum reject_class class;
    uint32_t handler; /* its number, or NO_HANDLER */
    const char *text; /* with # for what differs; lives as long as the reasons */
};

/* Starts as {0}. */
struct reasons {
    struct gist *gists; /* as they came up, and so are the forms */
    struct form *forms;
    uint32_t gist_count, form_count;
    uint32_t gist_hashes[GISTS_MAX], form_hashes[GISTS_MAX * FORMS_MAX];
    uint64_t others;
};

void reasons_add(struct reasons *reasons, enum reject_class class, uint32_t handler, etl_string text);
/* The most frequent first, of equal ones the one that came first; up to `most`, whose number is returned. Those that are left
 * out, and the others: *rest. */
uint32_t reasons_rank(const struct reasons *reasons, struct reason *ranked, uint32_t most, uint64_t *rest);
void reasons_finish(struct reasons *reasons);

#endif
