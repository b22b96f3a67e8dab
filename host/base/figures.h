/* SPDX-License-Identifier: MIT
 * figures: numbers as people read them. Each is a small struct, so that it can stand in the arguments of a printf:
 * figure_count(n).text. */
#ifndef BASE_FIGURES_H
#define BASE_FIGURES_H

#include <stdint.h>

struct figure {
    char text[40];
};

struct figure figure_count(uint64_t number);        /* 1234567: 1,234,567 */
struct figure figure_bytes(uint64_t bytes);         /* of files: 1234567: 1.2 MB */
struct figure figure_memory(uint64_t bytes);        /* 1234567: 1.2 MiB */
struct figure figure_size(uint64_t bytes);          /* a limit, exactly: 1048576: 1 MiB; 1000000: 1,000,000 bytes */
struct figure figure_duration(int64_t nanoseconds); /* a limit, exactly: 10 s, 250 ms */
struct figure figure_clock(double seconds);         /* whole seconds, upwards: 0:07, 12:30, 1:02:03 */

#endif
