/* SPDX-License-Identifier: MIT */
#include "pipeline_impl.h"

/* 1234567 as 1,234,567 */
static const char *grouped(uint64_t number, char text[32])
{
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%" PRIu64, number), at = 0;
    for (int i = 0; i < size; i++) {
        if (i && (size - i) % 3 == 0) text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
    return text;
}

void summary_print(const struct pipeline *p, double seconds)
{
    const uint64_t *fates = p->counts.fates;
    const struct state *state = effects_state(p->effects);
    uint64_t read = 0;
    char text[6][32];
    for (size_t i = 0; i < FATE_COUNT; i++) read += fates[i];
    fprintf(stderr, "loglines %s: %s handled, %s unhandled, %s skipped, %s rejected, %s blank\n", grouped(read, text[0]),
            grouped(fates[FATE_HANDLED], text[1]), grouped(fates[FATE_UNHANDLED], text[2]), grouped(fates[FATE_SKIPPED], text[3]),
            grouped(fates[FATE_REJECTED], text[4]), grouped(fates[FATE_BLANK], text[5]));
    for (size_t i = 0; i < dispatch_handler_count(p->dispatch); i++) {
        const struct handler *h = dispatch_handler(p->dispatch, i);
        if (!p->handlers[i].called && !p->types[schema_event_type(p->schema, h->event_type)].fates[FATE_HANDLED])
            fprintf(stderr, "never fired: handler '%s' of plugin '%s' (event type '%s')\n", h->name, h->plugin->name, h->event_type);
    }
    for (size_t i = 0; i < state_table_count(state) && p->played; i++) {
        const struct table *table = state_table(state, i);
        fprintf(stderr, "table %s: %s rows, %s KiB\n", table_name(table), grouped(table_row_count(table), text[0]),
                grouped((table_bytes(table) + 1023) / 1024, text[1]));
    }
    fprintf(stderr, "%.3f s", seconds);
    if (seconds > 0) fprintf(stderr, ", %s loglines/s", grouped((uint64_t)((double)read / seconds), text[0]));
    fputc('\n', stderr);
}
