/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "decode/decoder.h"
#include "source_testing.h"
#include "suite.h"

#include <sys/wait.h>

#define PATHS(...) ((const char *const[]){__VA_ARGS__, NULL})

enum { MIB = 1024 * 1024 };

/* ---- finding files */

static void expect_names(const char *const *paths, const char *folder, const char *expected)
{
    struct test_source test;
    open_source(&test, paths, MIB, folder);
    ck_assert_uint_eq(test.diagnostics.count, 0);
    struct buffer names = {0};
    struct block block;
    struct error error;
    while (source_next(test.source, &block, &error) > 0) buffer_format(&names, "%s ", block.source);
    buffer_add(&names, "", 1);
    ck_assert_str_eq(names.data, expected);
    buffer_finish(&names);
    close_source(&test);
}

static void expect_errors(const char *const *paths, const char *expected)
{
    struct test_source test;
    open_source(&test, paths, MIB, NULL);
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    diagnostics_print(&test.diagnostics, to);
    fclose(to);
    ck_assert_str_eq(text, expected);
    free(text);
    close_source(&test);
}

static void make_tree(void)
{
    static const char *const files[] = {"b.log", "B.log", "a.log", "\xc3\xa9.log", "_.log", "a-.log", ".hidden.log",
                                        "sub/x.log", "d/z", "d/y", "d/.w"};
    ck_assert_int_eq(mkdir("sub", 0777) | mkdir("d", 0777) | mkdir("d/e", 0777) | mkdir("empty", 0777), 0);
    ck_assert_int_eq(mkfifo("d/fifo", 0666), 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) write_text(files[i], "{}\n");
    ck_assert_int_eq(symlink("../sub/x.log", "d/link") | symlink("../sub", "d/sub_link") | mkdir("only.d", 0777), 0);
}

FIXTURE(enter_folder, leave_folder);

TEST(source__plays_files_as_listed)
{
    make_tree();
    expect_names(PATHS("b.log", "a.log", "sub/x.log", "B.log"), NULL, "b.log a.log sub/x.log B.log ");
}

TEST(source__plays_a_folder_by_bytes_without_hidden_files_and_subfolders)
{
    make_tree();
    expect_names(PATHS("d"), NULL, "d/link d/y d/z ");
    expect_names(PATHS("a.log", "d/"), NULL, "a.log d/link d/y d/z ");
}

TEST(source__plays_a_glob_by_bytes_without_folders)
{
    make_tree();
    write_text("only.d/in", "{}\n");
    expect_names(PATHS("*.log"), NULL, "B.log _.log a-.log a.log b.log \xc3\xa9.log ");
    expect_names(PATHS("?.log", "*b/[x]*"), NULL, "B.log _.log a.log b.log sub/x.log ");
    expect_names(PATHS("d/*"), NULL, "d/link d/y d/z ");
}

TEST(source__takes_an_existing_file_for_no_glob)
{
    write_text("a[1]*.log", "{}\n");
    write_text("a1x.log", "{}\n");
    expect_names(PATHS("a[1]*.log"), NULL, "a[1]*.log ");
    expect_names(PATHS("a[1]?.log"), NULL, "a1x.log ");
}

TEST(source__takes_the_pipeline_folder_for_no_glob)
{
    char path[96], expected[96], folder[64];
    ck_assert_int_eq(mkdir("l[o]g*\\s", 0777) | mkdir("logs", 0777), 0);
    write_text("l[o]g*\\s/x.jsonl", "{}\n");
    write_text("logs/y.jsonl", "{}\n");
    snprintf(folder, sizeof folder, "%s/l[o]g*\\s", test_folder);
    snprintf(path, sizeof path, "%s/*.jsonl", folder);
    snprintf(expected, sizeof expected, "%s/x.jsonl ", folder);
    expect_names(PATHS(path), folder, expected);
    expect_names(PATHS("l[o]g*\\s/*.jsonl"), "l[o]g*\\s", "l[o]g*\\s/x.jsonl ");
    expect_names(PATHS("l[o]g[s]/*.jsonl"), ".", "logs/y.jsonl ");
}

