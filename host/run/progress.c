/* SPDX-License-Identifier: MIT */
#include "run/progress.h"
#include "base/descriptor.h"
#include "base/figures.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static const double DELAY = 0.5, PERIOD = 0.2; /* seconds */
enum { TEXT_MAX = 200, WIDTH_USUAL = 80 };
static const char erase[] = "\r\033[K";

/* Of the process, as there is one terminal. */
static atomic_bool shown, abandoned;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Where it fails, nobody sees it. */
static void put(const char *text, size_t size)
{
    descriptor_write(STDERR_FILENO, text, size);
}

void progress_start(struct progress *progress)
{
    const char *terminal = getenv("TERM");
    if (!isatty(STDERR_FILENO) || !terminal || !*terminal || !strcmp(terminal, "dumb")) return;
    progress->on = true;
    progress->start = now();
    progress->next = progress->start + DELAY;
}

bool progress_is_due(const struct progress *progress)
{
    return progress->on && now() >= progress->next;
}

static void format_share(const struct progress_figures *figures, char *text, size_t size)
{
    uint64_t read = figures->bytes_read, all = figures->bytes;
    unsigned percent = read < all ? (unsigned)(100.0 * (double)read / (double)all) : 100;
    if (all) snprintf(text, size, "%3u %%  %s of %s", percent, figure_bytes(read).text, figure_bytes(all).text);
    else snprintf(text, size, "%s", figure_bytes(read).text);
}

static void format_left(const struct progress_figures *figures, double seconds, char *text, size_t size)
{
    double read = (double)figures->bytes_read, all = (double)figures->bytes;
    *text = '\0';
    if (read > 0 && read <= all) snprintf(text, size, "  %s left", figure_clock((all - read) / read * seconds).text);
}

void progress_format(const struct progress_figures *figures, double seconds, unsigned width, char *text, size_t size)
{
    char share[128], left[64];
    double rate = seconds > 0 ? (double)figures->lines / seconds : 0;
    format_share(figures, share, sizeof share);
    format_left(figures, seconds, left, sizeof left);
    snprintf(text, width < size ? width + 1 : size, "%s  %s loglines/s  %s reject%s%s", share, figure_count((uint64_t)rate).text,
             figure_count(figures->rejects).text, figures->rejects == 1 ? "" : "s", left);
}

/* One column less than there are, so that the line does not wrap. */
static unsigned line_width(void)
{
    struct winsize window;
    bool known = !ioctl(STDERR_FILENO, TIOCGWINSZ, &window) && window.ws_col;
    return (known ? window.ws_col : WIDTH_USUAL) - 1;
}

void progress_show(struct progress *progress, const struct progress_figures *figures)
{
    char text[sizeof erase + TEXT_MAX];
    double time = now();
    size_t start = strlen(erase);
    memcpy(text, erase, start);
    progress_format(figures, time - progress->start, line_width(), text + start, TEXT_MAX);
    progress->next = time + PERIOD;
    if (atomic_load(&abandoned)) return;
    atomic_store(&shown, true);
    put(text, strlen(text));
    if (atomic_load(&abandoned)) progress_erase(); /* it came in between */
}

void progress_erase(void)
{
    if (atomic_exchange(&shown, false)) put(erase, strlen(erase));
}

void progress_finish(struct progress *progress)
{
    progress_erase();
    progress->on = false;
}

void progress_abandon(void)
{
    atomic_store(&abandoned, true);
    progress_erase();
}
