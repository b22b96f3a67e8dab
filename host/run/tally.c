/* SPDX-License-Identifier: MIT
 * Counts of loglines by event type and fate. */
#include "run/tally.h"
#include "base/memory.h"

#include <stdlib.h>

void tally_init(struct tally *tally, uint32_t event_types, size_t handlers)
{
    *tally = (struct tally){.event_types = event_types};
    tally->outcomes = allocate(outcome_of(event_types, 0) * sizeof *tally->outcomes);
    tally->handlers = allocate(handlers * sizeof *tally->handlers);
}

void tally_finish(struct tally *tally)
{
    reasons_finish(&tally->reasons);
    free(tally->outcomes);
    free(tally->handlers);
    *tally = (struct tally){0};
}

uint64_t tally_count(const struct tally *tally, enum fate fate)
{
    uint64_t lines = tally->outcomes[outcome_of(NO_EVENT_TYPE, fate)];
    for (uint32_t type = 0; type < tally->event_types; type++) lines += tally->outcomes[outcome_of(type, fate)];
    return lines;
}

uint64_t tally_lines(const struct tally *tally)
{
    uint64_t lines = 0;
    for (enum fate fate = 0; fate < FATE_COUNT; fate++) lines += tally_count(tally, fate);
    return lines;
}
