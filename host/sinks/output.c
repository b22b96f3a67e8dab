/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "output.h"
#include "base/descriptor.h"
#include "base/memory.h"
#include "base/shared.h"
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum {
    COPIED_MAX = 64 * 1024,      /* longer texts are worth a system call of their own */
    SYNC_STEP = 256 * 1024,      /* bytes that go to the disk together */
};

/* Temporary files that exist, OUTPUTS_MAX at most. A signal handler may read them at any time, and the supervisor when this
 * process is gone: they are in shared memory, they never move, and `live` is set last. */
static struct temporary {
    atomic_bool taken, live;
    char path[PATH_MAX];
} *temporaries;

struct output_file {
    struct target target;
    int descriptor; /* -1: closed */
    char *called;   /* as it was given; for messages */
    struct temporary *temporary; /* NULL: written directly, or published */
    off_t written, begun;        /* bytes; those that are on their way to the disk */
};

static bool cannot_write(const struct output_file *file, struct error *error)
{
    return error_set(error, "cannot write '%s': %s", file->called, strerror(errno));
}

void outputs_share(void)
{
    if (!temporaries && !(temporaries = shared_allocate(OUTPUTS_MAX * sizeof *temporaries))) die_without_memory();
}

static struct temporary *temporary_take(void)
{
    outputs_share();
    for (struct temporary *t = temporaries; t < temporaries + OUTPUTS_MAX; t++)
        if (!atomic_exchange(&t->taken, true)) return t;
    return NULL;
}

static void temporary_release(struct temporary *temporary)
{
    atomic_store(&temporary->live, false);
    atomic_store(&temporary->taken, false);
}

void outputs_abandon(void)
{
    for (struct temporary *t = temporaries; t && t < temporaries + OUTPUTS_MAX; t++)
        if (atomic_load(&t->live)) unlink(t->path);
}

static bool name_temporary(struct temporary *temporary, const struct target *target)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    enum { AROUND = sizeof "..XXXXXX.tmp" - 1 };
    unsigned char random[6];
    char suffix[sizeof random + 1] = "";
    if (getrandom(random, sizeof random, 0) != sizeof random) return false;
    for (size_t i = 0; i < sizeof random; i++) suffix[i] = letters[random[i] % 32];
    int size = snprintf(temporary->path, sizeof temporary->path, "%.*s.%.*s.%s.tmp", (int)(target->name - target->path),
                        target->path, NAME_MAX - AROUND, target->name, suffix);
    errno = ENAMETOOLONG;
    return size < (int)sizeof temporary->path;
}

