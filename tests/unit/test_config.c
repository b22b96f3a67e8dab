/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "config/config.h"
#include "config/config_load.h"
#include "config/values.h"
#include "config/yaml_tree.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The tests run in a folder of their own: a.so, b.so, again.so (which is a.so), opening.jsonl, folder/. */
static char home[] = "/tmp/test_config.XXXXXX";

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file)) abort();
}

static void make_home(void)
{
    if (!mkdtemp(home) || chdir(home) || mkdir("folder", 0700) || symlink("a.so", "again.so")) abort();
    write_file("a.so", "");
    write_file("b.so", "");
    write_file("opening.jsonl", "");
}

static void remove_home(void)
{
    static const char *const names[] = {"a.so", "b.so", "again.so", "opening.jsonl"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) unlink(names[i]);
    rmdir("folder");
    if (chdir("/") || rmdir(home)) abort();
}

static char *printed(struct diagnostics *diagnostics)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    diagnostics_print(diagnostics, to);
    fclose(to);
    diagnostics_finish(diagnostics);
    return text;
}

static struct config *load(const char *path, const char *yaml, const char *said)
{
    struct diagnostics diagnostics = {0};
    struct config *config = config_load_bytes(path, yaml, strlen(yaml), &diagnostics);
    char *text = printed(&diagnostics);
    ck_assert_msg(!strcmp(text, said), "of\n%s\nexpected to be said\n%s\ngot\n%s", yaml, said, text);
    free(text);
    return config;
}

#define LEAST "source: {path: log}\nplugins: [a.so]\n"

TEST(config__reads_all_keys)
{
    struct config *config = load("p",
                                 "source:\n  path: [log, '-', /abs, '*.gz']\n  format: jsonl\n"
                                 "  event_type: kind.name\n  max_line: 64KiB\n"
                                 "plugins:\n  - a.so\n  - path: b.so\n    config: {require_holding: true}\n"
                                 "state:\n  initial: opening.jsonl\n  partition_by: account_id\n"
                                 "sinks:\n  - state: position\n    format: table\n    path: '-'\n"
                                 "  - effects: '*'\n    path: all\n"
                                 "rejects:\n  path: r.jsonl\n  malformed: skip\n  invalid: stop\n  unhandled: reject\n"
                                 "  limit: 7\n"
                                 "threads: 4\nhandler_timeout: 500ms\n",
                                 "");
    static const char *const paths[] = {"log", "-", "/abs", "*.gz"};
    ck_assert_str_eq(config->path, "p");
    ck_assert_uint_eq(config->source.path_count, 4);
    for (size_t i = 0; i < 4; i++) ck_assert_str_eq(config->source.paths[i].value, paths[i]);
    ck_assert_uint_eq(config->source.paths[3].place.line, 2);
    ck_assert_uint_eq(config->source.paths[3].place.column, 26);
    ck_assert_str_eq(config->source.event_type.value, "kind.name");
    ck_assert_uint_eq(config->source.max_line, 65536);
    ck_assert_uint_eq(config->source.place.line, 2);
    ck_assert_uint_eq(config->plugin_count, 2);
    ck_assert_str_eq(config->plugins[0].path.value, "./a.so");
    ck_assert_ptr_null(config->plugins[0].config);
    ck_assert_str_eq(config->plugins[1].path.value, "./b.so");
    ck_assert_ptr_nonnull(yaml_node_find(config->plugins[1].config, "require_holding"));
    ck_assert_str_eq(config->initial.value, "opening.jsonl");
    ck_assert_str_eq(config->partition_by.value, "account_id");
    ck_assert_uint_eq(config->sink_count, 2);
    ck_assert(config->sinks[0].subject == SINK_STATE && config->sinks[0].format == SINK_TABLE);
    ck_assert_str_eq(config->sinks[0].effect.value, "position");
    ck_assert_str_eq(config->sinks[0].path.value, "-");
    ck_assert_uint_eq(config->sinks[0].place.line, 14);
    ck_assert(config->sinks[1].subject == SINK_EFFECTS && config->sinks[1].format == SINK_JSONL);
    ck_assert_str_eq(config->sinks[1].effect.value, "*");
    ck_assert_str_eq(config->rejects.path.value, "r.jsonl");
    ck_assert(config->rejects.malformed == POLICY_SKIP && config->rejects.invalid == POLICY_STOP &&
              config->rejects.unhandled == POLICY_REJECT);
    ck_assert_uint_eq(config->rejects.limit, 7);
    ck_assert_uint_eq(config->threads, 4);
    ck_assert_int_eq(config->handler_timeout_ns, 500000000);
    config_destroy(config);
}

