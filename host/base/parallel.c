/* SPDX-License-Identifier: MIT */
#include "parallel.h"
#include "memory.h"

#include <pthread.h>
#include <stdlib.h>

struct part {
    void (*work)(void *data, unsigned thread);
    void *data;
    unsigned thread;
    pthread_t id;
};

static void *run(void *data)
{
    struct part *part = data;
    part->work(part->data, part->thread);
    return NULL;
}

void parallel_run(unsigned threads, void (*work)(void *data, unsigned thread), void *data)
{
    struct part *parts = allocate(threads * sizeof *parts);
    unsigned started = 1;
    for (unsigned i = 0; i < threads; i++) parts[i] = (struct part){.work = work, .data = data, .thread = i};
    while (started < threads && !pthread_create(&parts[started].id, NULL, run, &parts[started])) started++;
    run(&parts[0]);
    for (unsigned i = started; i < threads; i++) run(&parts[i]);
    for (unsigned i = 1; i < started; i++) pthread_join(parts[i].id, NULL);
    free(parts);
}
