/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "files.h"
#include "sinks/rejects.h"
#include "suite.h"

/* As if it were the third line of its block. */
static bool publish(struct rejects *rejects, struct error *error)
{
    struct output *output = rejects_output(rejects);
    return outputs_publish(&output, 1, "published", error) == PUBLISHED;
}

static struct logline line_of(const char *data, size_t size, uint64_t full_size)
{
    static struct block blocks[16];
    static size_t count;
    ck_assert(count < sizeof blocks / sizeof *blocks);
    blocks[count] = (struct block){"logs/a\"b.jsonl", data, size, 1234, 5, full_size > size ? full_size : 0};
    return (struct logline){data, size, &blocks[count++], 2};
}

#define LINE(literal) line_of(literal, sizeof(literal) - 1, sizeof(literal) - 1)
#define HEAD "{\"source\":\"logs/a\\\"b.jsonl\",\"line\":7,\"offset\":1234,"

static struct rejects *open_rejects(const char *path)
{
    struct config config = {.rejects.path.value = (char *)path};
    struct error error = {""};
    struct rejects *rejects = rejects_create(&config);
    ck_assert_msg(rejects_open(rejects, &error), "%s", error.text);
    return rejects;
}

static bool write_reject(struct rejects *rejects, const struct logline *line, const struct reject *reject, struct error *error)
{
    struct buffer text = {0};
    rejects_format(&text, line, reject);
    bool added = rejects_add(rejects, text.data, text.size, error);
    buffer_finish(&text);
    return added;
}

static const char *written(const struct logline *line, const struct reject *reject)
{
    struct error error = {""};
    struct rejects *rejects = open_rejects("rejects.jsonl");
    ck_assert_msg(write_reject(rejects, line, reject, &error), "%s", error.text);
    ck_assert_str_eq(files_read("rejects.jsonl"), "(none)");
    ck_assert_msg(rejects_complete(rejects, &error) && publish(rejects, &error), "%s", error.text);
    rejects_destroy(rejects);
    static char text[4096];
    strcpy(text, files_read("rejects.jsonl"));
    unlink("rejects.jsonl");
    return text;
}

FIXTURE(files_setup, files_teardown);

TEST(rejects__says_who_and_why)
{
    static const struct { struct reject reject; const char *expected; } cases[] = {
        {{REJECT_MALFORMED, "no JSON", NULL, NULL}, HEAD "\"class\":\"malformed\",\"reason\":\"no JSON\",\"text\":\"x\"}\n"},
        {{REJECT_INVALID, "a \"quote\"\n", NULL, NULL},
         HEAD "\"class\":\"invalid\",\"reason\":\"a \\\"quote\\\"\\n\",\"text\":\"x\"}\n"},
        {{REJECT_INVALID, "too much", "transaction", "buy"},
         HEAD "\"class\":\"invalid\",\"reason\":\"too much\",\"plugin\":\"transaction\",\"handler\":\"buy\",\"text\":\"x\"}\n"},
        {{REJECT_UNHANDLED, "nobody", NULL, NULL}, HEAD "\"class\":\"unhandled\",\"reason\":\"nobody\",\"text\":\"x\"}\n"},
    };
    struct logline line = LINE("x");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_str_eq(written(&line, &cases[i].reject), cases[i].expected);
}

TEST(rejects__ends_at_max_bytes)
{
    struct logline line = LINE("x");
    struct reject reject = {REJECT_MALFORMED, "no JSON", NULL, NULL};
    const size_t size = strlen(written(&line, &reject));
    for (size_t most = 2 * size - 1; most <= 2 * size; most++) {
        struct config config = {.rejects = {.path = {.value = "rejects.jsonl"}, .max_bytes = most}};
        struct rejects *rejects = rejects_create(&config);
        struct error error = {""};
        ck_assert(rejects_open(rejects, &error));
        for (int i = 0; i < 5; i++) ck_assert(write_reject(rejects, &line, &reject, &error));
        ck_assert_uint_eq(rejects_dropped(rejects), 5 - most / size);
        ck_assert(rejects_complete(rejects, &error) && publish(rejects, &error));
        rejects_destroy(rejects);
        ck_assert_uint_eq(strlen(files_read("rejects.jsonl")), most / size * size);
        unlink("rejects.jsonl");
    }
}

