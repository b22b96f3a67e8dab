/* SPDX-License-Identifier: MIT
 * Setting errors, and the end without memory. */
#include "base/error.h"
#include "base/descriptor.h"
#include "base/shorten.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

bool error_set(struct error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    format_short(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return false;
}

static void (*act_first)(void);

void error_on_no_memory(void (*act)(void))
{
    act_first = act;
}

void die_without_memory(void)
{
    static const char text[] = "etl-host: error: out of memory\n";
    if (act_first) act_first();
    descriptor_write(STDERR_FILENO, text, sizeof text - 1);
    _exit(1);
}
