/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "config/plugin_config.h"
#include "config/yaml_tree.h"
#include "suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct diagnostics diagnostics;
static struct yaml_node *block;
static struct plugin_config *config;

static void open_block(const char *yaml)
{
    block = yaml ? yaml_tree_parse(yaml, strlen(yaml), "p", &diagnostics) : NULL;
    config = plugin_config_create(block);
}

/* Ends the test's block; all that was said of it must be this. */
static void close_block(const char *said)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    diagnostics_print(&diagnostics, to);
    fclose(to);
    diagnostics_finish(&diagnostics);
    plugin_config_destroy(config);
    yaml_tree_destroy(block);
    ck_assert_str_eq(text, said);
    free(text);
}

static etl_result ask(const char *key, enum etl_config_type type, void *out)
{
    return plugin_config_read(config, key, type, out, &diagnostics);
}

TEST(plugin_config__hands_out_each_type)
{
    bool yes = false, no = true;
    int64_t integer;
    double number;
    etl_decimal decimal, expected;
    const char *text, *plain, *empty;
    struct etl_strings strings, none;
    open_block("{yes: true, no: false, integer: -12, number: 1.5e3, decimal: 0.10, text: 'true', plain: 7, empty: '', "
               "strings: [a, 'b', 3], none: []}");
    ck_assert(ask("yes", ETL_CONFIG_BOOL, &yes) == ETL_OK && yes);
    ck_assert(ask("no", ETL_CONFIG_BOOL, &no) == ETL_OK && !no);
    ck_assert(ask("integer", ETL_CONFIG_INT64, &integer) == ETL_OK && integer == -12);
    ck_assert(ask("number", ETL_CONFIG_DOUBLE, &number) == ETL_OK && fabs(number - 1500) < 1e-9);
    ck_assert(ask("decimal", ETL_CONFIG_DECIMAL, &decimal) == ETL_OK);
    ck_assert(etl_decimal_parse(ETL_STRING("0.1"), &expected) && etl_decimal_equal(decimal, expected));
    ck_assert(ask("text", ETL_CONFIG_STRING, &text) == ETL_OK);
    ck_assert_str_eq(text, "true");
    ck_assert(ask("plain", ETL_CONFIG_STRING, &plain) == ETL_OK);
    ck_assert_str_eq(plain, "7");
    ck_assert(ask("empty", ETL_CONFIG_STRING, &empty) == ETL_OK);
    ck_assert_str_eq(empty, "");
    ck_assert(ask("strings", ETL_CONFIG_STRINGS, &strings) == ETL_OK && strings.count == 3);
    ck_assert_str_eq(strings.items[0], "a");
    ck_assert_str_eq(strings.items[1], "b");
    ck_assert_str_eq(strings.items[2], "3");
    ck_assert(ask("none", ETL_CONFIG_STRINGS, &none) == ETL_OK && none.count == 0);
    plugin_config_check_unknown(config, &diagnostics);
    close_block("");
}

TEST(plugin_config__answers_an_absent_key_without_a_word)
{
    bool value = true;
    for (int round = 0; round < 2; round++) {
        open_block(round ? NULL : "{other: 1}");
        ck_assert(ask("key", ETL_CONFIG_BOOL, &value) == ETL_REJECT && value);
        ck_assert(ask("key", ETL_CONFIG_ANY, NULL) == ETL_REJECT);
        if (round) plugin_config_check_unknown(config, &diagnostics);
        close_block("");
    }
}

TEST(plugin_config__knows_whether_a_key_is_there)
{
    open_block("{key: , list: [1]}");
    ck_assert(ask("key", ETL_CONFIG_ANY, NULL) == ETL_OK);
    ck_assert(ask("list", ETL_CONFIG_ANY, NULL) == ETL_OK);
    plugin_config_check_unknown(config, &diagnostics);
    close_block("");
}

TEST(plugin_config__strings_outlive_the_tree)
{
    const char *text;
    struct etl_strings strings;
    open_block("{text: abc, strings: [def]}");
    ask("text", ETL_CONFIG_STRING, &text);
    ask("strings", ETL_CONFIG_STRINGS, &strings);
    yaml_tree_destroy(block);
    block = NULL;
    ck_assert_str_eq(text, "abc");
    ck_assert_str_eq(strings.items[0], "def");
    ck_assert_ptr_null(strings.items[1]);
    close_block("");
}

#define LONGEST "99999999999999999999999999999999999999"