TEST(source__says_what_cannot_be_found)
{
    make_tree();
    ck_assert_int_eq(symlink("nowhere", "dangling") | symlink("../nowhere", "only.d/dangling"), 0);
    expect_errors(PATHS("a.log", "no.log", "*.none", "empty", "empty/*"),
                  "p.yaml:2:3: error: cannot read 'no.log': No such file or directory\n"
                  "p.yaml:3:3: error: no file matches '*.none'\n"
                  "p.yaml:4:3: error: no files in 'empty'; folders in it and names that begin with a dot are passed over\n"
                  "p.yaml:5:3: error: no file matches 'empty/*'\n");
    expect_errors(PATHS("dangling", "only.d", "nodir/*", "a.log/x"),
                  "p.yaml:1:3: error: cannot read 'dangling': No such file or directory\n"
                  "p.yaml:2:3: error: cannot read 'only.d/dangling': No such file or directory\n"
                  "p.yaml:3:3: error: cannot read a folder of 'nodir/*': No such file or directory\n"
                  "p.yaml:4:3: error: cannot read 'a.log/x': Not a directory\n");
}

TEST(source__says_which_file_is_reached_twice)
{
    make_tree();
    ck_assert_int_eq(link("a.log", "hard.lnk") | symlink("b.log", "soft.lnk"), 0);
    expect_errors(PATHS("a.log", "./a.log", "hard.lnk", "b.log", "soft.lnk"),
                  "p.yaml:2:3: error: './a.log' would be read twice: it is the same file as 'a.log'\n"
                  "p.yaml:3:3: error: 'hard.lnk' would be read twice: it is the same file as './a.log'\n"
                  "p.yaml:5:3: error: 'soft.lnk' would be read twice: it is the same file as 'b.log'\n");
    expect_errors(PATHS("d", "sub"), "p.yaml:2:3: error: 'sub/x.log' would be read twice: it is the same file as 'd/link'\n");
    expect_errors(PATHS("d", "d"), "p.yaml:2:3: error: 'd/link' would be read twice: it is the same file as 'd/link'\n");
    expect_errors(PATHS("-", "-"), "p.yaml:2:3: error: '-' would be read twice: it is the same file as '-'\n");
}

TEST(source__knows_a_listed_file_on_standard_input)
{
    write_text("a.log", "{}\n");
    int fd = open("a.log", O_RDONLY);
    ck_assert_int_eq(dup2(fd, 0), 0);
    close(fd);
    expect_errors(PATHS("a.log", "-"), "p.yaml:2:3: error: '-' would be read twice: it is the same file as 'a.log'\n");
    expect_names(PATHS("-"), NULL, "- ");
}

TEST(source__gives_resolved_paths)
{
    struct test_source test;
    make_tree();
    open_source(&test, PATHS("-", "d/link", "./a.log"), MIB, NULL);
    ck_assert_uint_eq(source_file_count(test.source), 3);
    ck_assert_ptr_null(source_file_path(test.source, 0));
    char expected[64];
    snprintf(expected, sizeof expected, "%s/sub/x.log", test_folder);
    ck_assert_str_eq(source_file_path(test.source, 1), expected);
    snprintf(expected, sizeof expected, "%s/a.log", test_folder);
    ck_assert_str_eq(source_file_path(test.source, 2), expected);
    close_source(&test);
}

/* ---- lines */

static void expect_lines(const char *data, size_t size, uint64_t max_line, const char *expected)
{
    static const size_t block_sizes[] = {1, 2, 3, 7, 64, 65536};
    write_file("x", data, size);
    for (size_t i = 0; i < sizeof block_sizes / sizeof *block_sizes; i++) {
        struct test_source test;
        struct buffer told = {0};
        struct error error;
        open_source(&test, PATHS("x"), max_line, NULL);
        source_set_block_size(test.source, block_sizes[i]);
        ck_assert_int_eq(play(test.source, max_line, &told, &error), 0);
        ck_assert_str_eq(told.data, expected);
        buffer_finish(&told);
        close_source(&test);
    }
}

