/* SPDX-License-Identifier: MIT
 * limits: limits that the system sets for this process. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#include "base/error.h"

/* Is address space limited (ulimit -v)? Then reserving ahead takes addresses from
 * others. */
bool limits_addresses(void);
/* Called at the start of the process. False: the stack is too small to run. */
bool limits_prepare(struct error *error);

#endif
