/* SPDX-License-Identifier: MIT
 * Parsers for booleans, numbers, sizes and durations. */
#include "config/values.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

bool bool_parse(const char *text, bool *value)
{
    if (strcmp(text, "true") && strcmp(text, "false")) return false;
    *value = *text == 't';
    return true;
}

static const char *skip_digits(const char *text)
{
    return text + strspn(text, "0123456789");
}

/* Returns what follows a JSON integer at the start of the text; NULL: there is none. */
static const char *skip_integer(const char *text)
{
    if (*text == '-') text++;
    const char *end = skip_digits(text);
    return end == text || (*text == '0' && end > text + 1) ? NULL : end;
}

static bool is_number(const char *text)
{
    const char *at = skip_integer(text);
    if (at && *at == '.') {
        const char *end = skip_digits(at + 1);
        at = end > at + 1 ? end : NULL;
    }
    if (at && (*at == 'e' || *at == 'E')) {
        at += at[1] == '+' || at[1] == '-' ? 2 : 1;
        const char *end = skip_digits(at);
        at = end > at ? end : NULL;
    }
    return at && !*at;
}

bool int64_parse(const char *text, int64_t *value)
{
    const char *end = skip_integer(text);
    if (!end || *end) return false;
    errno = 0;
    int64_t parsed = strtoimax(text, NULL, 10);
    if (errno) return false;
    *value = parsed;
    return true;
}

bool double_parse(const char *text, double *value)
{
    if (!is_number(text)) return false;
    double parsed = strtod(text, NULL);
    if (!isfinite(parsed)) return false;
    *value = parsed;
    return true;
}

struct unit {
    const char *name;
    int64_t factor;
};

/* A number and a unit, as a value from 0 to INT64_MAX. */
static bool parse_quantity(const char *text, const struct unit *units, size_t count, int64_t *value)
{
    const char *unit = skip_integer(text);
    if (!unit || *text == '-') return false;
    errno = 0;
    int64_t number = strtoimax(text, NULL, 10);
    if (errno) return false;
    for (size_t i = 0; i < count; i++)
        if (!strcmp(unit, units[i].name)) return !__builtin_mul_overflow(number, units[i].factor, value);
    return false;
}

bool size_parse(const char *text, uint64_t *bytes)
{
    static const struct unit units[] = {{"", 1},           {"B", 1},           {"kB", 1000},       {"MB", 1000000},
                                        {"GB", 1000000000}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
    int64_t value;
    if (!parse_quantity(text, units, sizeof units / sizeof *units, &value)) return false;
    *bytes = (uint64_t)value;
    return true;
}

bool duration_parse(const char *text, int64_t *ns)
{
    static const struct unit units[] = {{"ms", 1000000}, {"s", 1000000000}, {"m", 60000000000}, {"h", 3600000000000}};
    int64_t value = 0;
    if (strcmp(text, "0") && !parse_quantity(text, units, sizeof units / sizeof *units, &value)) return false;
    *ns = value;
    return true;
}
