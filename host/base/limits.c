/* SPDX-License-Identifier: MIT
 * Limits on stack and addresses. */
#define _GNU_SOURCE
#include "base/limits.h"

#include <malloc.h>
#include <sys/resource.h>

enum { STACK_MIN = 256 * 1024 }; /* also for each thread; handlers may need more */

bool limits_addresses(void)
{
    struct rlimit limit;
    return !getrlimit(RLIMIT_AS, &limit) && limit.rlim_cur != RLIM_INFINITY;
}

bool limits_prepare(struct error *error)
{
    struct rlimit stack;
    if (!getrlimit(RLIMIT_STACK, &stack) && stack.rlim_cur < STACK_MIN)
        return error_set(error, "the limit on the stack (ulimit -s) is %llu KiB: at least %d KiB are needed, and what handlers take",
                         (unsigned long long)stack.rlim_cur / 1024, STACK_MIN / 1024);
    if (limits_addresses()) mallopt(M_ARENA_MAX, 1); /* each arena reserves 64 MiB */
    return true;
}
