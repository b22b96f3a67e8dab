/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "base/buffer.h"
#include "config/yaml_tree.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

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

/* A tree in one line, with what tells its nodes apart: {key: 'quoted', other: [plain, null?, broken!]} */
static void draw(const struct yaml_node *node, struct buffer *to)
{
    if (node->kind == NODE_SCALAR) {
        const char *quote = node->plain || node->broken ? "" : "'";
        buffer_format(to, "%s%s%s%s%s", quote, node->text, quote, node->null ? "?" : "", node->broken ? "!" : "");
        return;
    }
    bool list = node->kind == NODE_SEQUENCE;
    buffer_add_text(to, list ? "[" : "{");
    for (const struct yaml_node *child = node->children; child; child = child->next) {
        if (!list) buffer_format(to, "%s: ", child->key);
        draw(child, to);
        if (child->next) buffer_add_text(to, ", ");
    }
    buffer_add_text(to, list ? "]" : "}");
}

static void expect(const char *yaml, size_t size, const char *tree, const char *said)
{
    struct diagnostics diagnostics = {0};
    struct buffer drawing = {0};
    struct yaml_node *root = yaml_tree_parse(yaml, size, "f", &diagnostics);
    if (root) draw(root, &drawing);
    buffer_add(&drawing, "", 1);
    char *text = printed(&diagnostics);
    ck_assert_msg(!strcmp(text, said), "of\n%s\nexpected to be said\n%s\ngot\n%s", yaml, said, text);
    ck_assert_msg(!strcmp(drawing.data, tree), "of\n%s\nexpected\n%s\ngot\n%s", yaml, tree, drawing.data);
    free(text);
    buffer_finish(&drawing);
    yaml_tree_destroy(root);
}

static const struct {
    const char *yaml, *tree;
} good[] = {
    {"a: 1\nb: 'x'\n", "{a: 1, b: 'x'}"},
    {"a: [1, \"2\", {b: c}]\n", "{a: [1, '2', {b: c}]}"},
    {"a:\nb: ~\nc: null\nd: ''\ne: 'null'\n", "{a: ?, b: ~?, c: null?, d: '', e: 'null'}"},
    {"a: |\n  two\n  lines\n", "{a: 'two\nlines\n'}"},
    {"---\na: 1\n...\n", "{a: 1}"},
    {"%YAML 1.1\n---\na: 1\n", "{a: 1}"},
    {"\xEF\xBB\xBF" "a: ä\r\nb: 2\r\n", "{a: ä, b: 2}"},
    {"'a': 1\n? b\n: 2\n", "{a: 1, b: 2}"},
    {"plain", "plain"},
    {"[]", "[]"},
    {"{}", "{}"},
    {"'<<': 1", "{<<: 1}"},
    /* variables: HOME_OF_TEST=/home/x, EMPTY=, NUMBER=4, HOSTILE='"]: &a', BRACE=${NUMBER} */
    {"a: ${NUMBER}", "{a: 4}"},
    {"a: '${NUMBER}'", "{a: '4'}"},
    {"a: \"${NUMBER}${NUMBER}\"", "{a: '44'}"},
    {"a: ${HOME_OF_TEST}/b", "{a: /home/x/b}"},
    {"a: [\"${NUMBER}\", x]", "{a: ['4', x]}"},
    {"a: x${NUMBER}y", "{a: x4y}"},
    {"a: ${UNSET_OF_TEST:-b}", "{a: b}"},
    {"a: ${UNSET_OF_TEST:-}", "{a: }"},
    {"a: ${EMPTY:-b}", "{a: b}"},
    {"a: x${EMPTY}", "{a: x}"},
    {"a: ${EMPTY}", "{a: }"},
    {"a: ${NUMBER:-b}", "{a: 4}"},
    {"a: ${UNSET_OF_TEST:-b-:c}d", "{a: b-:cd}"},
    {"a: ${HOSTILE}", "{a: \"]: &a}"},
    {"a: ${BRACE}", "{a: ${NUMBER}}"},
    {"a: $${NUMBER}", "{a: ${NUMBER}}"},
    {"a: $$${NUMBER}", "{a: $${NUMBER}}"},
    {"a: $NUMBER $ $$", "{a: $NUMBER $ $$}"},
    {"${NUMBER}: 1", "{${NUMBER}: 1}"},
};

