/* SPDX-License-Identifier: MIT
 * files: finds the files that a source plays, and their order. */
#ifndef SOURCE_FILES_H
#define SOURCE_FILES_H

#include "base/diagnostic.h"
#include "config/config.h"

#include <sys/stat.h>
#include <sys/types.h>

struct source_file {
    char *name;    /* as the user knows it */
    char *path;    /* resolved; NULL: standard input */
    dev_t device;  /* identifies the file, whatever its name */
    ino_t inode;
    bool sized;    /* a regular file, whose size is known */
    uint64_t size;
    size_t listed; /* index of the configured path that led here */
};

struct source_files {
    struct source_file *items;
    size_t count, capacity;
};

/* Starts as {0}. A path is tried, in this order, as "-", a file, a folder (its files,
 * by byte order of their names, without dot-files and subfolders), and a glob (the
 * matching files, by byte order). Mistakes go to `diagnostics` at the path's place. */
void source_files_find(struct source_files *files, const struct config *config, struct diagnostics *diagnostics);
/* The configured path, a folder or a glob, that would find a file of this name in this
 * folder; NULL: none. */
const char *source_files_would_find(const struct config *config, const struct stat *folder, const char *name);
void source_files_finish(struct source_files *files);

#endif