TEST(config__has_defaults)
{
    struct config *config = load("p", LEAST, "");
    ck_assert_str_eq(config->source.event_type.value, "event_type");
    ck_assert_uint_eq(config->source.event_type.place.line, 1);
    ck_assert_uint_eq(config->source.max_line, 1048576);
    ck_assert_ptr_null(config->initial.value);
    ck_assert_ptr_null(config->partition_by.value);
    ck_assert_uint_eq(config->sink_count, 0);
    ck_assert_ptr_null(config->rejects.path.value);
    ck_assert(config->rejects.malformed == POLICY_REJECT && config->rejects.invalid == POLICY_REJECT &&
              config->rejects.unhandled == POLICY_SKIP);
    ck_assert_uint_eq(config->rejects.limit, 0);
    ck_assert_uint_eq(config->threads, 0);
    ck_assert_int_eq(config->handler_timeout_ns, 10000000000);
    config_destroy(config);
}

static const struct {
    const char *file, *path, *resolved, *plugin;
} places[] = {
    {"p", "log", "log", "./a.so"},
    {"./p", "x/log", "x/log", "./a.so"},
    {"folder/../p", "../log", "folder/../../log", "folder/../a.so"},
    {"folder/../p", "/log", "/log", "folder/../a.so"},
    {"folder/../p", "-", "-", "folder/../a.so"},
};

TEST_EACH(config__resolves_paths_against_its_folder, places)
{
    char *yaml;
    if (asprintf(&yaml, "source: {path: '%s'}\nplugins: [a.so]\nsinks: [{state: x, path: '%s'}]\nrejects: {path: '%s'}\n",
                 places[_i].path, places[_i].path, places[_i].path) < 0)
        abort();
    struct config *config = load(places[_i].file, yaml, "");
    ck_assert_str_eq(config->source.paths[0].value, places[_i].resolved);
    ck_assert_str_eq(config->sinks[0].path.value, places[_i].resolved);
    ck_assert_str_eq(config->rejects.path.value, places[_i].resolved);
    ck_assert_str_eq(config->plugins[0].path.value, places[_i].plugin);
    config_destroy(config);
    free(yaml);
}

static const struct {
    const char *sink;
    enum sink_format format;
} formats[] = {
    {"{state: x, path: a.csv}", SINK_CSV},     {"{state: x, path: a.jsonl}", SINK_JSONL},
    {"{state: x, path: a}", SINK_CSV},         {"{state: x, path: '-'}", SINK_CSV},
    {"{effects: x, path: a.csv}", SINK_CSV},   {"{effects: x, path: a}", SINK_JSONL},
    {"{effects: x, path: '-'}", SINK_JSONL},   {"{effects: '*', path: a.jsonl}", SINK_JSONL},
    {"{state: x, path: a.csv, format: jsonl}", SINK_JSONL},
};

TEST_EACH(config__takes_a_sinks_format_from_its_path, formats)
{
    char *yaml;
    if (asprintf(&yaml, LEAST "sinks: [%s]\n", formats[_i].sink) < 0) abort();
    struct config *config = load("p", yaml, "");
    ck_assert_uint_eq(config->sinks[0].format, formats[_i].format);
    config_destroy(config);
    free(yaml);
}

