/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "files.h"
#include "sinks/output.h"
#include "sinks/target.h"
#include "suite.h"

#include <pthread.h>
#include <sys/wait.h>

/* Publishes one output by itself. */
static bool publish(struct output *output, struct error *error)
{
    return outputs_publish(&output, 1, "published", error) == PUBLISHED;
}

static struct output *open_or_fail(const char *path)
{
    struct error error = {""};
    struct output *output = output_open(path, &error);
    ck_assert_msg(output != NULL, "%s", error.text);
    return output;
}

static void write_and_publish(const char *path, const char *text)
{
    struct error error = {""};
    struct output *output = open_or_fail(path);
    buffer_add_text(&output->pending, text);
    ck_assert_msg(output_complete(output, &error), "%s", error.text);
    ck_assert_msg(publish(output, &error), "%s", error.text);
    output_destroy(output);
}

FIXTURE(files_setup, files_teardown);

TEST(output__makes_a_file_by_rename)
{
    struct error error;
    struct output *output = open_or_fail("out.csv");
    buffer_add_text(&output->pending, "a,b\n");
    ck_assert(output_flush(output, &error));
    ck_assert_str_eq(files_read("out.csv"), "(none)");
    ck_assert(output_complete(output, &error));
    ck_assert_str_eq(files_read("out.csv"), "(none)");
    ck_assert(publish(output, &error));
    ck_assert_str_eq(files_read("out.csv"), "a,b\n");
    output_destroy(output);
    ck_assert_int_eq(files_count("."), 1);
}

TEST(output__leaves_what_was_there_when_destroyed)
{
    struct error error;
    files_write("out.csv", "old");
    struct output *output = open_or_fail("out.csv");
    buffer_add_text(&output->pending, "new");
    ck_assert(output_complete(output, &error));
    ck_assert_int_eq(files_count("."), 2);
    output_destroy(output);
    ck_assert_str_eq(files_read("out.csv"), "old");
    ck_assert_int_eq(files_count("."), 1);
    output_destroy(NULL);
}

TEST(output__writes_more_than_its_buffer)
{
    struct error error;
    struct output *output = open_or_fail("out");
    for (int i = 0; i < 300000; i++) {
        buffer_add_text(&output->pending, "123456789\n");
        ck_assert(output_pump(output, &error));
        ck_assert_uint_lt(output->pending.size, OUTPUT_BUFFER_SIZE);
    }
    ck_assert(output_complete(output, &error) && publish(output, &error));
    output_destroy(output);
    struct stat status;
    ck_assert_int_eq(stat("out", &status), 0);
    ck_assert_int_eq(status.st_size, 3000000);
}

TEST(output__permissions)
{
    static const struct { mode_t old, umask, expected; } cases[] = {
        {0, 022, 0644}, {0, 077, 0600}, {0, 0, 0666}, {0600, 022, 0600}, {0664, 077, 0664}, {0777, 022, 0777},
    };
    struct stat status;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unlink("out");
        if (cases[i].old) {
            files_write("out", "old");
            ck_assert_int_eq(chmod("out", cases[i].old), 0);
        }
        mode_t before = umask(cases[i].umask);
        write_and_publish("out", "new");
        umask(before);
        ck_assert_int_eq(stat("out", &status), 0);
        ck_assert_msg((status.st_mode & 07777) == cases[i].expected, "case %zu: %o", i, status.st_mode & 07777);
    }
}

TEST(output__replaces_what_links_lead_to)
{
    ck_assert_int_eq(mkdir("real", 0755), 0);
    files_write("real/file", "old");
    ck_assert_int_eq(symlink("../link2", "real/link1"), 0);
    ck_assert_int_eq(symlink("real/file", "link2"), 0);
    ck_assert_int_eq(symlink("real", "folder"), 0);
    write_and_publish("folder/link1", "new");
    struct stat status;
    ck_assert_int_eq(lstat("real/link1", &status), 0);
    ck_assert(S_ISLNK(status.st_mode));
    ck_assert_int_eq(lstat("link2", &status), 0);
    ck_assert(S_ISLNK(status.st_mode));
    ck_assert_str_eq(files_read("real/file"), "new");
}

TEST(output__makes_what_a_dangling_link_names)
{
    ck_assert_int_eq(mkdir("real", 0755), 0);
    char absolute[128];
    snprintf(absolute, sizeof absolute, "%s/real/file", files_folder);
    ck_assert_int_eq(symlink(absolute, "link"), 0);
    write_and_publish("link", "new");
    struct stat status;
    ck_assert_int_eq(lstat("link", &status), 0);
    ck_assert(S_ISLNK(status.st_mode));
    ck_assert_str_eq(files_read("real/file"), "new");
}