TEST_EACH(yaml_tree__reads, good)
{
    expect(good[_i].yaml, strlen(good[_i].yaml), good[_i].tree, "");
}

static const struct {
    const char *yaml, *tree, *said;
} bad[] = {
    {"a: 1\nb: 2\na: 3\n", "{a: 1, b: 2}", "f:3:1: error: the key 'a' is there twice: the first is in line 1\n"},
    {"a: 1\na: 2\na: 3\n", "{a: 1}",
     "f:2:1: error: the key 'a' is there twice: the first is in line 1\n"
     "f:3:1: error: the key 'a' is there twice: the first is in line 1\n"},
    {"{b: 1, a: 1, 'b': 2}", "{b: 1, a: 1}", "f:1:14: error: the key 'b' is there twice: the first is in line 1\n"},
    {"a: &x 1\n", "{a: 1}", "f:1:4: error: anchors are not allowed here: write out the value, or quote '&x'\n"},
    {"a: &x [1]\nb: &y {}\n", "{a: [1], b: {}}",
     "f:1:4: error: anchors are not allowed here: write out the value, or quote '&x'\n"
     "f:2:4: error: anchors are not allowed here: write out the value, or quote '&y'\n"},
    {"a: *x\n", "{a: !}", "f:1:4: error: aliases are not allowed here: write out the value, or quote \"*x\"\n"},
    {"a: [*x, 1]\n", "{a: [!, 1]}", "f:1:5: error: aliases are not allowed here: write out the value, or quote \"*x\"\n"},
    {"*x : 1\nb: 2\n", "{b: 2}", "f:1:1: error: aliases are not allowed here: write out the value, or quote \"*x\"\n"},
    {"<<: {a: 1}\nb: 2\n", "{b: 2}", "f:1:1: error: merge keys are not allowed here: write out the keys\n"},
    {"a: !!str 5\n", "{a: 5}",
     "f:1:4: error: tags are not allowed here: leave out 'tag:yaml.org,2002:str'; quotes make a value text\n"},
    {"a: !x [1]\nb: !y {}\n", "{a: [1], b: {}}",
     "f:1:4: error: tags are not allowed here: leave out '!x'; quotes make a value text\n"
     "f:2:4: error: tags are not allowed here: leave out '!y'; quotes make a value text\n"},
    {"[1]: 2\nb: 3\n", "{b: 3}", "f:1:1: error: a key must be text, not a list\n"},
    {"? {a: 1}\n: 2\n", "{}", "f:1:3: error: a key must be text, not a mapping\n"},
    {"a: 1\n---\nb: 2\n", "{a: 1}", "f:2:1: error: a second document begins here: one file holds one pipeline\n"},
    {"a: \"x\\0y\"\n", "{a: x!}", "f:1:4: error: text cannot hold a NUL character\n"},
    {"\"x\\0y\": 1\n", "{}", "f:1:1: error: text cannot hold a NUL character\n"},
    {"", "", "f: error: the file is empty\n"},
    {"# nothing\n", "", "f: error: the file is empty\n"},
    /* libyaml's own words, and what to do */
    {"a: *\n", "",
     "f:1:5: error: not YAML: did not find expected alphabetic or numeric character, while scanning an alias "
     "(quote a value that begins with '*': \"*\")\n"},
    {"a: *.jsonl\n", "",
     "f:1:5: error: not YAML: did not find expected alphabetic or numeric character, while scanning an alias "
     "(quote a value that begins with '*': \"*\")\n"},
    {"a: -\n", "",
     "f:1:4: error: not YAML: block sequence entries are not allowed in this context (quote '-' where it is a value: \"-\")\n"},
    {"a:\n\tb: 1\n", "",
     "f:2:1: error: not YAML: found character that cannot start any token, while scanning for the next token "
     "(indent with spaces, not tabs, and quote a value that begins with '@', '`' or '%')\n"},
    {"a: b: c\n", "",
     "f:1:5: error: not YAML: mapping values are not allowed in this context "
     "(quote a value that has ': ' in it, and check the indentation)\n"},
    {"a: [1\n", "", "f:2:1: error: not YAML: did not find expected ',' or ']', while parsing a flow sequence "
     "(is a bracket left open? a value with braces, such as \"${VAR}\", is quoted here)\n"},
    {"a: 'x\n", "",
     "f:2:1: error: not YAML: found unexpected end of stream, while scanning a quoted scalar (is a quote left open?)\n"},
    {"a: 1\n b: 2\n", "",
     "f:2:3: error: not YAML: mapping values are not allowed in this context "
     "(quote a value that has ': ' in it, and check the indentation)\n"},
    {"a: 1\nä: \xff\n", "", "f:2:4: error: not YAML: invalid leading UTF-8 octet\n"},
    {"a: \x01\n", "", "f:1:4: error: not YAML: control characters are not allowed\n"},
    {"a: 1\n...\n---\n[", "{a: 1}", "f:3:1: error: a second document begins here: one file holds one pipeline\n"},
    {"a: 1\n...\nb\n", "", "f:3:1: error: not YAML: did not find expected <document start>\n"},
    /* variables */
    {"a: ${UNSET_OF_TEST}\nb: 1\n", "{a: ${UNSET_OF_TEST}!, b: 1}",
     "f:1:4: error: the variable 'UNSET_OF_TEST' is not set: set it, or give a default, ${UNSET_OF_TEST:-default}\n"},
    {"a: ['${UNSET_OF_TEST}']\n", "{a: [${UNSET_OF_TEST}!]}",
     "f:1:5: error: the variable 'UNSET_OF_TEST' is not set: set it, or give a default, ${UNSET_OF_TEST:-default}\n"},
    {"a: ${NUMBER\n", "{a: ${NUMBER!}",
     "f:1:4: error: '${' begins a variable, ${NAME} or ${NAME:-default}; write $${ for '${' itself\n"},
    {"a: ${}\n", "{a: ${}!}", "f:1:4: error: '${' begins a variable, ${NAME} or ${NAME:-default}; write $${ for '${' itself\n"},
    {"a: ${4}\n", "{a: ${4}!}", "f:1:4: error: '${' begins a variable, ${NAME} or ${NAME:-default}; write $${ for '${' itself\n"},
    {"a: ${NUMBER-x}\n", "{a: ${NUMBER-x}!}",
     "f:1:4: error: '${' begins a variable, ${NAME} or ${NAME:-default}; write $${ for '${' itself\n"},
    {"a: ${NUMBER:-x\n", "{a: ${NUMBER:-x!}",
     "f:1:4: error: '${' begins a variable, ${NAME} or ${NAME:-default}; write $${ for '${' itself\n"},
    {"a: '${NUMBER:x}'\n", "{a: ${NUMBER:x}!}",
     "f:1:4: error: '${' begins a variable, ${NAME} or ${NAME:-default}; write $${ for '${' itself\n"},
};