static const char *const accepted[] = {
    LEAST "sinks: []\n",
    LEAST "state: {}\nrejects: {}\n",
    LEAST "threads: auto\nhandler_timeout: 0\n",
    LEAST "threads: 256\nrejects: {limit: 0}\n",
    LEAST "threads: ${THREADS_OF_TEST}\n",
    LEAST "threads: ${UNSET_OF_TEST:-2}\n",
    "source: {path: log, max_line: 1}\nplugins: [{path: a.so, config: {}}]\n",
    "source: {path: log, max_line: 1GiB}\nplugins: [a.so]\n",
    "source: {path: log, max_line: '1GiB'}\nplugins: [\"${PLUGIN_OF_TEST}\"]\n",
    "{\"source\": {\"path\": \"log\"}, \"plugins\": [\"a.so\"]}",
};

TEST_EACH(config__accepts, accepted)
{
    config_destroy(load("p", accepted[_i], ""));
}

static const struct {
    const char *yaml, *said;
} bad[] = {
    /* the whole */
    {"[]", "p:1:1: error: expected a mapping with 'source', 'plugins' and more, got a list\n"},
    {"--- \n", "p:2:1: error: expected a mapping with 'source', 'plugins' and more, got nothing\n"},
    {"{}", "p:1:1: error: the pipeline lacks the key 'source'\np:1:1: error: the pipeline lacks the key 'plugins'\n"},
    {LEAST "sink: []\n", "p:3:1: error: unknown key 'sink' (did you mean 'sinks'?)\n"},
    {LEAST "timeout: 1s\n", "p:3:1: error: unknown key 'timeout' (did you mean 'handler_timeout'?)\n"},
    {LEAST "zebra: 1\n", "p:3:1: error: unknown key 'zebra'\n"},
    {LEAST "threads: 1\nthreads: 2\n", "p:4:1: error: the key 'threads' is there twice: the first is in line 3\n"},
    {LEAST "threads: *x\n", "p:3:10: error: aliases are not allowed here: write out the value, or quote \"*x\"\n"},
    {LEAST "zebra: *x\n",
     "p:3:1: error: unknown key 'zebra'\np:3:8: error: aliases are not allowed here: write out the value, or quote \"*x\"\n"},
    /* source */
    {"source: log\nplugins: [a.so]\n", "p:1:9: error: expected a mapping for 'source', got text\n"},
    {"source:\nplugins: [a.so]\n", "p:1:1: error: 'source' has no value: expected a mapping\n"},
    {"source: {}\nplugins: [a.so]\n", "p:1:9: error: 'source' lacks the key 'path'\n"},
    {"source:\n  format: jsonl\nplugins: [a.so]\n", "p:2:3: error: 'source' lacks the key 'path'\n"},
    {"source: {path: log, formatt: jsonl}\nplugins: [a.so]\n", "p:1:21: error: unknown key 'formatt' (did you mean 'format'?)\n"},
    {"source: {path: log, format: csv}\nplugins: [a.so]\n", "p:1:29: error: 'format' is jsonl, not 'csv'\n"},
    {"source: {path: log, format: json}\nplugins: [a.so]\n",
     "p:1:29: error: 'format' is jsonl, not 'json' (did you mean 'jsonl'?)\n"},
    {"source: {path: []}\nplugins: [a.so]\n", "p:1:16: error: 'path' is an empty list: give at least one file\n"},
    {"source: {path: {}}\nplugins: [a.so]\n", "p:1:16: error: expected text or a list for 'path', got a mapping\n"},
    {"source: {path: ''}\nplugins: [a.so]\n", "p:1:16: error: 'path' is empty\n"},
    {"source: {path: }\nplugins: [a.so]\n", "p:1:10: error: 'path' has no value: expected text\n"},
    {"source: {path: [log, [], '', ~]}\nplugins: [a.so]\n",
     "p:1:22: error: expected text for 'path', got a list\np:1:26: error: 'path' is empty\n"
     "p:1:30: error: 'path' has no value: expected text\n"},
    {"source: {path: log, event_type: ''}\nplugins: [a.so]\n", "p:1:33: error: 'event_type' is empty\n"},
    {"source: {path: log, event_type: [a]}\nplugins: [a.so]\n", "p:1:33: error: expected text for 'event_type', got a list\n"},
    {"source: {path: log, max_line: 0}\nplugins: [a.so]\n", "p:1:31: error: 'max_line' is from 1 byte to 1GiB, not '0'\n"},
    {"source: {path: log, max_line: 1073741825}\nplugins: [a.so]\n",
     "p:1:31: error: 'max_line' is from 1 byte to 1GiB, not '1073741825'\n"},
    {"source: {path: log, max_line: 1mb}\nplugins: [a.so]\n",
     "p:1:31: error: 'max_line' is a size, such as 1MiB, 64KiB or 500kB, or a number of bytes, not '1mb'\n"},
    {"source: {path: log, max_line: {}}\nplugins: [a.so]\n",
     "p:1:31: error: expected a size, such as 1MiB for 'max_line', got a mapping\n"},
    /* plugins */
    {"source: {path: log}\nplugins: []\n", "p:2:10: error: 'plugins' is an empty list: give at least one plugin\n"},
    {"source: {path: log}\nplugins: {path: a.so}\n", "p:2:10: error: expected a list for 'plugins', got a mapping\n"},
    {"source: {path: log}\nplugins: [a.so, [b.so]]\n", "p:2:17: error: expected a path or a mapping for 'plugins', got a list\n"},
    {"source: {path: log}\nplugins: [~, '']\n",
     "p:2:11: error: 'plugins' has no value: expected text\np:2:14: error: 'plugins' is empty\n"},
    {"source: {path: log}\nplugins:\n  - config: {}\n  - pth: b.so\n",
     "p:3:5: error: 'plugins' lacks the key 'path'\np:4:5: error: unknown key 'pth' (did you mean 'path'?)\n"
     "p:4:5: error: 'plugins' lacks the key 'path'\n"},
    {"source: {path: log}\nplugins: [{path: a.so, config: [x]}]\n",
     "p:2:32: error: expected a mapping for 'config', got a list\n"},
    {"source: {path: log}\nplugins: [{path: a.so, config: }]\n", "p:2:24: error: 'config' has no value: expected a mapping\n"},
    {"source: {path: log}\nplugins: [no.so]\n", "p:2:11: error: no such plugin './no.so': build it, or correct the path\n"},
    {"source: {path: log}\nplugins: [{path: folder}]\n", "p:2:18: error: the plugin './folder' is a folder: name the .so file\n"},
    {"source: {path: log}\nplugins: [a.so/x]\n", "p:2:11: error: cannot read the plugin 'a.so/x': Not a directory\n"},
    {"source: {path: log}\nplugins:\n  - a.so\n  - b.so\n  - path: folder/../a.so\n",
     "p:5:11: error: the plugin 'folder/../a.so' is listed twice: the first is in line 3\n"},
    {"source: {path: log}\nplugins: [a.so, again.so]\n",
     "p:2:17: error: the plugin './again.so' is listed twice: the first is in line 2\n"},
    /* state */
    {LEAST "state: []\n", "p:3:8: error: expected a mapping for 'state', got a list\n"},
    {LEAST "state:\n", "p:3:1: error: 'state' has no value: expected a mapping\n"},
    {LEAST "state: {initial: no.jsonl}\n", "p:3:18: error: cannot read 'no.jsonl': No such file or directory\n"},
    {LEAST "state: {initial: folder}\n", "p:3:18: error: 'folder' is a folder: name the file that a jsonl sink of state wrote\n"},
    {LEAST "state: {partition_by: ''}\n", "p:3:23: error: 'partition_by' is empty\n"},
    {LEAST "state: {partition: x}\n", "p:3:9: error: unknown key 'partition' (did you mean 'partition_by'?)\n"},
    /* sinks */
    {LEAST "sinks: {}\n", "p:3:8: error: expected a list for 'sinks', got a mapping\n"},
    {LEAST "sinks: [x]\n", "p:3:9: error: expected a mapping for 'sinks', got text\n"},
    {LEAST "sinks: [{state: x}]\n", "p:3:9: error: 'sinks' lacks the key 'path'\n"},
    {LEAST "sinks: [{path: x}]\n",
     "p:3:9: error: a sink lacks what goes to it: 'state: NAME' for final rows, or 'effects: NAME'\n"},
    {LEAST "sinks: [{state: x, effects: y, path: z}]\n",
     "p:3:9: error: a sink has 'state' or 'effects', not both: make two sinks of it\n"},
    {LEAST "sinks: [{state: '*', path: z}]\n", "p:3:17: error: 'state' names one effect; for all, make a sink for each\n"},
    {LEAST "sinks: [{state: x, path: z, format: xml}]\n", "p:3:37: error: 'format' is csv, jsonl or table, not 'xml'\n"},
    {LEAST "sinks: [{state: x, path: z, format: tabel}]\n",
     "p:3:37: error: 'format' is csv, jsonl or table, not 'tabel' (did you mean 'table'?)\n"},
    {LEAST "sinks: [{effects: x, path: z, format: table}]\n",
     "p:3:39: error: effects are written as csv or jsonl, not as a table\n"},
    {LEAST "sinks: [{effects: '*', path: z, format: csv}]\n",
     "p:3:41: error: all effects together are written as jsonl only: their columns differ\n"},
    {LEAST "sinks: [{effects: '*', path: z.csv}]\n",
     "p:3:30: error: all effects together are written as jsonl only: their columns differ\n"},
    {LEAST "sinks: [{effects: *, path: z}]\n",
     "p:3:20: error: not YAML: did not find expected alphabetic or numeric character, while scanning an alias "
     "(quote a value that begins with '*': \"*\")\n"},
    {LEAST "sinks: [{effects: '', path: z}]\n", "p:3:19: error: 'effects' is empty\n"},
    {LEAST "sinks: [{state: x, path: z, fromat: csv}]\n", "p:3:29: error: unknown key 'fromat' (did you mean 'format'?)\n"},
    /* rejects, threads, handler_timeout */
    {LEAST "rejects: x\n", "p:3:10: error: expected a mapping for 'rejects', got text\n"},
    {LEAST "rejects: {malformed: rejct}\n",
     "p:3:22: error: 'malformed' is reject, skip or stop, not 'rejct' (did you mean 'reject'?)\n"},
    {LEAST "rejects: {invalid: [skip]}\n", "p:3:20: error: expected reject, skip or stop for 'invalid', got a list\n"},
    {LEAST "rejects: {limit: -1}\n", "p:3:18: error: 'limit' is an integer from 0, without quotes, not '-1'\n"},
    {LEAST "rejects: {limit: '1'}\n", "p:3:18: error: 'limit' is an integer from 0, without quotes, not '1'\n"},
    {LEAST "rejects: {limit: 1.0}\n", "p:3:18: error: 'limit' is an integer from 0, without quotes, not '1.0'\n"},
    {LEAST "threads: 0\n", "p:3:10: error: 'threads' is auto, or an integer from 1 to 256, without quotes, not '0'\n"},
    {LEAST "threads: 257\n", "p:3:10: error: 'threads' is auto, or an integer from 1 to 256, without quotes, not '257'\n"},
    {LEAST "threads: true\n", "p:3:10: error: 'threads' is auto, or an integer from 1 to 256, without quotes, not 'true'\n"},
    {LEAST "threads: '${THREADS_OF_TEST}'\n",
     "p:3:10: error: 'threads' is auto, or an integer from 1 to 256, without quotes, not '3'\n"},
    {LEAST "threads: ${UNSET_OF_TEST}\n",
     "p:3:10: error: the variable 'UNSET_OF_TEST' is not set: set it, or give a default, ${UNSET_OF_TEST:-default}\n"},
    {LEAST "handler_timeout: 10\n",
     "p:3:18: error: 'handler_timeout' is a duration, such as 500ms, 10s, 2m or 1h, or 0 for never, not '10'\n"},
    {LEAST "handler_timeout: []\n", "p:3:18: error: expected a duration, such as 10s for 'handler_timeout', got a list\n"},
    /* all of them at once */
    {"sorce: {}\nplugins:\n  - no.so\n  - path: a.so\n    conifg: {}\nsinks:\n  - state: x\n    format: tabel\n  - effects: y\n"
     "    path: ''\nthreads: many\nrejects: {limit: x}\n",
     "p:1:1: error: unknown key 'sorce' (did you mean 'source'?)\n"
     "p:1:1: error: the pipeline lacks the key 'source'\n"
     "p:3:5: error: no such plugin './no.so': build it, or correct the path\n"
     "p:5:5: error: unknown key 'conifg' (did you mean 'config'?)\n"
     "p:7:5: error: 'sinks' lacks the key 'path'\n"
     "p:8:13: error: 'format' is csv, jsonl or table, not 'tabel' (did you mean 'table'?)\n"
     "p:10:11: error: 'path' is empty\n"
     "p:11:10: error: 'threads' is auto, or an integer from 1 to 256, without quotes, not 'many'\n"
     "p:12:18: error: 'limit' is an integer from 0, without quotes, not 'x'\n"},
};

