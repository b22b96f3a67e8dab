/* SPDX-License-Identifier: MIT
 * The text of the progress line. That it comes and goes on a terminal: tests/golden/terminal.py. */
#include "run/progress.h"
#include "suite.h"

#include <stdlib.h>

static const struct {
    struct progress_figures figures; /* bytes read, bytes, lines, rejects */
    double seconds;
    unsigned width;
    const char *text;
} lines[] = {
    {{0, 1000000, 0, 0}, 0.5, 79, "  0 %  0 B of 1.0 MB  0 loglines/s  0 rejects"},
    {{250000000, 1000000000, 4000000, 1}, 2, 79, " 25 %  250.0 MB of 1.0 GB  2,000,000 loglines/s  1 reject  0:06 left"},
    {{999, 1000, 10, 1234}, 1, 79, " 99 %  999 B of 1.0 kB  10 loglines/s  1,234 rejects  0:01 left"},
    {{1000, 1000, 10, 0}, 1, 79, "100 %  1.0 kB of 1.0 kB  10 loglines/s  0 rejects  0:00 left"},
    {{3000, 1000, 10, 0}, 1, 79, "100 %  3.0 kB of 1.0 kB  10 loglines/s  0 rejects"}, /* the file has grown */
    {{5000000, 0, 100, 0}, 10, 79, "5.0 MB  10 loglines/s  0 rejects"},
    {{5000000, 0, 100, 0}, 0, 79, "5.0 MB  0 loglines/s  0 rejects"},
    {{1, UINT64_MAX, 0, 0}, 1, 200, "  0 %  1 B of 18446744.1 TB  0 loglines/s  0 rejects  277777:46:40 left"},
    {{250000000, 1000000000, 4000000, 1}, 2, 20, " 25 %  250.0 MB of 1"},
    {{5000000, 0, 100, 0}, 10, 0, ""},
};

TEST_EACH(progress__says_how_far_it_is, lines)
{
    char text[200];
    progress_format(&lines[_i].figures, lines[_i].seconds, lines[_i].width, text, sizeof text);
    ck_assert_str_eq(text, lines[_i].text);
}

TEST(progress__does_not_outgrow_its_place)
{
    char text[11] = "..........";
    progress_format(&lines[1].figures, 2, 1000, text, sizeof text - 1);
    ck_assert_str_eq(text, " 25 %  25");
}

TEST(progress__is_never_due_when_off)
{
    struct progress progress = {0};
    ck_assert(!progress_is_due(&progress));
    progress_finish(&progress);
    ck_assert(!progress_is_due(&progress));
}

SUITE("progress");
