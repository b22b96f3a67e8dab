/* SPDX-License-Identifier: MIT
 * The buffered writer, and publishing several outputs as one step. */
#define _GNU_SOURCE
#include "sinks/output.h"
#include "base/descriptor.h"
#include "base/memory.h"
#include "sinks/target.h"
#include "sinks/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    COPIED_MAX = 64 * 1024,      /* longer texts are worth a system call of their own */
    OTHER_FILES = 64, /* other files that a run may have open: logs, files of plugins */
    SYNC_STEP = 256 * 1024,      /* bytes that are sent to the disk together */
};

struct output_file {
    struct target target;
    int descriptor; /* -1: closed */
    struct identity identity;
    char *called;   /* as given, for messages */
    struct temporary *temporary; /* NULL: written directly, or published */
    bool counted;                /* counted as a direct output that is begun */
    off_t written, begun;        /* bytes written; those on their way to the disk */
};

static bool cannot_write(const struct output_file *file, struct error *error)
{
    return error_set(error, "cannot write '%s': %s", file->called, strerror(errno));
}

/* A file that replaces another keeps its permissions, and its owner if that is
 * allowed. */
static bool copy_permissions(const struct output_file *file)
{
    struct stat now;
    const struct stat *old = &file->target.status;
    if (!file->target.exists) return true;
    if (fstat(file->descriptor, &now)) return false;
    if ((now.st_uid != old->st_uid || now.st_gid != old->st_gid) && fchown(file->descriptor, old->st_uid, old->st_gid)) {
        /* the file keeps our owner, which is no reason to fail */
    }
    return !fchmod(file->descriptor, old->st_mode & 0777);
}

static bool open_target(struct output_file *file, struct error *error)
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
        file->descriptor = temporary_create(target, &file->temporary);
        return (file->descriptor >= 0 && copy_permissions(file)) || cannot_write(file, error);
    }
    return false;
}

static bool open_file(struct output_file *file, struct error *error)
{
    struct stat status;
    if (!open_target(file, error)) return false;
    if (fstat(file->descriptor, &status)) return cannot_write(file, error);
    file->identity = identity_of(&status);
    return true;
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

bool outputs_fit(size_t count, struct error *error)
{
    struct rlimit limit;
    int next = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    if (next >= 0) close(next);
    rlim_t least = (rlim_t)(next < 0 ? 0 : next) + count, wanted = least + OTHER_FILES;
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted) return true;
    if (limit.rlim_max < least)
        return error_set(error, "%zu outputs are more than can be open: the limit on open files "
                         "(ulimit -n) is %llu", count, (unsigned long long)limit.rlim_max);
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    return !setrlimit(RLIMIT_NOFILE, &limit) ||
           error_set(error, "cannot raise the limit on open files: %s", strerror(errno));
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

/* Starts writing to the disk while more is produced, which shortens the final fsync()
 * (measured). This is only a hint, so its result is ignored: sync_file() is what
 * counts. */
static void begin_sync(struct output_file *file)
{
    if (!file->temporary || file->written - file->begun < SYNC_STEP) return;
    sync_file_range(file->descriptor, file->begun, file->written - file->begun, SYNC_FILE_RANGE_WRITE);
    file->begun = file->written;
}

/* A plugin may close a descriptor that is not its own. */
static bool is_still_open(const struct output_file *file, struct error *error)
{
    return identity_holds(&file->identity, file->descriptor) ||
           error_set(error, "cannot write '%s': something else in this process closed it, or put "
                     "another file in its place", file->called);
}

static void count_direct(struct output_file *file, bool begun)
{
    if (file->temporary || file->counted == begun || file->descriptor == STDERR_FILENO) return;
    file->counted = begun;
    temporaries_count_direct(begun ? 1 : -1);
}

static bool write_all(struct output_file *file, const char *data, size_t size, struct error *error)
{
    if (!size) return true;
    if (!is_still_open(file, error)) return false;
    count_direct(file, true);
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

/* Without fsync() a rename may reach the disk before the bytes do: after a power
 * failure the old file would be gone and the new one empty. Errors of delayed writing
 * (a full network disk) also show here, or when closing. */
static bool sync_file(int descriptor)
{
    while (fsync(descriptor)) {
        /* a file system without fsync */
        if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP) return true;
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

/* Gets the errors of closing, while the file stays open and locked. */
static bool close_copy(int descriptor)
{
    int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    return copy >= 0 && (!close(copy) || errno == EINTR);
}

static bool is_intact(const struct output_file *file, struct error *error)
{
    if (!file->temporary || temporary_intact(file->temporary, file->descriptor, file->written)) return true;
    if (errno) return cannot_write(file, error);
    return error_set(error, "cannot write '%s': something else closed, moved or changed the file that "
                     "was being written", file->called);
}

bool output_complete(struct output *output, struct error *error)
{
    struct output_file *file = output->file;
    if (!output_flush(output, error) || !is_still_open(file, error)) return false;
    buffer_finish(&output->pending);
    count_direct(file, false);
    if (output_is_direct(output)) return close_file(file) || cannot_write(file, error);
    if (!is_intact(file, error)) return false;
    return (sync_file(file->descriptor) && close_copy(file->descriptor)) || cannot_write(file, error);
}

/* ---- publishing */

/* Blocks all signals of this thread except those of crashes. Another thread, of a plugin,
 * may get them; it then waits for this one. */
static void block_signals(sigset_t *before)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
    sigset_t set;
    sigfillset(&set);
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) sigdelset(&set, crashes[i]);
    pthread_sigmask(SIG_SETMASK, &set, before);
}

/* Each step is done for all outputs before the next: whatever can fail does so before
 * anything is changed. */
static bool place_all(struct output *const *outputs, size_t count, struct error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!is_intact(outputs[i]->file, error)) return false;
    for (size_t i = 0; i < count; i++)
        if (outputs[i]->file->temporary && !temporary_keep(outputs[i]->file->temporary))
            return cannot_write(outputs[i]->file, error);
    for (size_t i = 0; i < count; i++)
        if (outputs[i]->file->temporary && !temporary_place(outputs[i]->file->temporary))
            return cannot_write(outputs[i]->file, error);
    return true;
}