TEST_EACH(config__says, bad)
{
    config_destroy(load("p", bad[_i].yaml, bad[_i].said));
}

TEST(config__keeps_only_what_is_whole)
{
    struct config *config = load("p",
                                 "source: {path: ['', log]}\nplugins: [no.so, a.so]\n"
                                 "sinks: [{state: x}, {state: y, path: z}]\n",
                                 "p:1:17: error: 'path' is empty\n"
                                 "p:2:11: error: no such plugin './no.so': build it, or correct the path\n"
                                 "p:3:9: error: 'sinks' lacks the key 'path'\n");
    ck_assert_uint_eq(config->source.path_count, 1);
    ck_assert_uint_eq(config->plugin_count, 1);
    ck_assert_uint_eq(config->sink_count, 1);
    ck_assert_str_eq(config->sinks[0].effect.value, "y");
    config_destroy(config);
}

TEST(config__takes_files_of_the_command_line)
{
    struct config *config = load("folder/../p", "source: {path: [a, b]}\nplugins: [a.so]\n", "");
    char *files[] = {(char *)"x/y", (char *)"-", (char *)"z"};
    config_set_sources(config, files, 3);
    ck_assert_uint_eq(config->source.path_count, 3);
    for (size_t i = 0; i < 3; i++) ck_assert_str_eq(config->source.paths[i].value, files[i]);
    ck_assert_ptr_null(config->source.paths[0].place.file);
    ck_assert_uint_eq(config->source.paths[0].place.line, 0);
    config_destroy(config);
}

