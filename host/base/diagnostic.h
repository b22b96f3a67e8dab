/* SPDX-License-Identifier: MIT
 * diagnostic: all that is wrong with a pipeline file, collected in one go:
 * pipeline.yaml:12:5: error: unknown key 'formatt' (did you mean 'format'?) */
#ifndef BASE_DIAGNOSTIC_H
#define BASE_DIAGNOSTIC_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A place in a text file. Line and column count from 1; 0: not known. `file` is
 * borrowed; NULL: the command line. */
struct place {
    const char *file;
    unsigned line, column;
};

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

struct diagnostics {
    struct diagnostic *items;
    size_t count, errors; /* all diagnostics; errors among them */
};

/* Copies its arguments. Long names in a text over 1,023 bytes are shortened.
 * Diagnostics beyond the first 1,000 are only counted. */
__attribute__((format(printf, 4, 5))) void diagnostics_add(struct diagnostics *diagnostics, enum severity severity,
                                                           struct place place, const char *format, ...);
/* Prints all of them, a line each, ordered by line and column. Control characters are
 * shown as \xNN. */
void diagnostics_print(const struct diagnostics *diagnostics, FILE *to);
void diagnostics_finish(struct diagnostics *diagnostics);
/* Prints one error without a place: "etl-host: error: " and its text, escaped in the
 * same way. */
void error_print(const struct error *error, FILE *to);

/* The candidate that `word` was likely meant to be: the one with the fewest wrong
 * letters, if at most a third are wrong; otherwise the first that contains the word.
 * NULL: none. The list ends in NULL. */
const char *nearest_word(const char *word, const char *const *candidates);

#endif
