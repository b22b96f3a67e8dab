/* SPDX-License-Identifier: MIT
 * Finding files by path, folder or glob, and files that are found twice. */
#define _GNU_SOURCE
#include "source/files.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The search for the files of one listed path. */
struct search {
    struct source_files *files;
    const struct config_text *listed;
    size_t index; /* of `listed` */
    struct diagnostics *diagnostics;
};

#define search_error(search, ...) diagnostics_add((search)->diagnostics, SEVERITY_ERROR, (search)->listed->place, __VA_ARGS__)

static void add_file(struct search *search, const char *name, const char *path, const struct stat *status)
{
    struct source_files *files = search->files;
    if (files->count == files->capacity) {
        files->capacity = files->capacity * 2 + 8;
        files->items = reallocate(files->items, files->capacity * sizeof *files->items);
    }
    files->items[files->count++] = (struct source_file){
        .name = copy_text(name), .path = path ? copy_text(path) : NULL, .device = status->st_dev, .inode = status->st_ino,
        .sized = S_ISREG(status->st_mode), .size = (uint64_t)status->st_size, .listed = search->index};
}

/* A name that realpath() cannot resolve (a pipe under /dev/fd) is kept as it is. */
static void add_named(struct search *search, const char *name, const struct stat *status)
{
    if (faccessat(AT_FDCWD, name, R_OK, AT_EACCESS)) {
        search_error(search, "cannot read '%s': %s", name, strerror(errno));
        return;
    }
    char *path = realpath(name, NULL);
    add_file(search, name, path ? path : name, status);
    free(path);
}

static void add_standard_input(struct search *search)
{
    struct stat status;
    if (fstat(STDIN_FILENO, &status)) search_error(search, "cannot read standard input: %s", strerror(errno));
    else add_file(search, "-", NULL, &status);
}

/* Adds a file found in a folder or by a glob, if it is a regular file or a link to
 * one. False: it is not. */
static bool add_found(struct search *search, const char *name)
{
    struct stat status;
    if (stat(name, &status)) {
        search_error(search, "cannot read '%s': %s", name, strerror(errno));
        return true;
    }
    if (!S_ISREG(status.st_mode)) return false;
    add_named(search, name, &status);
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Calls add_found() for all names, by byte order. Returns how many were added. */
static size_t add_all_found(struct search *search, char **names, size_t count)
{
    size_t added = 0;
    if (count) qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 0; i < count; i++) added += add_found(search, names[i]);
    return added;
}

/* The names in a folder, joined to the folder's own; errno is 0 unless reading failed. */
static char **read_folder(DIR *folder, const char *name, size_t *count)
{
    char **names = NULL;
    size_t capacity = 0, length = strlen(name);
    const char *slash = length && name[length - 1] == '/' ? "" : "/";
    *count = 0;
    for (struct dirent *entry; errno = 0, (entry = readdir(folder));) {
        if (entry->d_name[0] == '.') continue;
        if (*count == capacity) names = reallocate(names, (capacity = capacity * 2 + 16) * sizeof *names);
        names[(*count)++] = format_text("%s%s%s", name, slash, entry->d_name);
    }
    return names;
}

static void add_folder(struct search *search, const char *name)
{
    DIR *folder = opendir(name);
    if (!folder) {
        search_error(search, "cannot read folder '%s': %s", name, strerror(errno));
        return;
    }
    size_t count;
    char **names = read_folder(folder, name, &count);
    if (errno) search_error(search, "cannot read folder '%s': %s", name, strerror(errno));
    else if (!add_all_found(search, names, count))
        search_error(search, "no files in '%s'; folders in it and names that begin with a dot are passed over", name);
    for (size_t i = 0; i < count; i++) free(names[i]);
    free(names);
    closedir(folder);
}

/* Escapes the folder of the pipeline file, which precedes relative paths and is not
 * part of the pattern. */
static char *escape_folder(const char *pattern, const char *folder)
{
    struct buffer escaped = {0};
    size_t length = folder ? strlen(folder) : 0;
    if (length && !strncmp(pattern, folder, length) && (folder[length - 1] == '/' || pattern[length] == '/'))
        for (; length; length--, pattern++) {
            if (strchr("*?[\\", *pattern)) buffer_add(&escaped, "\\", 1);
            buffer_add(&escaped, pattern, 1);
        }
    buffer_add(&escaped, pattern, strlen(pattern) + 1);
    return escaped.data;
}