TEST(config__reads_a_file)
{
    struct diagnostics diagnostics = {0};
    write_file("p.yaml", LEAST);
    struct config *config = config_load("p.yaml", &diagnostics);
    unlink("p.yaml");
    ck_assert_ptr_nonnull(config);
    ck_assert_uint_eq(diagnostics.count, 0);
    ck_assert_str_eq(config->folder, ".");
    config_destroy(config);
    config_destroy(NULL);
}

static void expect_unreadable(const char *path, const char *said)
{
    struct diagnostics diagnostics = {0};
    ck_assert_ptr_null(config_load(path, &diagnostics));
    char *text = printed(&diagnostics);
    ck_assert_str_eq(text, said);
    free(text);
}

TEST(config__says_why_a_file_cannot_be_read)
{
    expect_unreadable("no.yaml", "no.yaml: error: cannot read it: No such file or directory\n");
    expect_unreadable("folder", "folder: error: cannot read it: Is a directory\n");
    expect_unreadable("/dev/zero", "/dev/zero: error: the file is larger than 1048576 bytes\n");
    expect_unreadable("/dev/null", "/dev/null: error: the file is empty\n");
}

/* ---- values */

static const struct {
    const char *text;
    int64_t value; /* -1: refused */
} sizes[] = {
    {"0", 0}, {"1", 1}, {"10B", 10}, {"2kB", 2000}, {"2MB", 2000000}, {"2GB", 2000000000}, {"3KiB", 3072}, {"3MiB", 3145728},
    {"3GiB", 3221225472}, {"9223372036854775807", INT64_MAX}, {"", -1}, {"B", -1}, {"MiB", -1}, {"1 MiB", -1}, {"1mib", -1},
    {"1M", -1},
    {"1KB", -1}, {"-1", -1}, {"+1", -1}, {"01", -1}, {"1.5MiB", -1}, {"0x10", -1}, {"1e3", -1}, {"9223372036854775808", -1},
    {"9223372036854775807kB", -1}, {"1MiBx", -1},
}, durations[] = {
    {"0", 0}, {"0s", 0}, {"500ms", 500000000}, {"10s", 10000000000}, {"2m", 120000000000}, {"1h", 3600000000000}, {"", -1},
    {"10", -1},
    {"s", -1}, {"-1s", -1}, {"1.5s", -1}, {"1 s", -1}, {"1S", -1}, {"1d", -1}, {"1us", -1}, {"2562047h", 9223369200000000000},
    {"2562048h", -1}, {"99999999999999999999s", -1}, {"00", -1},
};

