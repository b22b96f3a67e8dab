/* SPDX-License-Identifier: MIT
 * error: the one convention for errors. A function that can fail returns false (or
 * NULL), has set `error`, and leaves its other outputs untouched. Texts are in lower
 * case, without a full stop, with the subject in quotes: cannot open 'x.so': ... */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/compiler.h"

#include <stdbool.h>

struct error {
    char text[1024];
};

/* Sets the text and shortens long names in it if it does not fit. Always returns
 * false, so that a function may end in return error_set(...). */
__attribute__((format(printf, 2, 3))) bool error_set(struct error *error, const char *format, ...);

/* Stops the program: out of memory. For allocations whose size the input does not
 * choose. */
NORETURN void die_without_memory(void);
/* Registers what die_without_memory() does first: it cleans up, and may end the
 * program in its own way. It must not allocate. */
void error_on_no_memory(void (*act)(void));

#endif