/* A rename is on the disk when its folder is. If the folder cannot be synced or read,
 * it is left to the file system. */
static bool sync_folder(const struct target *target)
{
    char *path = format_text("%.*s", (int)(target->name - target->path), target->path);
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(path);
    bool synced = folder < 0 || sync_file(folder);
    if (folder >= 0) close(folder);
    return synced;
}

static bool is_same_folder(const struct target *a, const struct target *b)
{
    return a->folder.st_dev == b->folder.st_dev && a->folder.st_ino == b->folder.st_ino;
}

static bool sync_folders(struct output *const *outputs, size_t count, struct error *error)
{
    const struct target *last = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct target *target = &outputs[i]->file->target;
        if (!outputs[i]->file->temporary || (last && is_same_folder(last, target))) continue;
        last = target;
        if (!sync_folder(target))
            return error_set(error, "'%s' is published, but may be lost if the system fails now: cannot "
                             "sync its folder: %s", outputs[i]->file->called, strerror(errno));
    }
    return true;
}

static void settle_all(struct output *const *outputs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct output_file *file = outputs[i]->file;
        if (file->temporary) temporary_settle(file->temporary);
        file->temporary = NULL;
    }
}

static void take_back(struct output *const *outputs, size_t count, struct error *error)
{
    struct error why = *error;
    if (!temporaries_take_back()) error_set(error, "%s; not all of the outputs could be put back", why.text);
    for (size_t i = 0; i < count; i++) outputs[i]->file->temporary = NULL;
}

enum published outputs_publish(struct output *const *outputs, size_t count, const char *fate,
                               struct error *error)
{
    sigset_t before;
    block_signals(&before);
    temporaries_begin();
    enum published published = PUBLISHED_NOT;
    if (place_all(outputs, count, error)) {
        temporaries_published(fate);
        published = sync_folders(outputs, count, error) ? PUBLISHED : PUBLISHED_UNSAFELY;
        settle_all(outputs, count);
    } else {
        take_back(outputs, count, error);
    }
    temporaries_end();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return published;
}

void outputs_share(void)
{
    temporaries_share();
}

void outputs_abandon(void)
{
    temporaries_abandon();
}

const char *outputs_fate(void)
{
    return temporaries_fate();
}

void output_destroy(struct output *output)
{
    if (!output) return;
    struct output_file *file = output->file;
    if (file->temporary) temporary_remove(file->temporary);
    count_direct(file, false);
    close_file(file);
    target_finish(&file->target);
    buffer_finish(&output->pending);
    free(file->called);
    free(file);
    free(output);
}
