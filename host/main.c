/* SPDX-License-Identifier: MIT
 * The command line of etl-host: what is asked for, what is said, and the exit status. */
#define _GNU_SOURCE
#include "base/console.h"
#include "base/diagnostic.h"
#include "base/error.h"
#include "base/guard.h"
#include "base/limits.h"
#include "config/config.h"
#include "pipeline.h"
#include "report/advice.h"
#include "report/describe.h"
#include "report/summary.h"
#include "run/progress.h"
#include "run/run.h"
#include "run/supervisor.h"
#include "sinks/output.h"

#include <etl.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: etl-host PIPELINE.yaml                     run it (short for: etl-host run PIPELINE.yaml)\n"
    "       etl-host run PIPELINE.yaml [LOGFILE...]    run it, on these files instead of source.path; - is standard input\n"
    "       etl-host check PIPELINE.yaml               check everything without reading a line; show what would run\n"
    "       etl-host list PIPELINE.yaml                plugins, event types, handlers, effects, tables\n"
    "       etl-host --help | --version\n"
    "\n"
    "  -q, --quiet      of a run: no progress and no summary; errors, warnings and rejects are still said\n"
    "  --no-supervisor  one process, for debuggers: an end by _exit() or SIGKILL is then not reported\n"
    "\n"
    "exit status: 0 done; 1 failed or stopped; 2 wrong usage or configuration; 3 done, with rejects;\n"
    "             4 failed, and standard error is closed or cannot be written\n"
    "Results go to standard output or files, everything else to standard error.\n";

/* ---- what each verb does with a pipeline that is in order */

static enum exit_status play(struct run *run)
{
    enum exit_status status = pipeline_run(run);
    if (!run->plan.quiet) summary_print(run);
    advice_print(run, console_error()); /* last, where it is seen */
    return status;
}

static enum exit_status check(struct run *run)
{
    describe_run(run, console_output());
    return EXIT_DONE;
}

static enum exit_status list(struct run *run)
{
    describe_plugins(run, console_output());
    return EXIT_DONE;
}

struct verb {
    const char *name;
    enum exit_status (*act)(struct run *run);
    bool is_run; /* takes log files, and can be quiet */
};

static const struct verb verbs[] = {{"run", play, true}, {"check", check, false}, {"list", list, false}};

static const struct verb *find_verb(const char *name)
{
    for (const struct verb *verb = verbs; verb < verbs + sizeof verbs / sizeof *verbs; verb++)
        if (!strcmp(verb->name, name)) return verb;
    return NULL;
}

/* ---- the command line */

struct command {
    bool help, version, quiet, no_supervisor;
    const struct verb *verb;
    const char *pipeline;
    char **logfiles;
    size_t logfile_count;
};

static bool read_option(const char *option, struct command *command, struct error *error)
{
    static const char *const options[] = {"--help", "--no-supervisor", "--quiet", "--version", NULL};
    if (!strcmp(option, "--help") || !strcmp(option, "-h")) return command->help = true;
    if (!strcmp(option, "--version")) return command->version = true;
    if (!strcmp(option, "--quiet") || !strcmp(option, "-q")) return command->quiet = true;
    if (!strcmp(option, "--no-supervisor")) return command->no_supervisor = true;
    const char *near = nearest_word(option, options);
    if (near) return error_set(error, "unknown option '%s' (did you mean '%s'?)", option, near);
    return error_set(error, "unknown option '%s'; a file of this name goes after '--'", option);
}

/* Moves what is no option to the front of `arguments`, which end in NULL, and counts it. */
static bool read_options(char **arguments, struct command *command, size_t *count, struct error *error)
{
    bool options = true;
    *count = 0;
    for (char **argument = arguments; *argument; argument++) {
        if (options && !strcmp(*argument, "--")) options = false;
        else if (!options || (*argument)[0] != '-' || !(*argument)[1]) arguments[(*count)++] = *argument;
        else if (!read_option(*argument, command, error)) return false;
    }
    return true;
}

/* A first word that is neither a verb nor a file, but looks like a verb. */
static bool check_for_verb(const char *word, struct error *error)
{
    static const char *const words[] = {"run", "check", "list", "--help", "--quiet", "--version", NULL};
    const char *near = strchr(word, '/') || !access(word, F_OK) ? NULL : nearest_word(word, words);
    return !near || error_set(error, "'%s' is neither a pipeline file nor a verb (did you mean '%s'?)", word, near);
}

static bool read_command(char **arguments, struct command *command, struct error *error)
{
    size_t count;
    if (!read_options(arguments, command, &count, error)) return false;
    if (command->help || command->version) return true;
    if (!count) return error_set(error, "which pipeline? name its file");
    const struct verb *verb = find_verb(arguments[0]);
    if (!verb && !check_for_verb(arguments[0], error)) return false;
    size_t at = verb ? 1 : 0;
    if (at == count) return error_set(error, "'%s' needs a pipeline file: etl-host %s PIPELINE.yaml", verb->name, verb->name);

    command->verb = verb ? verb : &verbs[0];
    command->pipeline = arguments[at++];
    command->logfiles = arguments + at;
    command->logfile_count = count - at;
    if (command->quiet && !command->verb->is_run) return error_set(error, "'--quiet' is for a run, not for '%s'", verb->name);
    if (at == count || (verb && verb->is_run)) return true;
    if (verb) return error_set(error, "'%s' takes one pipeline file, and nothing more: '%s'", verb->name, arguments[at]);
    return error_set(error, "to run '%s' on other log files, say: etl-host run %s %s ...", command->pipeline, command->pipeline,
                     arguments[at]);
}