TEST(output__takes_the_longest_name)
{
    char name[256] = "";
    memset(name, 'n', 255);
    write_and_publish(name, "text");
    ck_assert_str_eq(files_read(name), "text");
    ck_assert_int_eq(files_count("."), 1);
}

static void *read_fifo(void *text)
{
    strcpy(text, files_read("fifo"));
    return NULL;
}

TEST(output__writes_a_fifo_directly)
{
    static char text[64 * 1024];
    pthread_t reader;
    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
    ck_assert_int_eq(pthread_create(&reader, NULL, read_fifo, text), 0);
    write_and_publish("fifo", "through");
    ck_assert_int_eq(pthread_join(reader, NULL), 0);
    ck_assert_str_eq(text, "through");
    struct stat status;
    ck_assert_int_eq(lstat("fifo", &status), 0);
    ck_assert(S_ISFIFO(status.st_mode));
}

/* What is open for appending is not replaced, nor written from its start. */
TEST(output__writes_standard_output_directly)
{
    static const char *const names[] = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        files_write("redirected", "before,");
        int kept = dup(STDOUT_FILENO), file = open("redirected", O_WRONLY | O_APPEND | O_CLOEXEC);
        ck_assert(kept >= 0 && file >= 0 && dup2(file, STDOUT_FILENO) == STDOUT_FILENO);
        write_and_publish(names[i], "after,");
        ck_assert_int_eq(write(STDOUT_FILENO, "open", 4), 4);
        dup2(kept, STDOUT_FILENO);
        close(kept);
        close(file);
        ck_assert_msg(!strcmp(files_read("redirected"), "before,after,open"), "%s: %s", names[i], files_read("redirected"));
    }
}

TEST(output__waits_where_a_pipe_is_full_and_does_not_block)
{
    struct error error = {""};
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    ck_assert_int_ge(fcntl(ends[1], F_SETPIPE_SZ, 4096), 0);
    struct output *output = output_open_descriptor(ends[1], "pipe", &error);
    ck_assert_ptr_nonnull(output);
    memset(buffer_reserve(&output->pending, 100000), 'x', 100000);
    output->pending.size = 100000;
    pid_t child = fork();
    if (!child) {
        size_t total = 0;
        char piece[1000];
        ssize_t got;
        close(ends[1]);
        while ((got = read(ends[0], piece, sizeof piece)))
            if (got > 0) total += (size_t)got;
        output_destroy(output);
        _exit(total != 100000);
    }
    ck_assert_msg(output_complete(output, &error), "%s", error.text);
    output_destroy(output);
    close(ends[0]);
    close(ends[1]);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}