static void add_matches(struct search *search, const char *folder)
{
    const char *name = search->listed->value;
    char *pattern = escape_folder(name, folder);
    glob_t matches = {0};
    errno = 0;
    int status = glob(pattern, GLOB_ERR | GLOB_NOSORT, NULL, &matches);
    if (status == GLOB_NOSPACE) die_without_memory();
    if (status == GLOB_ABORTED)
        search_error(search, "cannot read a folder of '%s': %s", name, errno ? strerror(errno) : "it cannot be opened");
    else if (status || !add_all_found(search, matches.gl_pathv, matches.gl_pathc))
        search_error(search, "no file matches '%s'", name);
    globfree(&matches);
    free(pattern);
}

static void add_listed(struct search *search, const char *folder)
{
    const char *name = search->listed->value;
    struct stat status;
    if (!strcmp(name, "-")) add_standard_input(search);
    else if (!stat(name, &status)) {
        if (S_ISDIR(status.st_mode)) add_folder(search, name);
        else if (S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode))
            add_named(search, name, &status);
        else search_error(search, "cannot read '%s': it is no file, folder or pipe", name);
    } else if (strpbrk(name, "*?[")) {
        add_matches(search, folder);
    } else {
        search_error(search, "cannot read '%s': %s", name, strerror(errno));
    }
}

/* ---- would a new file be found? */

static bool is_folder(const char *path, const struct stat *folder)
{
    struct stat status;
    return !stat(path, &status) && status.st_dev == folder->st_dev && status.st_ino == folder->st_ino;
}

/* Expands the folders of the pattern, and matches the name against its last part. */
static bool pattern_finds(const char *pattern, const struct stat *folder, const char *name)
{
    const char *slash = strrchr(pattern, '/');
    char *folders = slash ? format_text("%.*s/", (int)(slash - pattern), pattern) : copy_text("./");
    glob_t matches = {0};
    bool found = false;
    if (!fnmatch(slash ? slash + 1 : pattern, name, FNM_PERIOD) && !glob(folders, GLOB_NOSORT, NULL, &matches))
        for (size_t i = 0; i < matches.gl_pathc && !found; i++) found = is_folder(matches.gl_pathv[i], folder);
    globfree(&matches);
    free(folders);
    return found;
}

const char *source_files_would_find(const struct config *config, const struct stat *folder, const char *name)
{
    for (size_t i = 0; i < config->source.path_count; i++) {
        const char *listed = config->source.paths[i].value;
        struct stat status;
        if (!listed || !strcmp(listed, "-")) continue;
        if (!stat(listed, &status)) {
            if (S_ISDIR(status.st_mode) && *name != '.' && is_folder(listed, folder)) return listed;
        } else if (strpbrk(listed, "*?[")) {
            char *pattern = escape_folder(listed, config->folder);
            bool found = pattern_finds(pattern, folder, name);
            free(pattern);
            if (found) return listed;
        }
    }
    return NULL;
}

/* ---- files found twice */

static int compare_identities(const void *a, const void *b)
{
    const struct source_file *x = *(struct source_file *const *)a, *y = *(struct source_file *const *)b;
    if (x->device != y->device) return x->device < y->device ? -1 : 1;
    if (x->inode != y->inode) return x->inode < y->inode ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* A file that was found again, and its first find. */
struct twice {
    const struct source_file *again, *first;
};

/* Reports one file for each configured path that leads to a file again: the first of
 * them in reading order. */
static void check_twice(const struct source_files *files, const struct config *config, struct diagnostics *diagnostics)
{
    struct source_file **sorted = allocate(files->count * sizeof(struct source_file *));
    struct twice *twice = allocate(config->source.path_count * sizeof *twice);
    for (size_t i = 0; i < files->count; i++) sorted[i] = &files->items[i];
    qsort(sorted, files->count, sizeof(struct source_file *), compare_identities);
    for (size_t i = 1; i < files->count; i++) {
        const struct source_file *first = sorted[i - 1], *again = sorted[i];
        struct twice *told = &twice[again->listed];
        if (first->device == again->device && first->inode == again->inode && (!told->again || again < told->again))
            *told = (struct twice){again, first};
    }
    for (size_t i = 0; i < config->source.path_count; i++)
        if (twice[i].again)
            diagnostics_add(diagnostics, SEVERITY_ERROR, config->source.paths[i].place,
                            "'%s' would be read twice: it is the same file as '%s'", twice[i].again->name, twice[i].first->name);
    free(twice);
    free(sorted);
}

void source_files_find(struct source_files *files, const struct config *config, struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < config->source.path_count; i++) {
        struct search search = {files, &config->source.paths[i], i, diagnostics};
        if (search.listed->value) add_listed(&search, config->folder);
    }
    check_twice(files, config, diagnostics);
}

void source_files_finish(struct source_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->items[i].name);
        free(files->items[i].path);
    }
    free(files->items);
    *files = (struct source_files){0};
}
