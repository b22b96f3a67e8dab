/* SPDX-License-Identifier: MIT
 * doubles: as the fewest digits that read back as the same double, whatever the locale. */
#ifndef STATE_DOUBLES_H
#define STATE_DOUBLES_H

enum { DOUBLE_TEXT_MAX = 24 };

/* Writes a finite value, at most DOUBLE_TEXT_MAX bytes; returns the end. With an exponent where the point would be more than four
 * zeros before the digits, or behind as many as a double can have of them. */
char *double_put(char *to, double value);

#endif