TEST(output__refuses)
{
    static const struct { const char *path, *expected; } cases[] = {
        {"missing/out", "cannot write 'missing/out': folder 'missing' does not exist; create it first"},
        {"folder", "cannot write 'folder': Is a directory"},
        {"folder/", "cannot write 'folder/': Is a directory"},
        {"folder/.", "cannot write 'folder/.': Is a directory"},
        {"to-folder", "cannot write 'to-folder': Is a directory"},
        {"file/out", "cannot write 'file/out': Not a directory"},
        {"loop1", "cannot write 'loop1': Too many levels of symbolic links"},
        {"to-missing", "cannot write 'missing/out': folder 'missing' does not exist; create it first"},
        {"/dev/fd/99", "cannot write '/dev/fd/99': Bad file descriptor"},
    };
    files_write("file", "");
    ck_assert(!mkdir("folder", 0755) && !symlink("folder", "to-folder") && !symlink("missing/out", "to-missing"));
    ck_assert(!symlink("loop2", "loop1") && !symlink("loop1", "loop2"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {""};
        ck_assert_ptr_null(output_open(cases[i].path, &error));
        const char *text = error.text, *tail = strstr(cases[i].expected, "folder 'missing'");
        ck_assert_msg(tail ? strstr(text, "/missing' does not exist") || strstr(text, tail) : !strcmp(text, cases[i].expected),
                      "%s: %s", cases[i].path, text);
    }
    ck_assert_int_eq(files_count("."), 6);
}

TEST(output__refuses_what_permissions_forbid)
{
    static const struct { mode_t folder, file; const char *expected; } cases[] = {
        {0555, 0666, "folder '%s/folder': Permission denied"},
        {0777, 0444, "%.0scannot write 'folder/file': Permission denied"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {""};
        char expected[256];
        snprintf(expected, sizeof expected, cases[i].expected, files_folder);
        ck_assert(!mkdir("folder", 0755) && !chmod(".", 0755));
        files_write("folder/file", "");
        ck_assert(!chmod("folder/file", cases[i].file) && !chmod("folder", cases[i].folder));
        uid_t before = geteuid();
        if (!before) ck_assert_int_eq(seteuid(65534), 0);
        struct output *output = output_open("folder/file", &error);
        if (!before) ck_assert_int_eq(seteuid(before), 0);
        ck_assert_ptr_null(output);
        ck_assert_msg(strstr(error.text, expected) != NULL, "%s", error.text);
        ck_assert(!chmod("folder", 0755) && !unlink("folder/file") && !rmdir("folder"));
    }
}

/* What everybody may write, but only owners replace. */
TEST(output__refuses_what_another_owns_in_a_sticky_folder)
{
    static const struct { uid_t folder, file; bool refused; } cases[] = {
        {1, 2, true}, {65534, 2, false}, {1, 65534, false},
    };
    if (geteuid()) return; /* who is not root cannot give files away */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {""};
        ck_assert(!chmod(".", 0755) && !mkdir("folder", 0755) && !chmod("folder", 01777));
        files_write("folder/file", "");
        ck_assert(!chmod("folder/file", 0666) && !chown("folder/file", cases[i].file, 0) && !chown("folder", cases[i].folder, 0));
        ck_assert_int_eq(seteuid(65534), 0);
        struct output *output = output_open("folder/file", &error);
        output_destroy(output);
        ck_assert_int_eq(seteuid(0), 0);
        ck_assert_msg((output == NULL) == cases[i].refused, "%zu: %s", i, error.text);
        ck_assert(!cases[i].refused || strstr(error.text, "it belongs to another user"));
        output = open_or_fail("folder/file"); /* root may */
        output_destroy(output);
        ck_assert(!unlink("folder/file") && !rmdir("folder"));
    }
}

TEST(output__abandon_removes_temporary_files)
{
    struct error error;
    struct output *outputs[3];
    static const char *const names[3] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++) outputs[i] = open_or_fail(names[i]);
    ck_assert(output_complete(outputs[0], &error) && publish(outputs[0], &error));
    ck_assert_int_eq(files_count("."), 3);
    outputs_abandon();
    ck_assert_int_eq(files_count("."), 1);
    ck_assert_str_eq(files_read("a"), "");
    for (int i = 0; i < 3; i++) output_destroy(outputs[i]);
    ck_assert_int_eq(files_count("."), 1);
}

TEST(output__takes_any_number)
{
    enum { MANY = 300 };
    static struct output *outputs[MANY];
    struct error error = {""};
    char name[32];
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "out%d", i);
        outputs[i] = open_or_fail(name);
        ck_assert(output_complete(outputs[i], &error));
    }
    ck_assert_msg(outputs_publish(outputs, MANY, "published", &error) == PUBLISHED, "%s", error.text);
    for (int i = 0; i < MANY; i++) output_destroy(outputs[i]);
    ck_assert_int_eq(files_count("."), MANY);
}

TEST(target__equal)
{
    static const struct { const char *a, *b; bool equal; } cases[] = {
        {"new", "new", true},      {"new", "./new", true},      {"new", "other", false},    {"new", "folder/new", false},
        {"new", "to-new", true},   {"file", "file", true},      {"file", "to-file", true},  {"file", "hard", true},
        {"file", "new", false},    {"-", "/dev/stdout", true},  {"-", "file", false},       {"-", "/dev/stderr", false},
        {"fifo", "fifo", true},    {"/dev/null", "/dev/null", false},
        {"folder/x", "to-folder/x", true}, {"/dev/full", "/dev/full", true},
    };
    files_write("file", "");
    ck_assert(!mkdir("folder", 0755) && !link("file", "hard") && !mkfifo("fifo", 0600));
    ck_assert(!symlink("folder", "to-folder") && !symlink("file", "to-file") && !symlink("new", "to-new"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct target a, b;
        struct error error = {""};
        ck_assert_msg(target_find(&a, cases[i].a, &error) && target_find(&b, cases[i].b, &error), "%s", error.text);
        ck_assert_msg(target_equal(&a, &b) == cases[i].equal, "'%s' and '%s'", cases[i].a, cases[i].b);
        ck_assert_msg(target_equal(&b, &a) == cases[i].equal, "'%s' and '%s'", cases[i].b, cases[i].a);
        target_finish(&a);
        target_finish(&b);
    }
}

SUITE("output");
