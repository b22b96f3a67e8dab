/* SPDX-License-Identifier: MIT
 * What is wrong with a pipeline file, found in one go:
 * pipeline.yaml:12:5: error: unknown key 'formatt' (did you mean 'format'?) */
#ifndef BASE_DIAGNOSTIC_H
#define BASE_DIAGNOSTIC_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Where in a text file; line and column count from 1, 0: not known. `file` is borrowed; NULL: no file, but the command line. */
struct place {
    const char *file;
    unsigned line, column;
};

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

struct diagnostics {
    struct diagnostic *items;
    size_t count, errors; /* all; those that are errors */
};

/* Copies what it is given. Of a text over 1,023 bytes, long names are shortened; of more than 1,000 diagnostics the rest is only
 * counted. */
__attribute__((format(printf, 4, 5))) void diagnostics_add(struct diagnostics *diagnostics, enum severity severity,
                                                           struct place place, const char *format, ...);
/* All of them, a line each, ordered by line and column. Control characters are shown as \xNN. */
void diagnostics_print(const struct diagnostics *diagnostics, FILE *to);
void diagnostics_finish(struct diagnostics *diagnostics);
/* One error that has no place: "etl-host: error: ", and its text in the same way. */
void error_print(const struct error *error, FILE *to);

/* The candidate that `word` was likely meant to be: the one with the fewest letters wrong, of up to a third, or else the first
 * that has the word in it. NULL: none. The list ends in NULL. */
const char *nearest_word(const char *word, const char *const *candidates);

#endif