static const struct {
    const char *data;
    size_t size;
    uint64_t max_line;
    const char *expected; /* source:line@offset/size "text" */
} line_cases[] = {
#define CASE(text, max_line, expected) {text, sizeof text - 1, max_line, expected}
    CASE("", 9, ""),
    CASE("\n", 9, "x:1@0/0 \"\"\n"),
    CASE("a", 9, "x:1@0/1 \"a\"\n"),
    CASE("a\nb", 9, "x:1@0/1 \"a\"\nx:2@2/1 \"b\"\n"),
    CASE("a\r\nb\r\n", 9, "x:1@0/1 \"a\"\nx:2@3/1 \"b\"\n"),
    CASE("\r\n\r\n", 9, "x:1@0/0 \"\"\nx:2@2/0 \"\"\n"),
    CASE("a\r\r\n\rb\n", 9, "x:1@0/2 \"a\\r\"\nx:2@4/2 \"\\rb\"\n"),
    CASE("a\r", 9, "x:1@0/2 \"a\\r\"\n"), /* no CRLF */
    CASE("a\0b\n", 9, "x:1@0/3 \"a\\u0000b\"\n"),
    /* the byte-order mark */
    CASE("\xEF\xBB\xBF", 9, ""),
    CASE("\xEF\xBB\xBF" "a\nb\n", 9, "x:1@3/1 \"a\"\nx:2@5/1 \"b\"\n"),
    CASE("\xEF\xBB\xBF\n", 1, "x:1@3/0 \"\"\n"),
    CASE("\xEF\xBB\xBF" "a", 1, "x:1@3/1 \"a\"\n"),
    CASE("\xEF\xBB\xBF" "ab", 1, "x:1@3/2 \"a\"\n"),
    CASE("\xEF\xBB\xBF" "abcd\ne", 1, "x:1@3/4 \"a\"\nx:2@8/1 \"e\"\n"),
    CASE("\xEF\xBB\xBF\xEF\xBB\xBF" "a\n", 9, "x:1@3/4 \"\xEF\xBB\xBF" "a\"\n"),
    CASE("a\n\xEF\xBB\xBF" "b\n", 9, "x:1@0/1 \"a\"\nx:2@2/4 \"\xEF\xBB\xBF" "b\"\n"),
    CASE("\xEF\xBB", 9, "x:1@0/2 \"\xEF\xBF\xBD\xEF\xBF\xBD\"\n"),
    /* max_line */
    CASE("abc\n", 3, "x:1@0/3 \"abc\"\n"),
    CASE("abc\r\n", 3, "x:1@0/3 \"abc\"\n"),
    CASE("abc", 3, "x:1@0/3 \"abc\"\n"),
    CASE("abcd\n", 3, "x:1@0/4 \"abc\"\n"),
    CASE("abcd\r\n", 3, "x:1@0/4 \"abc\"\n"),
    CASE("abcd", 3, "x:1@0/4 \"abc\"\n"),
    CASE("abc\r", 3, "x:1@0/4 \"abc\"\n"),
    CASE("abc\r\r\n", 3, "x:1@0/4 \"abc\"\n"),
    CASE("a\nabcd\nb\nabcdefgh\r\nc\n", 3,
         "x:1@0/1 \"a\"\nx:2@2/4 \"abc\"\nx:3@7/1 \"b\"\nx:4@9/8 \"abc\"\nx:5@19/1 \"c\"\n"),
    CASE("abcdefghijklmnopqrstuvwxyz\nabc\r\nabcdefghijklmnopqrstuvwxyz", 3,
         "x:1@0/26 \"abc\"\nx:2@27/3 \"abc\"\nx:3@32/26 \"abc\"\n"),
    CASE("ab\nab\r\na\r\n\r\nabc\nab", 2,
         "x:1@0/2 \"ab\"\nx:2@3/2 \"ab\"\nx:3@7/1 \"a\"\nx:4@10/0 \"\"\nx:5@12/3 \"ab\"\nx:6@16/2 \"ab\"\n"),
    CASE("abc\n", UINT64_MAX, "x:1@0/3 \"abc\"\n"),
    CASE("abcdefghijklmnopqrstuvwxyz", UINT64_MAX, "x:1@0/26 \"abcdefghijklmnopqrstuvwxyz\"\n"),
    /* begins like compressed bytes, and is not */
    CASE("\x1f", 9, "x:1@0/1 \"\\u001f\"\n"),
    CASE("\x1f" "a\n", 9, "x:1@0/2 \"\\u001fa\"\n"),
    CASE("(\n", 9, "x:1@0/1 \"(\"\n"),
    CASE("P*M\n", 9, "x:1@0/3 \"P*M\"\n"),
#undef CASE
};

TEST_EACH(source__gives_lines, line_cases)
{
    expect_lines(line_cases[_i].data, line_cases[_i].size, line_cases[_i].max_line, line_cases[_i].expected);
}

