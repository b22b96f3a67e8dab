/* SPDX-License-Identifier: MIT
 * dispatcher: takes an event through its handlers. The fast path is inlined into the
 * callers, which saves a call an event. */
#ifndef DISPATCH_DISPATCHER_H
#define DISPATCH_DISPATCHER_H

#include "base/compiler.h"
#include "dispatch/dispatch_impl.h"

/* Concludes a call that may have gone wrong. HANDLED: it did not; otherwise the
 * event's effects are rolled back. */
COLD enum outcome dispatch_conclude(struct dispatch *dispatch, struct context *context, etl_result result);
/* Concludes an event whose commit failed. */
COLD enum outcome dispatch_fail(struct dispatch *dispatch, unsigned event_type);

/* Calls a handler. No other code of a plugin runs on this thread. */
static inline etl_result dispatch_call(struct context *context, const struct logline *line)
{
    guard_enter(&context->call, line);
    etl_result result = context->handler.handle(context->lent, context->event);
    guard_leave();
    return result;
}

/* Did the handler return this result without a fault, and is no misuse of a context
 * known? */
static inline bool dispatch_is_good(const struct dispatch *dispatch, etl_result result)
{
    return !(result | (int)dispatch->standing) && !atomic_load_explicit(&context_misused, memory_order_relaxed);
}

/* For a fork: gives the event that was just decoded to the handlers of its type, and
 * commits or rolls back their effects. */
static inline enum outcome dispatch_event(struct dispatch *dispatch, unsigned event_type, const struct logline *line)
{
    struct context **item = dispatch->chains[event_type].items;
    enum outcome outcome = OUTCOME_HANDLED;
    if (UNLIKELY(dispatch->scratch.used != 0)) scratch_reset(&dispatch->scratch);
    for (; *item; item++) {
        etl_result result = dispatch_call(*item, line);
        if (LIKELY(dispatch_is_good(dispatch, result))) continue;
        if ((outcome = dispatch_conclude(dispatch, *item, result)) != OUTCOME_HANDLED) return outcome;
    }
    bool committed = effects_commit(dispatch->emitter, line, line->number, &dispatch->error);
    return LIKELY(committed) ? OUTCOME_HANDLED : dispatch_fail(dispatch, event_type);
}

#endif
