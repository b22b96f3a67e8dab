/* SPDX-License-Identifier: MIT
 * The command line, by running the executable that ETL_HOST names: what it says where, and its exit status. */
#define _GNU_SOURCE
#include "base/buffer.h"
#include "base/memory.h"
#include "suite.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char home[] = "/tmp/test_command.XXXXXX";

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file)) abort();
}

/* The tests run in a folder of their own, with a pipeline file that has mistakes. */
static void make_home(void)
{
    if (!mkdtemp(home) || chdir(home)) abort();
    write_file("bad.yaml", "source: {path: log}\nplugins: [no.so]\n"
                           "sinks:\n  - effects: '*'\n    formatt: csv\n    path: out\n");
    write_file("one.yaml", "source: {path: log}\nplugins: [no.so]\n");
    write_file("log", "");
}

static void remove_home(void)
{
    static const char *const names[] = {"bad.yaml", "one.yaml", "log", "out", "err"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) unlink(names[i]);
    if (chdir("/") || rmdir(home)) abort();
}

static char *read_text(const char *path)
{
    struct buffer text = {0};
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    for (size_t count; (count = fread(buffer_reserve(&text, 4096), 1, 4096, file));) text.size += count;
    fclose(file);
    buffer_add(&text, "", 1);
    return text.data;
}

/* Runs it with these arguments, as a shell reads them; redirections among them come last and win. Gives the exit status, as a
 * shell has it. */
static int run(const char *arguments)
{
    char *line = format_text("\"$ETL_HOST\" >out 2>err </dev/null %s", arguments);
    int status = system(line);
    free(line);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void expect(const char *arguments, int status, const char *out, const char *err)
{
    int got = run(arguments);
    char *got_out = read_text("out"), *got_err = read_text("err");
    ck_assert_msg(got == status, "'%s' gave %d, not %d: %s", arguments, got, status, got_err);
    ck_assert_msg(!strncmp(got_out, out, *out ? strlen(out) : 1), "'%s' wrote: %s", arguments, got_out);
    ck_assert_msg(!strcmp(got_err, err), "'%s' said: %s\nnot: %s", arguments, got_err, err);
    free(got_out);
    free(got_err);
}

#define ERROR(text) "etl-host: error: " text "\nTry 'etl-host --help'.\n"
#define BAD_SAID \
    "bad.yaml:2:11: error: no such plugin './no.so': build it, or correct the path\n" \
    "bad.yaml:5:5: error: unknown key 'formatt' (did you mean 'format'?)\netl-host: 2 errors\n"
#define ONE_SAID "one.yaml:2:11: error: no such plugin './no.so': build it, or correct the path\netl-host: 1 error\n"

static const struct {
    const char *arguments;
    int status;
    const char *out, *err; /* how output begins; all that is said */
} runs[] = {
    {"--help", 0, "usage: etl-host PIPELINE.yaml", ""},
    {"-h", 0, "usage: etl-host PIPELINE.yaml", ""},
    {"run --help", 0, "usage: etl-host PIPELINE.yaml", ""},
    {"check bad.yaml --help", 0, "usage: etl-host PIPELINE.yaml", ""},
    {"--version", 0, "etl-host ", ""},
    {"--versoin", 2, "", ERROR("unknown option '--versoin' (did you mean '--version'?)")},
    {"-x", 2, "", ERROR("unknown option '-x'; a file of this name goes after '--'")},
    {"run -v one.yaml", 2, "", ERROR("unknown option '-v'; a file of this name goes after '--'")},
    {"--quite one.yaml", 2, "", ERROR("unknown option '--quite' (did you mean '--quiet'?)")},
    {"check --quiet one.yaml", 2, "", ERROR("'--quiet' is for a run, not for 'check'")},
    {"-q list one.yaml", 2, "", ERROR("'--quiet' is for a run, not for 'list'")},
    {"-q", 2, "", ERROR("which pipeline? name its file")},
    {"-q run", 2, "", ERROR("'run' needs a pipeline file: etl-host run PIPELINE.yaml")},
    {"one.yaml --quiet", 2, "", ONE_SAID},
    {"--", 2, "", ERROR("which pipeline? name its file")},
    {"run", 2, "", ERROR("'run' needs a pipeline file: etl-host run PIPELINE.yaml")},
    {"check", 2, "", ERROR("'check' needs a pipeline file: etl-host check PIPELINE.yaml")},
    {"list --", 2, "", ERROR("'list' needs a pipeline file: etl-host list PIPELINE.yaml")},
    {"chekc one.yaml", 2, "", ERROR("'chekc' is neither a pipeline file nor a verb (did you mean 'check'?)")},
    {"help", 2, "", ERROR("'help' is neither a pipeline file nor a verb (did you mean '--help'?)")},
    {"lst", 2, "", ERROR("'lst' is neither a pipeline file nor a verb (did you mean 'list'?)")},
    {"./lst", 2, "", "./lst: error: cannot read it: No such file or directory\netl-host: 1 error\n"},
    {"no.yaml", 2, "", "no.yaml: error: cannot read it: No such file or directory\netl-host: 1 error\n"},
    {"run no.yaml", 2, "", "no.yaml: error: cannot read it: No such file or directory\netl-host: 1 error\n"},
    {"one.yaml log", 2, "", ERROR("to run 'one.yaml' on other log files, say: etl-host run one.yaml log ...")},
    {"check one.yaml log", 2, "", ERROR("'check' takes one pipeline file, and nothing more: 'log'")},
    {"list one.yaml log", 2, "", ERROR("'list' takes one pipeline file, and nothing more: 'log'")},
    {"bad.yaml", 2, "", BAD_SAID},
    {"run bad.yaml", 2, "", BAD_SAID},
    {"check bad.yaml", 2, "", BAD_SAID},
    {"list -- bad.yaml", 2, "", BAD_SAID},
    {"check one.yaml", 2, "", ONE_SAID},
    {"run one.yaml no.log -- -no.log", 2, "",
     "etl-host: error: cannot read 'no.log': No such file or directory\n"
     "etl-host: error: cannot read '-no.log': No such file or directory\n"
     "one.yaml:2:11: error: no such plugin './no.so': build it, or correct the path\netl-host: 3 errors\n"},
    /* streams that are closed or full */
    {"--help >/dev/full", 1, "", "etl-host: error: cannot write to standard output: No space left on device\n"},
    {"--version >&-", 1, "", "etl-host: error: cannot write to standard output: Bad file descriptor\n"},
    {"check bad.yaml >&-", 2, "", BAD_SAID},
    {"check bad.yaml <&-", 2, "", BAD_SAID},
    {"check bad.yaml 2>&-", 2, "", ""},
    {"--help >&- 2>&- <&-", 4, "", ""},
};

TEST_EACH(command__says_and_exits, runs)
{
    expect(runs[_i].arguments, runs[_i].status, runs[_i].out, runs[_i].err);
}

TEST(command__without_arguments_shows_usage)
{
    ck_assert_int_eq(run(""), 2);
    char *err = read_text("err");
    ck_assert_int_eq(strncmp(err, "usage: ", 7), 0);
    free(err);
}

TEST(command__ends_quietly_when_a_pipe_closed)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    close(ends[0]);
    ck_assert_int_eq(dup2(ends[1], 9), 9);
    ck_assert_int_eq(run("--help >&9"), 128 + SIGPIPE);
    char *err = read_text("err");
    ck_assert_str_eq(err, "");
    free(err);
    close(9);
    close(ends[1]);
}

SUITE_WITH("command", make_home, remove_home);
