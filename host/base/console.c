/* SPDX-License-Identifier: MIT
 * The two streams, built on stdio with writes that wait. */
#define _GNU_SOURCE
#include "base/console.h"
#include "base/descriptor.h"
#include "base/error.h"

#include <pthread.h>
#include <unistd.h>

static FILE *output, *error;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static ssize_t put_output(void *unused, const char *data, size_t size)
{
    return descriptor_write(STDOUT_FILENO, data, size) ? (ssize_t)size : 0;
}

static ssize_t put_error(void *unused, const char *data, size_t size)
{
    return descriptor_write(STDERR_FILENO, data, size) ? (ssize_t)size : 0;
}

static void open_both(void)
{
    output = fopencookie(NULL, "w", (cookie_io_functions_t){.write = put_output});
    error = fopencookie(NULL, "w", (cookie_io_functions_t){.write = put_error});
    if (!output || !error) die_without_memory();
    setvbuf(error, NULL, _IOLBF, BUFSIZ);
}

FILE *console_output(void)
{
    pthread_once(&once, open_both);
    return output;
}

FILE *console_error(void)
{
    pthread_once(&once, open_both);
    return error;
}
