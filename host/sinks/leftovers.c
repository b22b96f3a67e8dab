/* SPDX-License-Identifier: MIT
 * Finds the files by their names, groups them by run, and judges each group by its
 * locks. */
#define _GNU_SOURCE
#include "sinks/leftovers.h"
#include "base/memory.h"
#include "sinks/target.h"
#include "sinks/temporary.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct leftover {
    /* 't'mp: not in place; 'o'ld: a replaced file; 'n'ew: a second name of a file that
     * replaced nothing */
    char kind;
    char *path, id[TEMPORARY_ID_SIZE + 1];
    const struct target *target;
    int descriptor; /* holds the lock; -1: there is no file to lock */
    bool done;
};

struct search {
    struct target *targets;
    size_t target_count;
    struct leftover *items;
    size_t count;
};

/* ---- names */

/* Parses .NAME.ID-N.etl-host.KIND. Returns the number of bytes of NAME; 0: it is
 * another name. */
static size_t read_name(const char *name, struct leftover *leftover)
{
    static const char *const kinds[] = {"tmp", "old", "new"};
    size_t size = strlen(name), ending = sizeof TEMPORARY_ENDING - 1;
    size_t at = size > 3 + ending ? size - 3 - ending : 0;
    if (*name != '.' || !at || memcmp(name + at, TEMPORARY_ENDING, ending)) return 0;
    for (size_t i = 0; i < 3; i++)
        if (!strcmp(name + size - 3, kinds[i])) leftover->kind = *kinds[i];
    size_t digits = 0;
    while (at && isdigit((unsigned char)name[at - 1])) at--, digits++;
    if (!leftover->kind || digits < TEMPORARY_NUMBER_SIZE || at < TEMPORARY_ID_SIZE + 3) return 0;
    if (name[at - 1] != '-' || name[at - TEMPORARY_ID_SIZE - 2] != '.') return 0;
    memcpy(leftover->id, name + at - TEMPORARY_ID_SIZE - 1, TEMPORARY_ID_SIZE);
    return at - TEMPORARY_ID_SIZE - 3;
}

static bool is_same_folder(const struct target *a, const struct target *b)
{
    return a->folder.st_dev == b->folder.st_dev && a->folder.st_ino == b->folder.st_ino;
}

/* NAME may be cut if the whole name was too long. */
static bool is_of(const struct target *target, const char *name, size_t part)
{
    return !strncmp(target->name, name + 1, part) && (!target->name[part] || strlen(name) == NAME_MAX);
}

static void add_if_leftover(struct search *search, const struct target *folder, const char *name)
{
    struct leftover found = {.descriptor = -1};
    size_t part = read_name(name, &found);
    for (size_t i = 0; part && i < search->target_count; i++) {
        struct target *target = &search->targets[i];
        if (!is_same_folder(target, folder) || !is_of(target, name, part)) continue;
        found.target = target;
        found.path = format_text("%.*s%s", (int)(target->name - target->path), target->path, name);
        search->items = reallocate(search->items, (search->count + 1) * sizeof *search->items);
        search->items[search->count++] = found;
        return;
    }
}

static void look_beside(struct search *search, size_t index)
{
    const struct target *target = &search->targets[index];
    for (size_t i = 0; i < index; i++)
        if (is_same_folder(&search->targets[i], target)) return;
    char *path = format_text("%.*s", (int)(target->name - target->path), target->path);
    DIR *folder = opendir(path);
    free(path);
    if (!folder) return;
    for (struct dirent *entry; (entry = readdir(folder));) add_if_leftover(search, target, entry->d_name);
    closedir(folder);
}

/* ---- the files of a run */

/* False: the file is locked by a run, or its state is unknown. The lock keeps others
 * from taking the name again until the file is gone. A replaced file was never locked,
 * but the file that replaced it was. */
static bool lock(struct leftover *l)
{
    struct stat status;
    const char *path = l->kind == 'o' ? l->target->path : l->path;
    l->descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (l->descriptor < 0) return errno == ENOENT;
    return !fstat(l->descriptor, &status) && S_ISREG(status.st_mode) &&
           !flock(l->descriptor, LOCK_SH | LOCK_NB);
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return !lstat(a, &x) && !lstat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static void take_back(const struct leftover *l, struct buffer *restored)
{
    bool same = is_same_file(l->path, l->target->path);
    if (l->kind == 'o' ? same || rename(l->path, l->target->path) : !same || unlink(l->target->path)) return;
    buffer_format(restored, "%s'%s'", restored->size ? ", " : "", l->target->path);
}

/* If one output is not in place yet, none may stay. */
static void clear_run(struct search *search, struct leftover *first, struct buffer *restored)
{
    struct leftover *end = search->items + search->count;
    bool dead = true, unfinished = false;
    for (struct leftover *l = first; l < end; l++) {
        if (strcmp(l->id, first->id)) continue;
        l->done = true;
        dead &= lock(l);
        unfinished |= l->kind == 't';
    }
    for (struct leftover *l = first; l < end; l++)
        if (!strcmp(l->id, first->id) && dead && unfinished && l->kind != 't') take_back(l, restored);
    for (struct leftover *l = first; l < end; l++) {
        if (strcmp(l->id, first->id)) continue;
        if (dead) unlink(l->path);
        if (l->descriptor >= 0) close(l->descriptor);
    }
}

void leftovers_remove(const char *const *paths, size_t count, struct buffer *restored)
{
    struct search search = {.targets = allocate(count * sizeof *search.targets)};
    struct error error;
    for (size_t i = 0; i < count; i++) {
        struct target *target = &search.targets[search.target_count];
        if (!target_find(target, paths[i], &error)) continue;
        if (target->kind == TARGET_FILE) search.target_count++;
        else target_finish(target);
    }
    for (size_t i = 0; i < search.target_count; i++) look_beside(&search, i);
    for (size_t i = 0; i < search.count; i++)
        if (!search.items[i].done) clear_run(&search, &search.items[i], restored);
    for (size_t i = 0; i < search.count; i++) free(search.items[i].path);
    for (size_t i = 0; i < search.target_count; i++) target_finish(&search.targets[i]);
    free(search.items);
    free(search.targets);
}