TEST_EACH(values__reads_sizes, sizes)
{
    uint64_t bytes = 77;
    bool good = size_parse(sizes[_i].text, &bytes);
    ck_assert_msg(good == (sizes[_i].value >= 0) && bytes == (good ? (uint64_t)sizes[_i].value : 77), "%s", sizes[_i].text);
}

TEST_EACH(values__reads_durations, durations)
{
    int64_t ns = 77;
    bool good = duration_parse(durations[_i].text, &ns);
    ck_assert_msg(good == (durations[_i].value >= 0) && ns == (good ? durations[_i].value : 77), "%s", durations[_i].text);
}

static const struct {
    const char *text;
    bool good;
    int64_t value;
} integers[] = {
    {"0", true, 0}, {"-0", true, 0}, {"-12", true, -12}, {"9223372036854775807", true, INT64_MAX},
    {"-9223372036854775808", true, INT64_MIN},
    {"9223372036854775808", false, 0}, {"-9223372036854775809", false, 0}, {"", false, 0}, {"-", false, 0}, {"+1", false, 0},
    {"01", false, 0}, {"1.0", false, 0}, {"1e2", false, 0}, {" 1", false, 0}, {"1 ", false, 0}, {"0x1", false, 0},
    {"1_000", false, 0},
};

TEST_EACH(values__reads_integers, integers)
{
    int64_t value = 77;
    bool good = int64_parse(integers[_i].text, &value);
    ck_assert_msg(good == integers[_i].good && value == (good ? integers[_i].value : 77), "%s", integers[_i].text);
}

