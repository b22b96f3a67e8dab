/* SPDX-License-Identifier: MIT
 * console: standard output and standard error, as the host itself writes to them. Unlike stdio's own
 * streams, these lose nothing where the other end is full and does not block. */
#ifndef BASE_CONSOLE_H
#define BASE_CONSOLE_H

#include <stdio.h>

/* Written when it is full, or flushed. */
FILE *console_output(void);
/* Written a line at a time, so that what others write there does not cut into it. */
FILE *console_error(void);

#endif
