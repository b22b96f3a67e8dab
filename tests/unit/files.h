/* SPDX-License-Identifier: MIT
 * A folder of a test's own, which becomes the current folder, and files in it. */
#ifndef FILES_H
#define FILES_H

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char files_folder[64];

static inline void files_setup(void)
{
    strcpy(files_folder, "/tmp/etl-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(files_folder));
    ck_assert_int_eq(chdir(files_folder), 0);
}

static inline int files_remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    return type == FTW_DP ? rmdir(path) : unlink(path);
}

static inline void files_teardown(void)
{
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(nftw(files_folder, files_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static inline void files_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    ck_assert_msg(file != NULL, "cannot open '%s'", path);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

/* The file's text, or "(none)"; lives until the next call. */
static inline const char *files_read(const char *path)
{
    static char text[64 * 1024];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return "(none)";
    ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    text[size < 0 ? 0 : size] = '\0';
    return text;
}

/* How many names the folder holds. */
static inline int files_count(const char *folder)
{
    DIR *dir = opendir(folder);
    ck_assert_ptr_nonnull(dir);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(dir));) count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    closedir(dir);
    return count;
}

#endif