/* ---- a pipe that nobody reads any more, as of `etl-host ... | head` */

static bool pipe_ignored; /* SIGPIPE, by whoever started this process */

/* As other programs end then: quietly, by the signal. */
static void end_of_pipe(void)
{
    progress_abandon();
    guard_end_is_said();
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
}

static bool writes_files(const struct config *config)
{
    bool files = config->rejects.path.value && strcmp(config->rejects.path.value, "-");
    for (size_t i = 0; i < config->sink_count; i++) files |= strcmp(config->sinks[i].path.value, "-") != 0;
    return files;
}

/* ---- doing it */

/* Until the process ends: threads that plugins started may be at any of it. */
static struct {
    struct diagnostics diagnostics;
    struct config *config;
    struct run *run;
} kept;

static enum exit_status act(const struct command *command)
{
    struct diagnostics *diagnostics = &kept.diagnostics;
    struct config *config = kept.config = config_load(command->pipeline, diagnostics);
    if (config && command->logfile_count) config_set_sources(config, command->logfiles, command->logfile_count);
    if (config) {
        guard_install(config->handler_timeout_ns);
        guard_on_death(outputs_abandon);
        guard_on_death(progress_abandon);
    }
    /* goes on where the file has mistakes, so that those in what it names are found, too */
    struct run *run = kept.run = config ? pipeline_create(config, diagnostics) : NULL;
    diagnostics_print(diagnostics, console_error());
    if (diagnostics->errors)
        fprintf(console_error(), "etl-host: %zu error%s\n", diagnostics->errors, diagnostics->errors == 1 ? "" : "s");
    if (run && command->quiet) pipeline_be_quiet(run);
    /* files that are then not published are worth an error */
    if (run && !pipe_ignored && !writes_files(config)) outputs_on_closed_pipe(end_of_pipe);
    return run ? command->verb->act(run) : EXIT_USAGE;
}

/* What went to standard output has to be there. */
static enum exit_status flush_output(enum exit_status status)
{
    errno = 0;
    if (!fflush(console_output()) && !ferror(console_output())) return status;
    if (errno == EPIPE && !pipe_ignored) end_of_pipe();
    fprintf(console_error(), "etl-host: error: cannot write to standard output: %s\n",
            errno ? strerror(errno) : "it failed before");
    return status == EXIT_USAGE ? status : EXIT_STOPPED;
}

/* Where nothing can be said, the status is all there is. */
static enum exit_status check_said(enum exit_status status)
{
    return status == EXIT_STOPPED && ferror(console_error()) ? EXIT_UNSAID : status;
}

/* A sanitizer looks for leaks at exit(), which is not called. It does not see what rows own: so
 * all is given back first. */
void __lsan_do_leak_check(void) __attribute__((weak));

static void check_leaks(void)
{
    if (!__lsan_do_leak_check) return;
    pipeline_destroy(kept.run);
    config_destroy(kept.config);
    diagnostics_finish(&kept.diagnostics);
    __lsan_do_leak_check();
}

/* All is said. Threads and destructors of plugins may still have something in mind, which is not to change it: the process ends
 * without them, and with all its memory, so that none of them finds any freed. */
static int work(void *command)
{
    enum exit_status status = check_said(flush_output(act(command)));
    outputs_abandon();
    guard_conclude((int)status);
    check_leaks();
    _exit((int)status);
}

static int obey(char **arguments)
{
    struct command command = {0};
    struct error error;
    if (!*arguments) {
        fputs(usage, console_error());
        return EXIT_USAGE;
    }
    if (!read_command(arguments, &command, &error)) {
        error_print(&error, console_error());
        fputs("Try 'etl-host --help'.\n", console_error());
        return EXIT_USAGE;
    }
    if (!limits_prepare(&error)) {
        error_print(&error, console_error());
        return EXIT_STOPPED;
    }
    if (!command.help && !command.version) return command.no_supervisor ? work(&command) : supervisor_run(work, &command);
    if (command.help) fputs(usage, console_output());
    else fprintf(console_output(), "etl-host %s (plugin ABI %u.%u)\n", ETL_HOST_VERSION, ETL_ABI_MAJOR,
                 ETL_ABI_MINOR);
    return (int)check_said(flush_output(EXIT_DONE));
}

/* A standard stream that is closed would give its number to the next file opened, which would then get what was meant for it.
 * In its stead comes one that fails: standard input cannot be read, the others cannot be written. */
static bool open_standard_streams(void)
{
    for (int number = 0; number < 3; number++)
        if (fcntl(number, F_GETFD) < 0 && open("/dev/null", number ? O_RDONLY : O_WRONLY) != number) return false;
    return true;
}

int main(int argc, char **argv)
{
    if (!open_standard_streams()) return EXIT_STOPPED;
    guard_share();
    guard_ask_fate(outputs_fate);
    pipe_ignored = signal(SIGPIPE, SIG_IGN) == SIG_IGN; /* a closed pipe is an error of writing, like a full disk */
    signal(SIGXFSZ, SIG_IGN); /* so is a limit on the size of files */
    return obey(argv + (argc > 0));
}