static const struct {
    const char *text;
    bool good;
    double value;
} doubles[] = {
    {"0", true, 0}, {"1.5", true, 1.5}, {"-2e3", true, -2000}, {"2E+3", true, 2000}, {"1e-2", true, 0.01}, {"1e308", true, 1e308},
    {"1e309", false, 0}, {".5", false, 0}, {"1.", false, 0}, {"1e", false, 0}, {"1e+", false, 0}, {"01.5", false, 0},
    {".inf", false, 0},
    {"inf", false, 0}, {"nan", false, 0}, {"", false, 0}, {"1.5x", false, 0}, {"0x1p3", false, 0}, {"1,5", false, 0},
};

TEST_EACH(values__reads_doubles, doubles)
{
    double value = 77;
    bool good = double_parse(doubles[_i].text, &value);
    ck_assert_msg(good == doubles[_i].good && value == (good ? doubles[_i].value : 77), "%s", doubles[_i].text);
}

TEST(values__knows_two_booleans)
{
    static const char *const others[] = {"yes", "no", "on", "off", "True", "TRUE", "t", "1", "0", "", "y", "n", "truee"};
    bool value = false;
    ck_assert(bool_parse("true", &value) && value);
    ck_assert(bool_parse("false", &value) && !value);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) ck_assert_msg(!bool_parse(others[i], &value), "%s", others[i]);
}


static void begin(void)
{
    setenv("THREADS_OF_TEST", "3", 1);
    setenv("PLUGIN_OF_TEST", "a.so", 1);
    unsetenv("UNSET_OF_TEST");
    make_home();
}

SUITE_WITH("config", begin, remove_home);
