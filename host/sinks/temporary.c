/* SPDX-License-Identifier: MIT
 * The registry, and the steps of publishing. A step may be interrupted anywhere: the
 * state says what may have happened. */
#define _GNU_SOURCE
#include "sinks/temporary.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "base/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { TRIES_MAX = 100 };

enum state {
    GONE,    /* nothing is left to do */
    MADE,    /* `path` may exist */
    KEPT,    /* `kept` may exist, too */
    PLACING, /* `path` may be in place */
    PLACED,  /* `path` is in place */
};

struct temporary {
    struct temporary *next;
    atomic_int state;
    bool replaces; /* `kept` is the earlier file, not a second name of the new one */
    bool lost;           /* the earlier file could not be kept */
    dev_t device;        /* of the new file */
    ino_t inode;
    char *path, *kept, *target;
};

static struct registry {
    _Atomic(struct temporary *) first; /* the list only grows */
    atomic_uint count;
    atomic_int direct;        /* outputs that are begun */
    atomic_int process, thread; /* they publish now; 0: none does */
    atomic_bool abandoned;    /* a thread ends the process, and rolls back */
    atomic_bool placed, torn; /* all are in place; some are, and could not be put back */
    _Atomic(const char *) fate;
} *registry;

void temporaries_share(void)
{
    if (!registry && !(registry = shared_allocate(sizeof *registry))) die_without_memory();
}

/* ---- names */

static const char *run_id(void)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    static char id[TEMPORARY_ID_SIZE + 1];
    unsigned char random[TEMPORARY_ID_SIZE];
    if (*id) return id;
    if (getrandom(random, sizeof random, 0) != sizeof random) return NULL;
    for (size_t i = 0; i < sizeof random; i++) id[i] = letters[random[i] % 32];
    return id;
}

/* The name .NAME.ID-N.etl-host.ENDING beside the target, with NAME cut if the whole is
 * too long. NULL: errno says why. */
static char *name_beside(const struct target *target, unsigned number, const char *ending)
{
    const char *id = run_id();
    char tail[64];
    if (!id) return NULL;
    int tail_size = snprintf(tail, sizeof tail, ".%s-%0*u" TEMPORARY_ENDING "%s", id,
                             TEMPORARY_NUMBER_SIZE, number, ending);
    int folder_size = (int)(target->name - target->path);
    int name_size = (int)strnlen(target->name, (size_t)(NAME_MAX - 1 - tail_size));
    size_t size = (size_t)(folder_size + 1 + name_size + tail_size) + 1;
    char *path = size <= PATH_MAX ? shared_allocate(size) : NULL;
    errno = size <= PATH_MAX ? ENOMEM : ENAMETOOLONG;
    if (path) snprintf(path, size, "%.*s.%.*s%s", folder_size, target->path, name_size, target->name, tail);
    return path;
}

