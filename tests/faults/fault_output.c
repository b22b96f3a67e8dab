/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "files.h"
#include "sinks/output.h"
#include "suite.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

/* Publishes one output by itself. */
static bool publish(struct output *output, struct error *error)
{
    return outputs_publish(&output, 1, "published", error) == PUBLISHED;
}

static void setup(void)
{
    files_setup();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

/* Writes `size` bytes; how far it came: opening, writing, completing, publishing. */
enum stage { OPEN, WRITE, COMPLETE, PUBLISH, DONE };

static enum stage write_bytes(struct output *output, size_t size, struct error *error)
{
    static const char record[1000];
    for (; size; size -= size < sizeof record ? size : sizeof record) {
        buffer_add(&output->pending, record, size < sizeof record ? size : sizeof record);
        if (!output_pump(output, error)) return WRITE;
    }
    if (!output_complete(output, error)) return COMPLETE;
    return publish(output, error) ? DONE : PUBLISH;
}

FIXTURE(setup, files_teardown);

TEST(output__says_a_full_disk)
{
    static const struct { size_t size; enum stage expected; } cases[] = {{1, COMPLETE}, {3 << 20, WRITE}, {0, DONE}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {""};
        struct output *output = output_open("/dev/full", &error);
        ck_assert_ptr_nonnull(output);
        ck_assert_int_eq(write_bytes(output, cases[i].size, &error), cases[i].expected);
        ck_assert_str_eq(error.text, cases[i].expected == DONE ? "" : "cannot write '/dev/full': No space left on device");
        output_destroy(output);
    }
}

/* The limit cuts a write short first: the rest must be tried, and the old file must stay. */
TEST(output__says_a_file_size_limit)
{
    static const struct { size_t size; enum stage expected; } cases[] = {
        {4096, DONE}, {4097, COMPLETE}, {100000, COMPLETE}, {3 << 20, WRITE},
    };
    const struct rlimit limit = {4096, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {""};
        files_write("out", "old");
        struct output *output = output_open("out", &error);
        ck_assert_ptr_nonnull(output);
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        enum stage stage = write_bytes(output, cases[i].size, &error);
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
        output_destroy(output);
        ck_assert_int_eq(stage, cases[i].expected);
        ck_assert_str_eq(error.text, stage == DONE ? "" : "cannot write 'out': File too large");
        ck_assert(stage == DONE || !strcmp(files_read("out"), "old"));
        ck_assert_int_eq(files_count("."), 1);
    }
}

TEST(output__says_a_closed_pipe)
{
    int ends[2];
    struct error error = {""};
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    struct output *output = output_open_descriptor(ends[1], "standard output", &error);
    ck_assert_ptr_nonnull(output);
    close(ends[0]);
    ck_assert_int_eq(write_bytes(output, 1, &error), COMPLETE);
    ck_assert_str_eq(error.text, "cannot write 'standard output': Broken pipe");
    output_destroy(output);
    close(ends[1]);
}

TEST(output__says_a_closed_standard_output)
{
    struct error error = {""};
    int kept = dup(STDOUT_FILENO);
    close(STDOUT_FILENO);
    struct output *output = output_open("-", &error);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    ck_assert_ptr_null(output);
    ck_assert_str_eq(error.text, "cannot write 'standard output': Bad file descriptor");
}

TEST(output__says_that_its_folder_went_away)
{
    struct error error = {""};
    ck_assert_int_eq(mkdir("folder", 0755), 0);
    struct output *output = output_open("folder/out", &error);
    ck_assert_ptr_nonnull(output);
    ck_assert_int_eq(nftw("folder", files_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    ck_assert_int_eq(write_bytes(output, 1, &error), COMPLETE);
    ck_assert_str_eq(error.text, "cannot write 'folder/out': No such file or directory");
    output_destroy(output);
}

SUITE("output faults");
