/* SPDX-License-Identifier: MIT
 * The memory in which contexts are lent to handlers. It is read-only and stays until
 * the process ends, so a plugin that keeps a context, or writes to it, is found and
 * does no harm. */
#define _GNU_SOURCE
#include "base/error.h"
#include "dispatch/dispatch_impl.h"

#include <sys/mman.h>
#include <unistd.h>

/* The contexts of one dispatch. */
struct loan {
    struct loan *next;
    size_t size, count;
    struct lent {
        struct etl_context base; /* first: the handler's pointer */
        const struct context *owner;
    } items[];
};

static _Atomic(struct loan *) loans; /* only grows */

static bool is_lent(const void *address)
{
    for (const struct loan *loan = atomic_load(&loans); loan; loan = loan->next)
        if ((uintptr_t)address - (uintptr_t)loan < loan->size) return true;
    return false;
}

const struct context *loan_owner(const void *context)
{
    for (const struct loan *loan = atomic_load(&loans); loan; loan = loan->next) {
        const uintptr_t at = (uintptr_t)context - (uintptr_t)loan->items;
        if (at / sizeof *loan->items < loan->count && at % sizeof *loan->items == 0)
            return loan->items[at / sizeof *loan->items].owner;
    }
    return NULL;
}

void loan_create(struct context **contexts, size_t count)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), needed = sizeof(struct loan) + count * sizeof(struct lent);
    const size_t size = (needed + page - 1) / page * page;
    struct loan *loan = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (loan == MAP_FAILED) die_without_memory();
    loan->size = size;
    loan->count = count;
    for (size_t i = 0; i < count; i++) {
        loan->items[i] = (struct lent){contexts[i]->base, contexts[i]->parent};
        contexts[i]->lent = &loan->items[i].base;
        contexts[i]->call.lent = contexts[i]->lent;
    }
    loan->next = atomic_load(&loans);
    if (mprotect(loan, size, PROT_READ)) die_without_memory();
    atomic_store(&loans, loan); /* by the main thread, before there are others */
    guard_forbid(is_lent);
}