/* Not mkostemp(): created like any new file, so that the umask and the folder's default permissions count. */
static int create_temporary(struct temporary *temporary, const struct target *target)
{
    mode_t mode = target->exists ? target->status.st_mode & 0777 : 0666;
    for (int tries = 0; tries < 100; tries++) {
        if (!name_temporary(temporary, target)) return -1;
        int descriptor = open(temporary->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (descriptor >= 0) atomic_store(&temporary->live, true);
        if (descriptor >= 0 || errno != EEXIST) return descriptor;
    }
    return -1;
}

/* What replaces a file keeps its permissions, and its owner where that is allowed. */
static bool copy_permissions(const struct output_file *file)
{
    struct stat now;
    const struct stat *old = &file->target.status;
    if (!file->target.exists) return true;
    if (fstat(file->descriptor, &now)) return false;
    if ((now.st_uid != old->st_uid || now.st_gid != old->st_gid) && fchown(file->descriptor, old->st_uid, old->st_gid)) {
        /* ours then, which is no reason to write nothing */
    }
    return !fchmod(file->descriptor, old->st_mode & 0777);
}

static bool open_file(struct output_file *file, struct error *error)
{
    const struct target *target = &file->target;
    switch (target->kind) {
    case TARGET_DESCRIPTOR:
        file->descriptor = target->descriptor;
        return true;
    case TARGET_DIRECT:
        file->descriptor = open(target->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return file->descriptor >= 0 || cannot_write(file, error);
    case TARGET_FILE:
        file->temporary = temporary_take();
        if (!file->temporary)
            return error_set(error, "cannot write '%s': more than %d files at a time", file->called, OUTPUTS_MAX);
        file->descriptor = create_temporary(file->temporary, target);
        if (file->descriptor < 0 || !copy_permissions(file)) return cannot_write(file, error);
        return true;
    }
    return false;
}

static struct output *create(const char *called)
{
    struct output *output = allocate(sizeof *output);
    output->file = allocate(sizeof *output->file);
    output->file->descriptor = -1;
    output->file->called = copy_text(called);
    return output;
}

static struct output *opened(struct output *output, bool found, struct error *error)
{
    if (found && open_file(output->file, error)) {
        buffer_reserve(&output->pending, OUTPUT_BUFFER_SIZE + OUTPUT_BUFFER_SIZE / 16);
        return output;
    }
    output_destroy(output);
    return NULL;
}

struct output *output_open(const char *path, struct error *error)
{
    struct output *output = create(strcmp(path, "-") ? path : "standard output");
    return opened(output, target_find(&output->file->target, path, error), error);
}

struct output *output_open_descriptor(int descriptor, const char *called, struct error *error)
{
    struct output *output = create(called);
    return opened(output, target_find_descriptor(&output->file->target, descriptor, called, error), error);
}

bool output_is_direct(const struct output *output)
{
    return output->file->target.kind != TARGET_FILE;
}

static void (*end_of_pipe)(void);

void outputs_on_closed_pipe(void (*end)(void))
{
    end_of_pipe = end;
}

/* The disk begins with what is there while more is made: of 128 MB, 17 ms together instead of 50 ms of fsync() at the end, 3 % of
 * that run; of 1 MB, 0.5 ms less. It is a hint: whatever comes of it, sync_file() sees to it. */
static void begin_sync(struct output_file *file)
{
    if (!file->temporary || file->written - file->begun < SYNC_STEP) return;
    sync_file_range(file->descriptor, file->begun, file->written - file->begun, SYNC_FILE_RANGE_WRITE);
    file->begun = file->written;
}

static bool write_all(struct output_file *file, const char *data, size_t size, struct error *error)
{
    if (!descriptor_write(file->descriptor, data, size)) {
        bool stream = file->descriptor == STDOUT_FILENO || file->descriptor == STDERR_FILENO;
        if (errno == EPIPE && stream && end_of_pipe) end_of_pipe();
        return cannot_write(file, error);
    }
    file->written += (off_t)size;
    begin_sync(file);
    return true;
}

bool output_flush(struct output *output, struct error *error)
{
    size_t size = output->pending.size;
    output->pending.size = 0;
    return write_all(output->file, output->pending.data, size, error);
}

bool output_add(struct output *output, const char *text, size_t size, struct error *error)
{
    if (size > COPIED_MAX) return output_flush(output, error) && write_all(output->file, text, size, error);
    buffer_add(&output->pending, text, size);
    return output_pump(output, error);
}

/* Without fsync() a rename may reach the disk before the bytes do: after a power failure the old file would be gone, and the new
 * one empty. Errors of delayed writing (a full network disk) show here, too, or when closing. */
static bool sync_file(int descriptor)
{
    while (fsync(descriptor)) {
        if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP) return true; /* a file system that has no fsync */
        if (errno != EINTR) return false;
    }
    return true;
}

static bool close_file(struct output_file *file)
{
    int descriptor = file->descriptor;
    file->descriptor = -1;
    if (descriptor < 0 || file->target.kind == TARGET_DESCRIPTOR) return true;
    return !close(descriptor) || errno == EINTR;
}

bool output_complete(struct output *output, struct error *error)
{
    struct output_file *file = output->file;
    if (!output_flush(output, error)) return false;
    buffer_finish(&output->pending);
    if (!output_is_direct(output) && !sync_file(file->descriptor)) return cannot_write(file, error);
    return close_file(file) || cannot_write(file, error);
}

bool output_publish(struct output *output, struct error *error)
{
    struct output_file *file = output->file;
    if (!file->temporary) return true;
    if (rename(file->temporary->path, file->target.path)) return cannot_write(file, error);
    temporary_release(file->temporary);
    file->temporary = NULL;
    return true;
}

void output_destroy(struct output *output)
{
    if (!output) return;
    struct output_file *file = output->file;
    close_file(file);
    if (file->temporary) {
        if (atomic_load(&file->temporary->live)) unlink(file->temporary->path);
        temporary_release(file->temporary);
    }
    target_finish(&file->target);
    buffer_finish(&output->pending);
    free(file->called);
    free(file);
    free(output);
}
