/* SPDX-License-Identifier: MIT
 * output: a buffered writer of one file that is published whole or not at all. A
 * regular file, new or replaced, is written under a temporary name beside it
 * (temporary.h) and renamed into place when it is complete. Anything else (standard
 * output, a FIFO, a device) is written directly. SIGPIPE and SIGXFSZ must be ignored,
 * so that a closed pipe and a file size limit are errors. */
#ifndef SINKS_OUTPUT_H
#define SINKS_OUTPUT_H

#include "base/buffer.h"
#include "base/error.h"

enum { OUTPUT_BUFFER_SIZE = 1024 * 1024 };

struct output {
    struct buffer pending; /* records are added here, each followed by an output_pump() */
    struct output_file *file;
};

/* "-": standard output. */
struct output *output_open(const char *path, struct error *error);
/* Writes to an open descriptor, which stays open. `called` names it in messages
 * (borrowed). */
struct output *output_open_descriptor(int descriptor, const char *called, struct error *error);
/* Is it written directly, not renamed into place? */
bool output_is_direct(const struct output *output);
/* Adds a text and pumps. A long text is not copied but written right after what is
 * pending. */
bool output_add(struct output *output, const char *text, size_t size, struct error *error);
bool output_flush(struct output *output, struct error *error);
/* Writes everything and syncs it to the disk. Fails if the descriptor refers to
 * another file by now. */
bool output_complete(struct output *output, struct error *error);
/* Renames all completed files into place: all of them, or none. Signals are blocked
 * meanwhile. If one cannot be placed, the earlier files are put back; a file that
 * cannot be put back is kept beside its place, and standard error says what is where.
 * `fate`, a literal, is what outputs_fate() returns afterwards. */
enum published {
    PUBLISHED_NOT,
    /* published, but a failure of the system may undo it: `error` says why */
    PUBLISHED_UNSAFELY,
    PUBLISHED,
};
enum published outputs_publish(struct output *const *outputs, size_t count, const char *fate,
                               struct error *error);
/* Removes an output that was not published. Accepts NULL. */
void output_destroy(struct output *output);

/* Can `count` outputs be open at a time? Raises the limit on open files if necessary
 * and possible. */
bool outputs_fit(size_t count, struct error *error);

/* Sets a function to call, instead of failing, when nobody reads the pipe that is
 * standard output or standard error; it ends the process. Default: none. */
void outputs_on_closed_pipe(void (*end)(void));

/* Creates the memory that tells the supervisor about temporary files. Called before
 * the fork; without a supervisor the first output does it. */
void outputs_share(void);
/* Called when the working process is about to end, or is gone: removes its temporary
 * files, and puts back the earlier files if it was publishing. Waits for a thread that
 * publishes. Async-signal-safe. */
void outputs_abandon(void);
/* What has become of the outputs, for a message: "nothing was published".
 * Async-signal-safe. */
const char *outputs_fate(void);

/* Writes the pending bytes if they fill the buffer. */
static inline bool output_pump(struct output *output, struct error *error)
{
    return output->pending.size < OUTPUT_BUFFER_SIZE || output_flush(output, error);
}

#endif