TEST_EACH(yaml_tree__refuses, bad)
{
    expect(bad[_i].yaml, strlen(bad[_i].yaml), bad[_i].tree, bad[_i].said);
}

TEST(yaml_tree__knows_places_and_names)
{
    struct diagnostics diagnostics = {0};
    static const char yaml[] = "ä: 1\nb:\n  - x\n  - c: [y]\n    'd':\n";
    struct yaml_node *root = yaml_tree_parse(yaml, sizeof yaml - 1, "f", &diagnostics);
    const struct yaml_node *b = yaml_node_find(root, "b"), *second = b->children->next;
    const struct yaml_node *c = yaml_node_find(second, "c"), *d = yaml_node_find(second, "d");
    const struct {
        const struct yaml_node *node;
        const char *name, *description;
        unsigned line, column;
    } expected[] = {{root, "", "a mapping", 1, 1},  {root->children, "ä", "text", 1, 4}, {b, "b", "a list", 3, 3},
                    {b->children, "b", "text", 3, 5}, {second, "b", "a mapping", 4, 5},    {c, "c", "a list", 4, 8},
                    {c->children, "c", "text", 4, 9}, {d, "d", "nothing", 5, 5}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        ck_assert_str_eq(expected[i].node->name, expected[i].name);
        ck_assert_str_eq(yaml_node_description(expected[i].node), expected[i].description);
        ck_assert_str_eq(expected[i].node->place.file, "f");
        ck_assert_uint_eq(expected[i].node->place.line, expected[i].line);
        ck_assert_uint_eq(expected[i].node->place.column, expected[i].column);
    }
    ck_assert_uint_eq(c->key_place.line, 4);
    ck_assert_uint_eq(c->key_place.column, 5);
    ck_assert_ptr_null(yaml_node_find(root, "z"));
    ck_assert_ptr_null(yaml_node_find(NULL, "z"));
    yaml_tree_destroy(root);
}

