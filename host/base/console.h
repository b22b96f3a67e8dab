/* SPDX-License-Identifier: MIT
 * console: the host's own standard output and standard error. Unlike stdio's streams,
 * these lose nothing when the other end is full and does not block. */
#ifndef BASE_CONSOLE_H
#define BASE_CONSOLE_H

#include <stdio.h>

/* Fully buffered: written when it is full or flushed. */
FILE *console_output(void);
/* Written a line at a time, so that output of others does not cut into a line. */
FILE *console_error(void);

#endif
