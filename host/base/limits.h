/* SPDX-License-Identifier: MIT
 * limits: what the system allows this process, where the host has to know. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#include "base/error.h"

/* Is there a limit on addresses (ulimit -v)? Then what is reserved ahead, somebody else lacks. */
bool limits_addresses(void);
/* At the start of the process. False: with so small a stack nothing can run. */
bool limits_prepare(struct error *error);

#endif