/* Or it is told how many there were; the second block is a line that is too long. */
TEST(source__counts_the_lines_that_nobody_told_it)
{
    struct test_source test;
    struct block block;
    struct error error;
    write_text("x", "a\nb\ncccccccccc\nd\ne\nf\n");
    static const uint64_t lines[] = {1, 3, 4}, counts[] = {2, 1, 3};
    for (int told = 0; told < 8; told++) {
        open_source(&test, PATHS("x"), 9, NULL);
        for (int i = 0; i < 3; i++) {
            ck_assert_int_eq(source_next(test.source, &block, &error), 1);
            ck_assert_uint_eq(block.line, lines[i]);
            if (told & 1 << i) source_tell_lines(test.source, counts[i]);
        }
        ck_assert_int_eq(source_next(test.source, &block, &error), 0);
        close_source(&test);
    }
}

/* ---- random files against a naive splitter */

/* A logline at a time, a byte at a time. */
static void tell_naively(struct buffer *told, const char *name, const char *data, size_t size, uint64_t max_line)
{
    size_t at = size >= 3 && !memcmp(data, "\xEF\xBB\xBF", 3) ? 3 : 0;
    for (uint64_t line = 1; at < size; line++) {
        size_t end = at;
        while (end < size && data[end] != '\n') end++;
        size_t length = end - at;
        if (end < size && length && data[end - 1] == '\r') length--;
        tell_line(told, name, line, at, data + at, length < max_line ? length : max_line, length);
        at = end + 1;
    }
}

static uint64_t random_state;
static size_t random_below(size_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(random_state >> 33) % limit;
}

static void fill_randomly(struct buffer *file, size_t max_line)
{
    static const char *const ends[] = {"\n", "\n", "\r\n", "\r\r\n", "\r"};
    if (!random_below(4)) buffer_add_text(file, "\xEF\xBB\xBF");
    for (size_t lines = random_below(12); lines; lines--) {
        size_t length = random_below(3) ? random_below(max_line + 3) : max_line - 1 + random_below(4);
        if (!random_below(16)) length = random_below(40 * max_line);
        for (size_t i = 0; i < length; i++) buffer_add(file, &"abcdefgh{}\r\0"[random_below(12)], 1);
        if (lines > 1 || random_below(2)) buffer_add_text(file, ends[random_below(5)]);
    }
}

/* The same bytes as they are, as several gzip members, and as several zstd frames. */
static void store(const char *name, const struct buffer *file, int how)
{
    if (how == 0) {
        write_file(name, file->data ? file->data : "", file->size);
        return;
    }
    struct buffer stored = {0};
    size_t from = 0;
    do {
        size_t size = random_below(3) ? random_below(file->size - from + 1) : file->size - from;
        (how == 1 ? add_gzip : add_zstd)(&stored, size ? file->data + from : "", size);
        if (how == 2 && !random_below(2)) buffer_add(&stored, "\x5a\x2a\x4d\x18\x04\0\0\0skip", 12);
        from += size;
    } while (from < file->size);
    write_file(name, stored.data, stored.size);
    buffer_finish(&stored);
}

TEST_RANGE(source__splits_random_files_like_a_naive_splitter, 0, 10)
{
    static const size_t block_sizes[] = {1, 2, 3, 7, 64, 4096}, max_lines[] = {1, 2, 5, 16, 100};
    static const char *const names[] = {"r0", "r1", "r2"};
    random_state = (uint64_t)_i;
    for (int round = 0; round < 40; round++) {
        struct buffer expected = {0}, told = {0};
        size_t max_line = max_lines[random_below(5)];
        for (size_t i = 0; i < 3; i++) {
            struct buffer file = {0};
            fill_randomly(&file, max_line);
            tell_naively(&expected, names[i], file.data, file.size, max_line);
            store(names[i], &file, (int)random_below(3));
            buffer_finish(&file);
        }
        buffer_add(&expected, "", 1);
        struct test_source test;
        struct error error = {""};
        open_source(&test, PATHS("r0", "r1", "r2"), max_line, NULL);
        source_set_block_size(test.source, block_sizes[random_below(6)]);
        int status = play(test.source, max_line, &told, &error);
        ck_assert_msg(status == 0, "%s", error.text);
        ck_assert_str_eq(told.data, expected.data);
        close_source(&test);
        buffer_finish(&expected);
        buffer_finish(&told);
    }
}

/* ---- lines of a block that was decoded */

