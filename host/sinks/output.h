/* SPDX-License-Identifier: MIT
 * output: a buffered writer of one file that is there whole or not at all. What replaces or makes a regular file is written
 * under a temporary name beside it (.NAME.XXXXXX.tmp), and renamed into place when it is complete. Anything else (standard
 * output, a FIFO, a device) is written as it goes. SIGPIPE and SIGXFSZ must be ignored, so that a closed pipe and a file size
 * limit are errors. */
#ifndef SINKS_OUTPUT_H
#define SINKS_OUTPUT_H

#include "base/buffer.h"
#include "base/error.h"

enum { OUTPUT_BUFFER_SIZE = 1024 * 1024, OUTPUTS_MAX = 256 /* temporary files at a time */ };

struct output {
    struct buffer pending; /* records are added here, each followed by an output_pump() */
    struct output_file *file;
};

/* "-": standard output. */
struct output *output_open(const char *path, struct error *error);
/* What is open already, and stays open; `called` names it in messages (borrowed). */
struct output *output_open_descriptor(int descriptor, const char *called, struct error *error);
/* Is it written as it goes, not renamed into place? */
bool output_is_direct(const struct output *output);
/* Adds a text and pumps; a long one is not copied, but written right after what is pending. */
bool output_add(struct output *output, const char *text, size_t size, struct error *error);
bool output_flush(struct output *output, struct error *error);
/* Everything is written and on the disk, and the file closed. */
bool output_complete(struct output *output, struct error *error);
/* After output_complete(): takes the file's place. */
bool output_publish(struct output *output, struct error *error);
/* Removes what was not published. Accepts NULL. */
void output_destroy(struct output *output);

/* What to do, instead of failing, where nobody reads the pipe that is standard output or standard error: it ends the process. At
 * first: nothing. */
void outputs_on_closed_pipe(void (*end)(void));

/* Makes the memory by which the supervisor knows of temporary files. Before the fork; where there is none, the first output does it. */
void outputs_share(void);
/* Removes the temporary files of all outputs of the working process, which is about to end, or gone. Async-signal-safe. */
void outputs_abandon(void);

/* Writes what is pending where it is enough. */
static inline bool output_pump(struct output *output, struct error *error)
{
    return output->pending.size < OUTPUT_BUFFER_SIZE || output_flush(output, error);
}

#endif
