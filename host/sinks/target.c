/* SPDX-License-Identifier: MIT
 * Following links to a target, and the obstacles to writing or replacing it. */
#define _GNU_SOURCE
#include "sinks/target.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { LINKS_MAX = 40 }; /* the kernel's limit */

static size_t folder_size(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

static char *folder_of(const char *path)
{
    size_t size = folder_size(path);
    return size ? format_text("%.*s", size == 1 ? 1 : (int)size - 1, path) : copy_text(".");
}

/* The same path, without links in its folder part. */
static char *resolve_folder(const char *path, struct error *error)
{
    char *folder = folder_of(path), *real = realpath(folder, NULL), *whole = NULL;
    if (real) whole = format_text("%s/%s", strcmp(real, "/") ? real : "", path + folder_size(path));
    else if (errno == ENOENT) error_set(error, "cannot write '%s': folder '%s' does not exist; create it first", path, folder);
    else error_set(error, "cannot write '%s': folder '%s': %s", path, folder, strerror(errno));
    free(folder);
    free(real);
    return whole;
}

/* Links of /proc refer to open files that no path may name, so they are not followed. */
static int own_descriptor(const char *path)
{
    int process, thread, descriptor = -1, end = 0;
    if (sscanf(path, "/proc/%d/fd/%d%n", &process, &descriptor, &end) < 2 || path[end]) {
        end = 0;
        if (sscanf(path, "/proc/%d/task/%d/fd/%d%n", &process, &thread, &descriptor, &end) < 3 || path[end]) return -1;
    }
    return process == getpid() ? descriptor : -1;
}

/* The path at the end of a chain of links. */
static char *follow_links(const char *path, struct error *error)
{
    char *at = resolve_folder(path, error), link[PATH_MAX];
    for (int links = 0; at; links++) {
        ssize_t size = own_descriptor(at) < 0 ? readlink(at, link, sizeof link - 1) : -1;
        if (size < 0) return at;
        link[size] = '\0';
        if (links == LINKS_MAX) {
            free(at);
            error_set(error, "cannot write '%s': %s", path, strerror(ELOOP));
            return NULL;
        }
        char *next = *link == '/' ? copy_text(link) : format_text("%.*s%s", (int)folder_size(at), at, link);
        free(at);
        at = resolve_folder(next, error);
        free(next);
    }
    return NULL;
}

/* ---- files that may be written, but not replaced */

static bool has_attribute(const char *path, uint64_t attribute)
{
    struct statx status;
    return !statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &status) && (status.stx_attributes & attribute);
}

/* May this process replace another user's file where only owners may? */
static bool may_act_as_owner(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
    return !syscall(SYS_capget, &header, data) && (data[CAP_TO_INDEX(CAP_FOWNER)].effective & CAP_TO_MASK(CAP_FOWNER));
}

static bool is_anothers(const struct target *target)
{
    uid_t self = geteuid();
    return (target->folder.st_mode & S_ISVTX) && target->status.st_uid != self && target->folder.st_uid != self &&
           !may_act_as_owner();
}

/* Why no other file can replace it; NULL: no known reason. */
static const char *find_obstacle(const struct target *target, const char *folder)
{
    if (has_attribute(folder, STATX_ATTR_APPEND)) return "its folder lets no file be renamed (it is append-only)";
    if (!target->exists) return NULL;
    if (has_attribute(target->path, STATX_ATTR_MOUNT_ROOT))
        return "it is a mount point, which no other file can replace: mount its folder instead";
    if (has_attribute(target->path, STATX_ATTR_APPEND)) return "it cannot be replaced (it is append-only)";
    if (is_anothers(target)) return "it belongs to another user, and in its folder only owners can replace files (it is sticky)";
    return NULL;
}

/* ---- finding the target */

static bool find_kind(struct target *target, const char *path, struct error *error)
{
    target->name = target->path + folder_size(target->path);
    if (!*target->name) return error_set(error, "cannot write '%s': %s", path, strerror(EISDIR));
    target->exists = !lstat(target->path, &target->status);
    if (!target->exists && errno != ENOENT) return error_set(error, "cannot write '%s': %s", path, strerror(errno));
    if (target->exists && S_ISDIR(target->status.st_mode))
        return error_set(error, "cannot write '%s': %s", path, strerror(EISDIR));
    if (target->exists && faccessat(AT_FDCWD, target->path, W_OK, AT_EACCESS))
        return error_set(error, "cannot write '%s': %s", path, strerror(errno));

    char *folder = folder_of(target->path);
    target->kind = !target->exists || S_ISREG(target->status.st_mode) ? TARGET_FILE : TARGET_DIRECT;
    bool usable = !stat(folder, &target->folder) &&
                  (target->kind == TARGET_DIRECT || !faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS));
    const char *obstacle = usable && target->kind == TARGET_FILE ? find_obstacle(target, folder) : NULL;
    if (!usable) error_set(error, "cannot write '%s': folder '%s': %s", path, folder, strerror(errno));
    if (obstacle) error_set(error, "cannot write '%s': %s", path, obstacle);
    free(folder);
    return usable && !obstacle;
}

bool target_find(struct target *target, const char *path, struct error *error)
{
    if (!strcmp(path, "-")) return target_find_descriptor(target, STDOUT_FILENO, "standard output", error);
    struct target found = {.descriptor = -1, .path = follow_links(path, error)};
    if (!found.path) return false;
    int descriptor = own_descriptor(found.path);
    if (descriptor < 0 && find_kind(&found, path, error)) {
        *target = found;
        return true;
    }
    target_finish(&found);
    return descriptor >= 0 && target_find_descriptor(target, descriptor, path, error);
}

bool target_find_descriptor(struct target *target, int descriptor, const char *called, struct error *error)
{
    struct target found = {.kind = TARGET_DESCRIPTOR, .descriptor = descriptor, .exists = true};
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fstat(descriptor, &found.status)) return error_set(error, "cannot write '%s': %s", called, strerror(errno));
    if ((flags & O_ACCMODE) == O_RDONLY) return error_set(error, "cannot write '%s': it is open for reading only", called);
    *target = found;
    return true;
}

static bool is_null_device(const struct stat *status)
{
    return S_ISCHR(status->st_mode) && status->st_rdev == makedev(1, 3);
}

bool target_is(const struct target *target, const struct stat *status)
{
    return target->exists && target->status.st_dev == status->st_dev && target->status.st_ino == status->st_ino &&
           !is_null_device(status);
}

bool target_equal(const struct target *a, const struct target *b)
{
    if (a->exists != b->exists) return false;
    /* standard output and standard error may be one terminal or one file: they share
     * its offset */
    if (a->kind == TARGET_DESCRIPTOR && b->kind == TARGET_DESCRIPTOR) return a->descriptor == b->descriptor;
    if (a->exists) return target_is(a, &b->status);
    return a->folder.st_dev == b->folder.st_dev && a->folder.st_ino == b->folder.st_ino && !strcmp(a->name, b->name);
}

void target_finish(struct target *target)
{
    free(target->path);
    *target = (struct target){.descriptor = -1};
}