static char *copy_shared(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = shared_allocate(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

static struct temporary *add(const struct target *target)
{
    temporaries_share();
    struct temporary *t = shared_allocate(sizeof *t);
    if (!t) return errno = ENOMEM, NULL;
    unsigned number = atomic_fetch_add(&registry->count, 1);
    t->path = name_beside(target, number, "tmp");
    t->kept = t->path ? name_beside(target, number, "old") : NULL;
    t->target = t->kept ? copy_shared(target->path) : NULL;
    if (!t->target) return NULL;
    t->next = atomic_load(&registry->first);
    while (!atomic_compare_exchange_weak(&registry->first, &t->next, t)) continue;
    return t;
}

/* ---- one file */

/* Locks the new file. False: another run takes it for a dead run's file and has locked
 * or removed it before. On a file system without locks no run can do so. */
static bool hold(struct temporary *t, int descriptor)
{
    struct stat status;
    if (flock(descriptor, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) return false;
    if (fstat(descriptor, &status) || !status.st_nlink) return false;
    t->device = status.st_dev;
    t->inode = status.st_ino;
    return true;
}

/* Creates the file like any new one, so that the umask and the folder's default
 * permissions apply. */
int temporary_create(const struct target *target, struct temporary **temporary)
{
    mode_t mode = target->exists ? target->status.st_mode & 0777 : 0666;
    struct temporary *t = add(target);
    if (!t) return -1;
    for (int tries = 0; tries < TRIES_MAX; tries++) {
        atomic_store(&t->state, MADE);
        int descriptor = open(t->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (descriptor < 0) break;
        *temporary = t;
        if (hold(t, descriptor)) return descriptor;
        unlink(t->path);
        close(descriptor);
    }
    atomic_store(&t->state, GONE);
    return -1;
}

static bool is_file_at(const struct temporary *t, const char *path)
{
    struct stat status;
    return !lstat(path, &status) && status.st_dev == t->device && status.st_ino == t->inode;
}

bool temporary_intact(const struct temporary *t, int descriptor, off_t size)
{
    struct stat now, named;
    if (fstat(descriptor, &now) || lstat(t->path, &named)) return false;
    errno = 0;
    return now.st_dev == t->device && now.st_ino == t->inode && now.st_size == size &&
           named.st_dev == t->device && named.st_ino == t->inode;
}

void temporary_remove(struct temporary *t)
{
    int made = MADE;
    if (atomic_compare_exchange_strong(&t->state, &made, GONE)) unlink(t->path);
}

/* ---- publishing */

static bool cannot_link(void)
{
    return errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS || errno == EMLINK;
}

static void name_kept(struct temporary *t, const char *ending)
{
    memcpy(t->kept + strlen(t->kept) - 3, ending, 3);
}

bool temporary_keep(struct temporary *t)
{
    name_kept(t, "old");
    t->replaces = true;
    atomic_store(&t->state, KEPT);
    if (!link(t->target, t->kept)) return true;
    t->lost = cannot_link();
    if (t->lost || errno != ENOENT) return t->lost;
    t->replaces = false;
    name_kept(t, "new");
    return !link(t->path, t->kept) || cannot_link();
}

bool temporary_place(struct temporary *t)
{
    atomic_store(&t->state, PLACING);
    if (rename(t->path, t->target)) return false;
    atomic_store(&t->state, PLACED);
    return true;
}

void temporary_settle(struct temporary *t)
{
    unlink(t->kept);
    atomic_store(&t->state, GONE);
}

static bool is_placed(const struct temporary *t)
{
    int state = atomic_load(&t->state);
    return state == PLACED || (state == PLACING && is_file_at(t, t->target));
}

/* Gives the new file its first name again, which helps if another one cannot be put
 * back. */
static bool put_back(struct temporary *t)
{
    if (!is_placed(t)) return true;
    atomic_store(&t->state, PLACING);
    if (t->replaces && !t->lost) link(t->target, t->path);
    if (t->replaces ? t->lost || rename(t->kept, t->target) : rename(t->target, t->path)) {
        atomic_store(&t->state, PLACED);
        return false;
    }
    atomic_store(&t->state, KEPT);
    return true;
}

static void discard(struct temporary *t)
{
    int state = atomic_load(&t->state);
    if (state == GONE) return;
    unlink(t->path);
    if (state != MADE) unlink(t->kept);
    atomic_store(&t->state, GONE);
}

/* ---- reports about files that cannot be put back, async-signal-safe */

static void say(const char *text)
{
    descriptor_write(STDERR_FILENO, text, strlen(text));
}

static void say_place(struct temporary *t)
{
    int state = atomic_exchange(&t->state, GONE);
    bool placed = state == PLACED, complete = !placed && is_file_at(t, t->path);
    bool kept = placed && t->replaces && !t->lost;
    if (state == GONE) return;
    say("etl-host: error: '");
    say(t->target);
    say(complete ? "' is as it was, and what was to replace it kept as '" : !placed ? "' is as it was"
        : kept ? "' is new, and cannot be put back; what was there is kept as '"
        : "' is new, and cannot be put back");
    if (complete || kept) {
        say(complete ? t->path : t->kept);
        say("'");
    }
    say("\n");
}

/* ---- all files */

void temporaries_begin(void)
{
    temporaries_share();
    atomic_store(&registry->placed, false);
    atomic_store(&registry->thread, gettid());
    atomic_store(&registry->process, getpid());
    if (!atomic_load(&registry->abandoned)) return;
    temporaries_end();
    for (;;) pause(); /* another thread ends the process */
}

void temporaries_end(void)
{
    atomic_store(&registry->process, 0);
}

void temporaries_published(const char *fate)
{
    atomic_store(&registry->fate, fate);
    atomic_store(&registry->placed, true);
}

bool temporaries_take_back(void)
{
    bool whole = true;
    struct temporary *first = atomic_load(&registry->first);
    if (atomic_load(&registry->placed)) {
        for (struct temporary *t = first; t; t = t->next)
            atomic_load(&t->state) == PLACED ? temporary_settle(t) : discard(t);
        return true;
    }
    for (struct temporary *t = first; t; t = t->next) whole &= put_back(t);
    for (struct temporary *t = first; t; t = t->next) whole ? discard(t) : say_place(t);
    if (!whole) atomic_store(&registry->torn, true);
    return whole;
}

void temporaries_abandon(void)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    if (!registry) return;
    atomic_store(&registry->abandoned, true);
    while (atomic_load(&registry->process) == getpid() && atomic_load(&registry->thread) != gettid())
        clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
    temporaries_take_back();
}

const char *temporaries_fate(void)
{
    if (!registry) return "nothing was published";
    const char *fate = atomic_load(&registry->fate);
    if (atomic_load(&registry->torn)) return "only some outputs were published";
    if (fate) return fate;
    if (atomic_load(&registry->direct) > 0)
        return "nothing was published, and what went to standard output, a pipe or a device is not complete";
    return "nothing was published";
}

void temporaries_count_direct(int change)
{
    temporaries_share();
    atomic_fetch_add(&registry->direct, change);
}
