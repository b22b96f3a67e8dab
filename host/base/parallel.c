/* SPDX-License-Identifier: MIT
 * Starting threads for a task and joining them. */
#include "base/parallel.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>

struct part {
    void (*work)(void *data, unsigned thread);
    void *data;
    unsigned thread;
    pthread_t id;
};

static _Thread_local bool inside;

bool parallel_is_inside(void)
{
    return inside;
}

static void run_part(struct part *part)
{
    part->work(part->data, part->thread);
}

static void *run(void *data)
{
    inside = true;
    run_part(data);
    return NULL;
}

void parallel_run(unsigned threads, void (*work)(void *data, unsigned thread), void *data)
{
    struct part *parts = allocate(threads * sizeof *parts);
    unsigned started = 1;
    for (unsigned i = 0; i < threads; i++) parts[i] = (struct part){.work = work, .data = data, .thread = i};
    while (started < threads && !pthread_create(&parts[started].id, NULL, run, &parts[started])) started++;
    run_part(&parts[0]);
    for (unsigned i = started; i < threads; i++) run_part(&parts[i]);
    for (unsigned i = 1; i < started; i++) pthread_join(parts[i].id, NULL);
    free(parts);
}
