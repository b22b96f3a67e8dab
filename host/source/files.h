/* SPDX-License-Identifier: MIT
 * Which files a source plays, and in which order. */
#ifndef SOURCE_FILES_H
#define SOURCE_FILES_H

#include "base/diagnostic.h"
#include "config/config.h"

#include <sys/stat.h>
#include <sys/types.h>

struct source_file {
    char *name;    /* as the user knows it */
    char *path;    /* resolved; NULL: standard input */
    dev_t device;  /* which file it is, by whatever name */
    ino_t inode;
    bool sized;    /* a regular file, which has so many bytes */
    uint64_t size;
    size_t listed; /* index of the path in the configuration that led here */
};

struct source_files {
    struct source_file *items;
    size_t count, capacity;
};

/* Starts as {0}. A path is, in this order: "-", a file, a folder (its files, by byte order of their names, without dot-files and
 * subfolders), a glob (the files that match, by byte order). What is wrong goes to `diagnostics` at its place. */
void source_files_find(struct source_files *files, const struct config *config, struct diagnostics *diagnostics);
/* The listed path, a folder or a glob, by which a file of this name in this folder would be found; NULL: none would. */
const char *source_files_would_find(const struct config *config, const struct stat *folder, const char *name);
void source_files_finish(struct source_files *files);

#endif