static const struct {
    enum etl_config_type type;
    const char *yaml, *said; /* NULL: it is of that type */
} values[] = {
    {ETL_CONFIG_BOOL, "yes", "p:1:5: error: 'k' is true or false, not 'yes'\n"},
    {ETL_CONFIG_BOOL, "'true'", "p:1:5: error: 'k' is true or false, not the quoted 'true'\n"},
    {ETL_CONFIG_BOOL, "1", "p:1:5: error: 'k' is true or false, not '1'\n"},
    {ETL_CONFIG_BOOL, "[true]", "p:1:5: error: 'k' is true or false, not a list\n"},
    {ETL_CONFIG_BOOL, "${FLAG_OF_TEST}", NULL},
    {ETL_CONFIG_BOOL, "", "p:1:2: error: 'k' has no value: expected true or false\n"},
    {ETL_CONFIG_INT64, "9223372036854775807", NULL},
    {ETL_CONFIG_INT64, "-9223372036854775808", NULL},
    {ETL_CONFIG_INT64, "2e3", NULL},
    {ETL_CONFIG_INT64, "2.0", NULL},
    {ETL_CONFIG_INT64, "${NUMBER_OF_TEST}", NULL},
    {ETL_CONFIG_INT64, "2.5", "p:1:5: error: 'k' is an integer from -2^63 to 2^63-1, not '2.5'\n"},
    {ETL_CONFIG_INT64, "9223372036854775808",
     "p:1:5: error: 'k' is an integer from -2^63 to 2^63-1, not '9223372036854775808'\n"},
    {ETL_CONFIG_INT64, "'1'", "p:1:5: error: 'k' is an integer from -2^63 to 2^63-1, not the quoted '1'\n"},
    {ETL_CONFIG_INT64, "0x10", "p:1:5: error: 'k' is an integer from -2^63 to 2^63-1, not '0x10'\n"},
    {ETL_CONFIG_INT64, "{}", "p:1:5: error: 'k' is an integer from -2^63 to 2^63-1, not a mapping\n"},
    {ETL_CONFIG_DOUBLE, "-0.5E-3", NULL},
    {ETL_CONFIG_DOUBLE, ".5", "p:1:5: error: 'k' is a number, not '.5'\n"},
    {ETL_CONFIG_DOUBLE, "1e999", "p:1:5: error: 'k' is a number, not '1e999'\n"},
    {ETL_CONFIG_DOUBLE, "'1.5'", "p:1:5: error: 'k' is a number, not the quoted '1.5'\n"},
    {ETL_CONFIG_DECIMAL, LONGEST, NULL},
    {ETL_CONFIG_DECIMAL, "1e-38", NULL},
    {ETL_CONFIG_DECIMAL, LONGEST "9", "p:1:5: error: 'k' is a decimal number of up to 38 digits, not '" LONGEST "9'\n"},
    {ETL_CONFIG_DECIMAL, "+1", "p:1:5: error: 'k' is a decimal number of up to 38 digits, not '+1'\n"},
    {ETL_CONFIG_DECIMAL, "'1'", "p:1:5: error: 'k' is a decimal number of up to 38 digits, not the quoted '1'\n"},
    {ETL_CONFIG_STRING, "'~'", NULL},
    {ETL_CONFIG_STRING, "~", "p:1:2: error: 'k' has no value: expected text\n"},
    {ETL_CONFIG_STRING, "[a]", "p:1:5: error: 'k' is text, not a list\n"},
    {ETL_CONFIG_STRINGS, "a", "p:1:5: error: 'k' is a list of texts, not 'a'\n"},
    {ETL_CONFIG_STRINGS, "[a, [b]]", "p:1:5: error: 'k' is a list of texts, not a list\n"},
    {ETL_CONFIG_STRINGS, "[a, ~]", "p:1:5: error: 'k' is a list of texts, not a list\n"},
    /* said once, by the tree */
    {ETL_CONFIG_BOOL, "*x", "p:1:5: error: aliases are not allowed here: write out the value, or quote \"*x\"\n"},
};

TEST_EACH(plugin_config__checks_types, values)
{
    union {
        bool flag;
        int64_t integer;
        double number;
        etl_decimal decimal;
        const char *text;
        struct etl_strings strings;
        unsigned char bytes[32];
    } out, untouched;
    char yaml[128];
    const char *said = values[_i].said;
    memset(&out, 0x55, sizeof out);
    untouched = out;
    snprintf(yaml, sizeof yaml, " k: %s", values[_i].yaml);
    open_block(yaml);
    ck_assert_int_eq(ask("k", values[_i].type, &out), said ? ETL_REJECT : ETL_OK);
    if (said) ck_assert_mem_eq(&out, &untouched, sizeof out);
    close_block(said ? said : "");
}

TEST(plugin_config__reads_integers_as_loglines_have_them)
{
    int64_t value;
    open_block("{a: 2e3, b: -5.0}");
    ck_assert(ask("a", ETL_CONFIG_INT64, &value) == ETL_OK && value == 2000);
    ck_assert(ask("b", ETL_CONFIG_INT64, &value) == ETL_OK && value == -5);
    close_block("");
}

TEST(plugin_config__names_unknown_keys)
{
    bool value;
    open_block("require_holdin: true\nzebra: 1\nknown: 1\n");
    char key[] = "require_holding";
    ask(key, ETL_CONFIG_BOOL, &value);
    memset(key, '!', sizeof key - 1); /* it was the plugin's, and is gone */
    ask("known", ETL_CONFIG_ANY, NULL);
    ask("known", ETL_CONFIG_ANY, NULL);
    plugin_config_check_unknown(config, &diagnostics);
    close_block("p:1:1: error: unknown key 'require_holdin' (did you mean 'require_holding'?)\n"
                "p:2:1: error: unknown key 'zebra': the plugin has no such option\n");
}

TEST(plugin_config__refuses_questions_that_are_none)
{
    bool value = true;
    open_block("{key: true}");
    ck_assert_int_eq(plugin_config_read(config, NULL, ETL_CONFIG_BOOL, &value, &diagnostics), ETL_REJECT);
    ck_assert_int_eq(plugin_config_read(config, "key", ETL_CONFIG_STRINGS + 1, &value, &diagnostics), ETL_REJECT);
    ck_assert_int_eq(plugin_config_read(config, "key", ETL_CONFIG_BOOL, NULL, &diagnostics), ETL_REJECT);
    close_block("p:1:1: error: the plugin asked for a key without a name\n"
                "p:1:1: error: the plugin asked for 'key' as a type (7) that this host does not know\n"
                "p:1:1: error: the plugin asked for 'key' without a place for it\n");
}


static void begin(void)
{
    setenv("FLAG_OF_TEST", "true", 1);
    setenv("NUMBER_OF_TEST", "4", 1);
}

SUITE_WITH("plugin_config", begin, NULL);