TEST(rejects__keeps_the_bytes)
{
    const struct { struct logline line; const char *expected; } cases[] = {
        {LINE(""), "\"text\":\"\"}\n"},
        {LINE("{\"a\":\"\xC3\xA4\"}"), "\"text\":\"{\\\"a\\\":\\\"\xC3\xA4\\\"}\"}\n"},
        {LINE("a\0b\x1f\t\\"), "\"text\":\"a\\u0000b\\u001f\\t\\\\\"}\n"},
        {LINE("\xff"), "\"base64\":\"/w==\"}\n"},
        {LINE("\xff\xfe"), "\"base64\":\"//4=\"}\n"},
        {LINE("\xff\xfe\xfd"), "\"base64\":\"//79\"}\n"},
        {LINE("ab\xffyz"), "\"base64\":\"YWL/eXo=\"}\n"},
        {LINE("\xed\xa0\x80"), "\"base64\":\"7aCA\"}\n"},
        {line_of("abcd", 4, 123456789012), "\"text\":\"abcd\",\"size\":123456789012}\n"},
        {line_of("abc\xC3", 4, 5), "\"base64\":\"YWJjww==\",\"size\":5}\n"},
    };
    const struct reject reject = {REJECT_MALFORMED, "r", NULL, NULL};
    char expected[512];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(expected, sizeof expected, HEAD "\"class\":\"malformed\",\"reason\":\"r\",%s", cases[i].expected);
        ck_assert_str_eq(written(&cases[i].line, &reject), expected);
    }
}

TEST(rejects__publishes_an_empty_file)
{
    struct error error;
    files_write("rejects.jsonl", "of the last run\n");
    struct rejects *rejects = open_rejects("rejects.jsonl");
    ck_assert(rejects_complete(rejects, &error) && publish(rejects, &error));
    rejects_destroy(rejects);
    ck_assert_str_eq(files_read("rejects.jsonl"), "");
}

TEST(rejects__leaves_nothing_unpublished)
{
    struct error error;
    struct logline line = LINE("x");
    struct rejects *rejects = open_rejects("rejects.jsonl");
    ck_assert(write_reject(rejects, &line, &(struct reject){REJECT_MALFORMED, "r", NULL, NULL}, &error));
    rejects_destroy(rejects);
    rejects_destroy(NULL);
    ck_assert_int_eq(files_count("."), 0);
}

/* Each at once: what stands on a terminal is in the order of its happening. */
TEST(rejects__goes_to_standard_error_without_a_path)
{
    struct error error;
    struct logline line = LINE("x");
    int kept = dup(STDERR_FILENO), file = open("stderr", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert(kept >= 0 && file >= 0 && dup2(file, STDERR_FILENO) == STDERR_FILENO);
    struct rejects *rejects = open_rejects(NULL);
    bool done = write_reject(rejects, &line, &(struct reject){REJECT_MALFORMED, "r", NULL, NULL}, &error);
    done = done && rejects_complete(rejects, &error) && publish(rejects, &error);
    dup2(kept, STDERR_FILENO);
    ck_assert(done);
    ck_assert_str_eq(files_read("stderr"), HEAD "\"class\":\"malformed\",\"reason\":\"r\",\"text\":\"x\"}\n");
    rejects_destroy(rejects);
    ck_assert_int_ge(fcntl(STDERR_FILENO, F_GETFD), 0);
    close(kept);
    close(file);
}

TEST(rejects__says_a_full_disk)
{
    struct error error = {""};
    struct logline line = LINE("x");
    struct rejects *rejects = open_rejects("/dev/full");
    ck_assert(!write_reject(rejects, &line, &(struct reject){REJECT_MALFORMED, "r", NULL, NULL}, &error));
    ck_assert_str_eq(error.text, "cannot write '/dev/full': No space left on device");
    rejects_destroy(rejects);
}

SUITE("rejects");
