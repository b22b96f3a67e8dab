/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "source_testing.h"
#include "suite.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

enum { MAX_LINE = 100 };

#define PATHS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void expect_failure(struct test_source *test, const char *expected_lines, const char *expected_error)
{
    struct buffer told = {0};
    struct error error = {""};
    ck_assert_uint_eq(test->diagnostics.count, 0);
    ck_assert_int_eq(play(test->source, MAX_LINE, &told, &error), -1);
    ck_assert_str_eq(told.data, expected_lines);
    ck_assert_str_eq(error.text, expected_error);
    buffer_finish(&told);
    close_source(test);
}

FIXTURE(enter_folder, leave_folder);

TEST(source__says_which_file_went_away)
{
    struct test_source test;
    write_text("a", "1\n");
    write_text("b", "2\n");
    open_source(&test, PATHS("a", "b"), MAX_LINE, NULL);
    ck_assert_int_eq(unlink("b"), 0);
    expect_failure(&test, "a:1@0/1 \"1\"\n", "cannot read 'b': No such file or directory");
}

TEST(source__says_that_a_file_became_a_folder)
{
    struct test_source test;
    write_text("a", "1\n");
    open_source(&test, PATHS("a"), MAX_LINE, NULL);
    ck_assert_int_eq(unlink("a") | mkdir("a", 0777), 0);
    expect_failure(&test, "", "cannot read 'a': Is a directory");
}

/* How many more files may be opened from here; gives the limit that was, to be set again. */
static struct rlimit limit_descriptors(unsigned more)
{
    struct rlimit old, new;
    int next = dup(0);
    close(next);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
    new = (struct rlimit){(rlim_t)next + more, old.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &new), 0);
    return old;
}

TEST(source__says_that_there_are_no_descriptors_left)
{
    struct test_source test;
    write_text("a", "1\n");
    open_source(&test, PATHS("a"), MAX_LINE, NULL);
    struct rlimit old = limit_descriptors(0);
    expect_failure(&test, "", "cannot read 'a': Too many open files");
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
}

TEST(source__closes_each_file)
{
    char name[16];
    ck_assert_int_eq(mkdir("d", 0777), 0);
    for (int i = 0; i < 64; i++) {
        snprintf(name, sizeof name, "d/%02d", i);
        write_text(name, i % 2 ? "1\n" : "");
    }
    struct test_source test;
    struct buffer told = {0};
    struct error error = {""};
    open_source(&test, PATHS("d"), MAX_LINE, NULL);
    struct rlimit old = limit_descriptors(1);
    int status = play(test.source, MAX_LINE, &told, &error);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
    ck_assert_msg(status == 0, "%s", error.text);
    buffer_finish(&told);
    close_source(&test);
}

TEST(source__needs_the_right_to_read)
{
    if (geteuid() == 0) return; /* root may read all */
    struct test_source test;
    write_text("a", "1\n");
    ck_assert_int_eq(mkdir("d", 0777) | chmod("a", 0) | chmod("d", 0), 0);
    open_source(&test, PATHS("a", "d", "d/*"), MAX_LINE, NULL);
    ck_assert_uint_eq(test.diagnostics.errors, 3);
    close_source(&test);
    chmod("d", 0777);
}

TEST(source__needs_an_open_standard_input)
{
    struct test_source test;
    close(0);
    open_source(&test, PATHS("-"), MAX_LINE, NULL);
    ck_assert_uint_eq(test.diagnostics.errors, 1);
    close_source(&test);
}

/* A peer that goes away without reading what was sent to it resets the connection: what it wrote can be read, then comes an error. */
static void standard_input_that_fails(const void *data, size_t size)
{
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    ck_assert_int_eq(write(ends[0], data, size), (ssize_t)size);
    ck_assert_int_eq(write(ends[1], "?", 1), 1);
    close(ends[0]);
    ck_assert_int_eq(dup2(ends[1], 0), 0);
    close(ends[1]);
}

static const struct {
    const char *data, *lines, *error;
} read_errors[] = {
    {"", "", "cannot read '-': Connection reset by peer"},
    {"1\n22\n", "-:1@0/1 \"1\"\n-:2@2/2 \"22\"\n", "cannot read '-' at byte 5, in line 3: Connection reset by peer"},
    {"1\n22\n333", "-:1@0/1 \"1\"\n-:2@2/2 \"22\"\n", "cannot read '-' at byte 8, in line 3: Connection reset by peer"},
    /* an unfinished line that is too long already */
    {"1\n.........|.........|.........|.........|.........|.........|.........|.........|.........|.........|.........|",
     "-:1@0/1 \"1\"\n", "cannot read '-' at byte 112, in line 2: Connection reset by peer"},
};

TEST_EACH(source__gives_the_whole_lines_before_a_read_error, read_errors)
{
    struct test_source test;
    standard_input_that_fails(read_errors[_i].data, strlen(read_errors[_i].data));
    open_source(&test, PATHS("-"), MAX_LINE, NULL);
    expect_failure(&test, read_errors[_i].lines, read_errors[_i].error);
}

TEST_RANGE(source__gives_the_whole_lines_before_a_read_error_of_compressed_bytes, 0, 2)
{
    struct test_source test;
    struct buffer stored = {0};
    (_i ? add_zstd : add_gzip)(&stored, "1\n22\n333", 8);
    standard_input_that_fails(stored.data, stored.size);
    buffer_finish(&stored);
    open_source(&test, PATHS("-"), MAX_LINE, NULL);
    expect_failure(&test, "-:1@0/1 \"1\"\n-:2@2/2 \"22\"\n", "cannot read '-' at byte 8, in line 3: Connection reset by peer");
}

static void no_action(int signal)
{
}

/* A writer that is slow, and a timer that interrupts every wait for it. */
TEST(source__reads_on_after_a_signal)
{
    struct test_source test;
    struct buffer told = {0};
    struct error error = {""};
    ck_assert_int_eq(mkfifo("fifo", 0666), 0);
    pid_t child = fork();
    if (!child) {
        usleep(30000);
        int fd = open("fifo", O_WRONLY);
        for (int i = 0; i < 3; i++) {
            usleep(30000);
            if (write(fd, "1\n", 2) != 2) _exit(1);
        }
        _exit(0);
    }
    struct sigaction action = {.sa_handler = no_action}; /* without SA_RESTART */
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 5000}, {0, 5000}}, NULL);
    open_source(&test, PATHS("fifo"), MAX_LINE, NULL);
    int played = play(test.source, MAX_LINE, &told, &error);
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
    ck_assert_msg(played == 0, "%s", error.text);
    ck_assert_str_eq(told.data, "fifo:1@0/1 \"1\"\nfifo:2@2/1 \"1\"\nfifo:3@4/1 \"1\"\n");
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    buffer_finish(&told);
    close_source(&test);
}

SUITE("fault_source");
