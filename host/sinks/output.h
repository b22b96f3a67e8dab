/* SPDX-License-Identifier: MIT
 * output: a buffered writer of one file that is there whole or not at all. What replaces or makes a regular file is written
 * under a temporary name beside it (temporary.h), and renamed into place when it is complete. Anything else (standard
 * output, a FIFO, a device) is written as it goes. SIGPIPE and SIGXFSZ must be ignored, so that a closed pipe and a file size
 * limit are errors. */
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
/* What is open already, and stays open; `called` names it in messages (borrowed). */
struct output *output_open_descriptor(int descriptor, const char *called, struct error *error);
/* Is it written as it goes, not renamed into place? */
bool output_is_direct(const struct output *output);
/* Adds a text and pumps; a long one is not copied, but written right after what is pending. */
bool output_add(struct output *output, const char *text, size_t size, struct error *error);
bool output_flush(struct output *output, struct error *error);
/* Everything is written and on the disk. Fails where the descriptor leads to something else by now. */
bool output_complete(struct output *output, struct error *error);
/* All that were completed and are files take their places: all of them, or none. Signals wait
 * meanwhile. Where one cannot, what was there before is put back; what cannot be put back is kept
 * beside it, and standard error says what is where. `fate`, a literal, is what outputs_fate() says
 * afterwards. */
enum published {
    PUBLISHED_NOT,
    PUBLISHED_UNSAFELY, /* but a failure of the system may undo it: `error` says why */
    PUBLISHED,
};
enum published outputs_publish(struct output *const *outputs, size_t count, const char *fate,
                               struct error *error);
/* Removes what was not published. Accepts NULL. */
void output_destroy(struct output *output);

/* Can so many be open at a time? Raises the limit on open files, if it can be and has to be. */
bool outputs_fit(size_t count, struct error *error);

/* What to do, instead of failing, where nobody reads the pipe that is standard output or standard
 * error: it ends the process. At first: nothing. */
void outputs_on_closed_pipe(void (*end)(void));

/* Makes the memory by which the supervisor knows of temporary files. Before the fork; where there is
 * none, the first output does it. */
void outputs_share(void);
/* The working process is about to end, or gone: removes its temporary files, and puts back what was
 * there before where it was about to publish. Waits for a thread that publishes. Async-signal-safe. */
void outputs_abandon(void);
/* What became of the outputs, for a message: "nothing was published". Async-signal-safe. */
const char *outputs_fate(void);

/* Writes what is pending where it is enough. */
static inline bool output_pump(struct output *output, struct error *error)
{
    return output->pending.size < OUTPUT_BUFFER_SIZE || output_flush(output, error);
}

#endif
