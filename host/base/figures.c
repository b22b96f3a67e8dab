/* SPDX-License-Identifier: MIT
 * Numbers as text: grouping, units and clocks. */
#include "base/figures.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

enum { UNITS = 5 };
static const char *const decimal_units[UNITS] = {"B", "kB", "MB", "GB", "TB"};
static const char *const binary_units[UNITS] = {"B", "KiB", "MiB", "GiB", "TiB"};

struct figure figure_count(uint64_t number)
{
    struct figure figure;
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%" PRIu64, number), at = 0;
    for (int i = 0; i < size; i++) {
        if (i && (size - i) % 3 == 0) figure.text[at++] = ',';
        figure.text[at++] = digits[i];
    }
    figure.text[at] = '\0';
    return figure;
}

/* One decimal digit. A value that would round up to a thousand moves to the next unit. */
static struct figure scaled(uint64_t bytes, double step, const char *const *units)
{
    struct figure figure;
    double value = (double)bytes;
    unsigned unit = 0;
    while (value >= (unit ? step - 0.05 : step) && unit + 1 < UNITS) value /= step, unit++;
    snprintf(figure.text, sizeof figure.text, "%.*f %s", unit ? 1 : 0, value, units[unit]);
    return figure;
}

struct figure figure_bytes(uint64_t bytes)
{
    return scaled(bytes, 1000, decimal_units);
}

struct figure figure_memory(uint64_t bytes)
{
    return scaled(bytes, 1024, binary_units);
}

struct figure figure_size(uint64_t bytes)
{
    struct figure figure;
    unsigned unit = 0;
    uint64_t value = bytes;
    while (value && value % 1024 == 0 && unit + 1 < UNITS) value /= 1024, unit++;
    snprintf(figure.text, sizeof figure.text, "%.26s %s", figure_count(value).text,
             unit ? binary_units[unit] : value == 1 ? "byte" : "bytes");
    return figure;
}

struct figure figure_duration(int64_t nanoseconds)
{
    struct figure figure;
    uint64_t milliseconds = (uint64_t)nanoseconds / 1000000;
    bool whole = milliseconds % 1000 == 0;
    uint64_t number = whole ? milliseconds / 1000 : milliseconds;
    snprintf(figure.text, sizeof figure.text, "%.26s %s", figure_count(number).text, whole ? "s" : "ms");
    return figure;
}

struct figure figure_clock(double seconds)
{
    struct figure figure;
    if (seconds > 1e9) seconds = 1e9;
    uint64_t whole = (uint64_t)seconds;
    whole += seconds > (double)whole;
    unsigned second = (unsigned)(whole % 60), minute = (unsigned)(whole / 60 % 60);
    if (whole < 3600) snprintf(figure.text, sizeof figure.text, "%u:%02u", minute, second);
    else snprintf(figure.text, sizeof figure.text, "%" PRIu64 ":%02u:%02u", whole / 3600, minute, second);
    return figure;
}