/* `times` of `piece` between `before` and `after`. */
static struct buffer repeat(const char *before, const char *piece, size_t times, const char *after)
{
    struct buffer yaml = {0};
    buffer_add_text(&yaml, before);
    for (size_t i = 0; i < times; i++) buffer_add_text(&yaml, piece);
    buffer_add_text(&yaml, after);
    return yaml;
}

/* Is all of it said of this file (NULL: is it read)? */
static void expect_said(struct buffer yaml, const char *said)
{
    struct diagnostics diagnostics = {0};
    struct yaml_node *root = yaml_tree_parse(yaml.data, yaml.size, "f", &diagnostics);
    ck_assert(!root == (said != NULL));
    char *text = printed(&diagnostics);
    ck_assert_str_eq(text, said ? said : "");
    free(text);
    yaml_tree_destroy(root);
    buffer_finish(&yaml);
}

TEST(yaml_tree__limits_depth)
{
    struct buffer yaml = repeat("", "[", YAML_DEPTH_MAX, "");
    for (size_t i = 0; i < YAML_DEPTH_MAX; i++) buffer_add_text(&yaml, "]");
    expect_said(yaml, NULL);
    expect_said(repeat("", "[", YAML_DEPTH_MAX + 1, ""), "f:1:65: error: nested more than 64 deep\n");
    expect_said(repeat("", "{a: ", 100000, ""), "f:1:257: error: nested more than 64 deep\n");
    expect_said(repeat("", "? ", 100000, ""), "f:1:129: error: nested more than 64 deep\n");
}

TEST(yaml_tree__limits_values)
{
    expect_said(repeat("[", "a,", YAML_NODES_MAX - 1, "]"), NULL);
    expect_said(repeat("", "%TAG ! x\n", YAML_TAGS_MAX + 1, "--- a"),
                "f:17:1: error: more than 16 %TAG lines: leave them out, a pipeline file has no tags\n");
    expect_said(repeat("a\n...\n", "%TAG ! x\n", 50000, "--- a"),
                "f:19:1: error: more than 16 %TAG lines: leave them out, a pipeline file has no tags\n");
    expect_said(repeat("[", "a,", YAML_NODES_MAX, "]"), "f:1:131072: error: the file has more than 65536 values\n");
}

TEST(yaml_tree__limits_bytes)
{
    expect_said(repeat("a: 1\n#", "x", YAML_BYTES_MAX - 6, ""), NULL);
    expect_said(repeat("a: 1\n#", "x", YAML_BYTES_MAX - 5, ""), "f: error: the file is larger than 1048576 bytes\n");
}

TEST(yaml_tree__limits_what_variables_expand_to)
{
    struct buffer large = repeat("", "x", 65536, "");
    buffer_add(&large, "", 1);
    setenv("LARGE_OF_TEST", large.data, 1);
    buffer_finish(&large);
    expect_said(repeat("a: [", "'${LARGE_OF_TEST}',", 16, "]"), NULL);
    expect_said(repeat("a: [", "'${LARGE_OF_TEST}',", 17, "]"),
                "f:1:309: error: the variables expand to more than 1048576 bytes\n");
    expect_said(repeat("a: ", "${LARGE_OF_TEST}", 17, ""), "f:1:4: error: the variables expand to more than 1048576 bytes\n");
    unsetenv("LARGE_OF_TEST");
}

TEST(yaml_tree__takes_many_keys_in_little_time)
{
    struct buffer yaml = {0};
    for (unsigned i = 0; i < 30000; i++) buffer_format(&yaml, "k%05u:\n", i);
    expect_said(yaml, NULL);
}

static void set_variables(void)
{
    setenv("HOME_OF_TEST", "/home/x", 1);
    setenv("EMPTY", "", 1);
    setenv("NUMBER", "4", 1);
    setenv("HOSTILE", "\"]: &a", 1);
    setenv("BRACE", "${NUMBER}", 1);
    unsetenv("UNSET_OF_TEST");
}

static void begin(void)
{
    set_variables();
}

SUITE_WITH("yaml_tree", begin, NULL);