/* A decoder says itself where a line ends: there block_lines() must end it, too. */
static void expect_same_lines(struct decoder *decoder, const char *text, size_t size)
{
    const struct block block = {"x", text, size, 100, 7, 0};
    struct block_lines lines = block_lines(&block);
    struct logline line;
    const char *next = text;
    uint32_t number = 0;
    for (; block_lines_next(&lines, &line); number++) {
        struct judged judged = decoder_decode(decoder, next, (size_t)(block_end(&block) - next));
        ck_assert_ptr_eq(line.data, next);
        ck_assert_ptr_eq(line.data + line.size, judged.end);
        ck_assert_uint_eq(logline_line(&line), 7 + number);
        ck_assert_uint_eq(logline_offset(&line), 100 + (uint64_t)(next - text));
        struct logline again = block_line(&block, next, number);
        ck_assert(again.data == line.data && again.size == line.size && again.number == line.number);
        next = block_next(&block, judged.end);
    }
    ck_assert_ptr_eq(next, block_end(&block));
}

TEST(source__ends_lines_where_a_decoder_does)
{
    static const char *const parts[] = {"\n", "\r", "{\"event_type\":\"x\"}", " ", "["};
    enum { PARTS = sizeof parts / sizeof *parts, PLACES = 6 };
    struct error error;
    struct schema *schema = schema_create("event_type", &error);
    schema_event_type(schema, "x");
    struct decoder *decoder = decoder_create(schema);
    unsigned count = 1;
    for (unsigned places = 1; places <= PLACES; places++) {
        count *= PARTS;
        for (unsigned chosen = 0; chosen < count; chosen++) {
            char text[PLACES * 20 + SOURCE_PADDING];
            size_t size = 0;
            for (unsigned i = 0, left = chosen; i < places; i++, left /= PARTS)
                size = (size_t)(stpcpy(text + size, parts[left % PARTS]) - text);
            memset(text + size, '\n', SOURCE_PADDING);
            expect_same_lines(decoder, text, size);
        }
    }
    decoder_destroy(decoder);
    schema_destroy(schema);
}

/* ---- pipes */

TEST(source__gives_a_line_of_a_pipe_before_the_next_is_written)
{
    static const char *const lines[] = {"{}\n", "", "x\n"};
    int go[2];
    struct block block;
    struct error error;
    struct test_source test;
    ck_assert_int_eq(mkfifo("fifo", 0666) | pipe(go), 0);
    pid_t child = fork();
    if (!child) {
        char byte;
        int fd = open("fifo", O_WRONLY);
        for (int i = 0; i < 3; i++)
            if (write(fd, lines[i], strlen(lines[i])) < 0 || (i < 2 && read(go[0], &byte, 1) != 1)) _exit(1);
        _exit(0);
    }
    open_source(&test, PATHS("fifo"), MIB, NULL);
    ck_assert_uint_eq(test.diagnostics.count, 0);
    ck_assert_int_eq(source_next(test.source, &block, &error), 1);
    ck_assert_uint_eq(block.size, 3);
    ck_assert_int_eq(write(go[1], "..", 2), 2);
    ck_assert_int_eq(source_next(test.source, &block, &error), 1);
    ck_assert_uint_eq(block.line, 2);
    ck_assert_uint_eq(block.offset, 3);
    ck_assert_int_eq(source_next(test.source, &block, &error), 0);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    close_source(&test);
}

static void expect_standard_input(const struct buffer *stored, const char *expected)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], stored->data, stored->size), (ssize_t)stored->size);
    close(ends[1]);
    ck_assert_int_eq(dup2(ends[0], 0), 0);
    close(ends[0]);
    struct test_source test;
    struct buffer told = {0};
    struct error error;
    open_source(&test, PATHS("-"), MIB, NULL);
    ck_assert_int_eq(play(test.source, MIB, &told, &error), 0);
    ck_assert_str_eq(told.data, expected);
    buffer_finish(&told);
    close_source(&test);
}

TEST(source__reads_standard_input_whatever_it_is_stored_as)
{
    struct buffer plain = {0}, gzip = {0}, zstd = {0};
    buffer_add_text(&plain, "\xEF\xBB\xBF{}\r\n[]");
    add_gzip(&gzip, plain.data, plain.size);
    add_zstd(&zstd, plain.data, plain.size);
    expect_standard_input(&plain, "-:1@3/2 \"{}\"\n-:2@7/2 \"[]\"\n");
    expect_standard_input(&gzip, "-:1@3/2 \"{}\"\n-:2@7/2 \"[]\"\n");
    expect_standard_input(&zstd, "-:1@3/2 \"{}\"\n-:2@7/2 \"[]\"\n");
    buffer_finish(&plain);
    buffer_finish(&gzip);
    buffer_finish(&zstd);
}

TEST(source__reads_a_device)
{
    expect_names(PATHS("/dev/null"), NULL, "");
}

SUITE("source");
