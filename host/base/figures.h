/* SPDX-License-Identifier: MIT
 * figures: numbers formatted for people. Each is a small struct, so that it can be an
 * argument of printf: figure_count(n).text. */
#ifndef BASE_FIGURES_H
#define BASE_FIGURES_H

#include <stdint.h>

struct figure {
    char text[40];
};

struct figure figure_count(uint64_t number);        /* 1234567: 1,234,567 */
struct figure figure_bytes(uint64_t bytes);         /* sizes of files: 1234567: 1.2 MB */
struct figure figure_memory(uint64_t bytes);        /* memory: 1234567: 1.2 MiB */
/* an exact limit: 1048576: 1 MiB; 1000000: 1,000,000 bytes */
struct figure figure_size(uint64_t bytes);
struct figure figure_duration(int64_t nanoseconds); /* an exact limit: 10 s, 250 ms */
/* whole seconds, rounded up: 0:07, 12:30, 1:02:03 */
struct figure figure_clock(double seconds);

#endif
