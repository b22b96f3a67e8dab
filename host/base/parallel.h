/* SPDX-License-Identifier: MIT
 * parallel: a few threads share one task and end with it. */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include <stdbool.h>

/* Calls work(data, 0) to work(data, threads - 1) in parallel and returns when all are
 * done. The calls must not wait for each other to begin: if the system has no more
 * threads, the caller makes them one after another. */
void parallel_run(unsigned threads, void (*work)(void *data, unsigned thread), void *data);
/* Is this thread one that parallel_run() started? */
bool parallel_is_inside(void);

#endif
