/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "effects/emitter.h"
#include "files.h"
#include "sinks/sinks.h"
#include "suite.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

/* One of each kind; a row is named by `id`. */
struct thing {
    int64_t id;
    etl_string name;
    etl_decimal amount;
    double ratio;
    bool good;
    etl_timestamp at;
    etl_json raw;
    bool has_name, has_amount, has_raw;
};
ETL_EFFECT(thing, ETL_KEY(thing, id), ETL_LAST_OPTIONAL(thing, name, has_name), ETL_SUM_OPTIONAL(thing, amount, has_amount),
           ETL_LAST(thing, ratio), ETL_LAST(thing, good), ETL_LAST(thing, at), ETL_LAST_OPTIONAL(thing, raw, has_raw));

struct pair { etl_string a, b; int64_t n; };
ETL_EFFECT(pair, ETL_KEY(pair, a), ETL_KEY(pair, b), ETL_SUM(pair, n));

struct scene {
    struct effects *effects;
    struct emitter *emitter;
    struct binding *thing, *pair;
    struct source *source; /* NULL where the config names none */
    struct sinks *sinks;
    struct diagnostics diagnostics;
    struct error error;
};

static bool publish_all(const struct sinks *sinks, struct error *error)
{
    struct output *outputs[16];
    size_t count = sinks_outputs(sinks, outputs);
    return outputs_publish(outputs, count, "published", error) == PUBLISHED;
}

static void scene_init(struct scene *scene, const struct config *config)
{
    *scene = (struct scene){.effects = effects_create()};
    scene->thing = effects_bind(scene->effects, &thing, "test", &scene->error);
    scene->pair = effects_bind(scene->effects, &pair, "test", &scene->error);
    ck_assert_msg(scene->thing && scene->pair && effects_complete(scene->effects, &scene->error), "%s", scene->error.text);
    effects_open(scene->effects, 1, false);
    scene->emitter = emitter_create(scene->effects, 0);
    if (config->source.path_count) scene->source = source_create(config, &scene->diagnostics);
    scene->sinks = sinks_create(config, effects_state(scene->effects), scene->source, &scene->diagnostics);
}

static bool add_effect(void *data, uint32_t number, const struct table *table, const void *entry, bool remove,
                       struct error *error)
{
    struct scene *scene = data;
    bool added = true;
    for (size_t i = 0; i < sinks_effects_count(scene->sinks) && added; i++) {
        struct buffer text = {0};
        sinks_format_effect(scene->sinks, i, table, entry, remove, &text);
        added = sinks_add_effects(scene->sinks, i, text.data, text.size, error);
        buffer_finish(&text);
    }
    return added;
}

static void scene_open(struct scene *scene)
{
    ck_assert_uint_eq(scene->diagnostics.errors, 0);
    ck_assert_msg(sinks_open(scene->sinks, &scene->error), "%s", scene->error.text);
    effects_listen(scene->emitter, add_effect, scene);
}

static void scene_finish(struct scene *scene)
{
    sinks_destroy(scene->sinks);
    source_destroy(scene->source);
    emitter_destroy(scene->emitter);
    effects_destroy(scene->effects);
    diagnostics_finish(&scene->diagnostics);
}

static void commit(struct scene *scene)
{
    ck_assert_msg(effects_commit(scene->emitter, NULL, 0, &scene->error), "%s", scene->error.text);
}

static void emit(struct scene *scene, struct binding *binding, const void *record)
{
    ck_assert_msg(effects_emit(scene->emitter, binding, record, &scene->error) == EMIT_OK, "%s", scene->error.text);
    commit(scene);
}

static void take_away(struct scene *scene, struct binding *binding, const void *keys)
{
    ck_assert_msg(effects_remove(scene->emitter, binding, keys, &scene->error) == EMIT_OK, "%s", scene->error.text);
    commit(scene);
}

static void publish_by(struct scene *scene, unsigned threads)
{
    bool done = effects_flush(scene->emitter, &scene->error) && sinks_write_state(scene->sinks, threads, &scene->error) &&
                sinks_complete(scene->sinks, &scene->error) && publish_all(scene->sinks, &scene->error);
    ck_assert_msg(done, "%s", scene->error.text);
}

static void publish(struct scene *scene)
{
    publish_by(scene, 1);
}

#define TEXT(text) {(char *)(text), {"pipeline.yaml", __LINE__, 1}}
#define SINK(subject_, effect_, format_, path_) \
    {.subject = SINK_##subject_, .effect = TEXT(effect_), .format = SINK_##format_, .path = TEXT(path_)}
#define CONFIG(sinks_) {.path = (char *)"pipeline.yaml", .sinks = sinks_, .sink_count = sizeof sinks_ / sizeof *sinks_}

static etl_string text_of(const char *text)
{
    return (etl_string){text, strlen(text)};
}

static void emit_things(struct scene *scene)
{
    emit(scene, scene->thing, &(struct thing){.id = 10, .name = ETL_STRING(""), .has_name = true});
    emit(scene, scene->thing, &(struct thing){.id = -2, .ratio = 0.5, .good = true, .at = {1500000000}});
    emit(scene, scene->thing,
         &(struct thing){.id = 9, .name = ETL_STRING("a,\"b\"\n"), .has_name = true, .amount = {.low = 1250, .scale = 2},
                         .has_amount = true, .raw = {"[1,\"x\"]", 7}, .has_raw = true});
}

FIXTURE(files_setup, files_teardown);

TEST(sinks__state)
{
    static const struct { enum sink_format format; const char *expected; } cases[] = {
        {SINK_CSV, "id,name,amount,ratio,good,at,raw\n"
                   "-2,,,0.5,true,1970-01-01T00:00:01.5Z,\n"
                   "9,\"a,\"\"b\"\"\n\",12.5,0,false,1970-01-01T00:00:00Z,\"[1,\"\"x\"\"]\"\n"
                   "10,\"\",,0,false,1970-01-01T00:00:00Z,\n"},
        {SINK_JSONL, "{\"effect\":\"thing\",\"id\":-2,\"ratio\":0.5,\"good\":true,\"at\":\"1970-01-01T00:00:01.5Z\"}\n"
                     "{\"effect\":\"thing\",\"id\":9,\"name\":\"a,\\\"b\\\"\\n\",\"amount\":12.5,\"ratio\":0,\"good\":false,"
                     "\"at\":\"1970-01-01T00:00:00Z\",\"raw\":[1,\"x\"]}\n"
                     "{\"effect\":\"thing\",\"id\":10,\"name\":\"\",\"ratio\":0,\"good\":false,"
                     "\"at\":\"1970-01-01T00:00:00Z\"}\n"},
        {SINK_TABLE, "id  name         amount  ratio  good   at                      raw\n"
                     "--  -----------  ------  -----  -----  ----------------------  -------\n"
                     "-2                         0.5  true   1970-01-01T00:00:01.5Z\n"
                     " 9  a,\"b\"\\u000a    12.5      0  false  1970-01-01T00:00:00Z    [1,\"x\"]\n"
                     "10                           0  false  1970-01-01T00:00:00Z\n"
                     "(3 rows)\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config_sink list[] = {SINK(STATE, "thing", CSV, "out")};
        struct config config = CONFIG(list);
        struct scene scene;
        list[0].format = cases[i].format;
        scene_init(&scene, &config);
        scene_open(&scene);
        ck_assert(!sinks_effects_count(scene.sinks));
        emit_things(&scene);
        publish(&scene);
        scene_finish(&scene);
        ck_assert_str_eq(files_read("out"), cases[i].expected);
    }
}

TEST(sinks__effects)
{
    static const struct { enum sink_format format; const char *effect, *expected; } cases[] = {
        {SINK_CSV, "pair", "a,b,n,remove\nx,y,1,\nx,y,2,\nx,y,,true\n"},
        {SINK_JSONL, "pair", "{\"effect\":\"pair\",\"a\":\"x\",\"b\":\"y\",\"n\":1}\n"
                             "{\"effect\":\"pair\",\"a\":\"x\",\"b\":\"y\",\"n\":2}\n"
                             "{\"effect\":\"pair\",\"remove\":true,\"a\":\"x\",\"b\":\"y\"}\n"},
        {SINK_JSONL, "*", "{\"effect\":\"pair\",\"a\":\"x\",\"b\":\"y\",\"n\":1}\n"
                          "{\"effect\":\"thing\",\"id\":7,\"ratio\":0,\"good\":false,\"at\":\"1970-01-01T00:00:00Z\"}\n"
                          "{\"effect\":\"pair\",\"a\":\"x\",\"b\":\"y\",\"n\":2}\n"
                          "{\"effect\":\"pair\",\"remove\":true,\"a\":\"x\",\"b\":\"y\"}\n"
                          "{\"effect\":\"thing\",\"remove\":true,\"id\":7}\n"},
    };
    const struct pair one = {ETL_STRING("x"), ETL_STRING("y"), 1}, two = {ETL_STRING("x"), ETL_STRING("y"), 2};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config_sink list[] = {SINK(EFFECTS, cases[i].effect, CSV, "out")};
        struct config config = CONFIG(list);
        struct scene scene;
        list[0].format = cases[i].format;
        scene_init(&scene, &config);
        scene_open(&scene);
        ck_assert(sinks_effects_count(scene.sinks));
        emit(&scene, scene.pair, &one);
        emit(&scene, scene.thing, &(struct thing){.id = 7});
        emit(&scene, scene.pair, &two);
        take_away(&scene, scene.pair, &one);
        take_away(&scene, scene.thing, &(struct thing){.id = 7});
        publish(&scene);
        scene_finish(&scene);
        ck_assert_str_eq(files_read("out"), cases[i].expected);
    }
}

/* A handler's JSON may be of several lines, which a record of JSON lines is not. */
TEST(sinks__json_is_of_one_line)
{
    static const char raw[] = "{\n\"a\" :\r\n[1,\n2]}";
    static const char line[] = "{\"effect\":\"thing\",\"id\":1,\"ratio\":0,\"good\":false,\"at\":\"1970-01-01T00:00:00Z\","
                               "\"raw\":{ \"a\" :  [1, 2]}}\n";
    struct config_sink list[] = {SINK(STATE, "thing", JSONL, "state"), SINK(EFFECTS, "thing", JSONL, "effects"),
                                 SINK(STATE, "thing", CSV, "csv")};
    struct config config = CONFIG(list);
    struct scene scene;
    scene_init(&scene, &config);
    scene_open(&scene);
    emit(&scene, scene.thing, &(struct thing){.id = 1, .raw = {raw, sizeof raw - 1}, .has_raw = true});
    publish(&scene);
    scene_finish(&scene);
    ck_assert_str_eq(files_read("state"), line);
    ck_assert_str_eq(files_read("effects"), line);
    ck_assert_str_eq(files_read("csv"), "id,name,amount,ratio,good,at,raw\n"
                                        "1,,,0,false,1970-01-01T00:00:00Z,\"{ \"\"a\"\" :  [1, 2]}\"\n");
}

TEST(csv__quotes_only_what_needs_it)
{
    static const struct { const char *text, *expected; } cases[] = {
        {"", "\"\""},         {"plain", "plain"},       {" edge ", " edge "}, {"'", "'"},           {";\t", ";\t"},
        {",", "\",\""},       {"\"", "\"\"\"\""},       {"\n", "\"\n\""},     {"\r", "\"\r\""},     {"a\"b", "\"a\"\"b\""},
        {"true", "true"},     {"\xC3\xA4", "\xC3\xA4"}, {"\\", "\\"},         {"#1", "#1"},         {"\x1b[2J", "\x1b[2J"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config_sink list[] = {SINK(STATE, "pair", CSV, "out")};
        struct config config = CONFIG(list);
        struct scene scene;
        char expected[64];
        snprintf(expected, sizeof expected, "a,b,n\n%s,b,3\n", cases[i].expected);
        scene_init(&scene, &config);
        scene_open(&scene);
        emit(&scene, scene.pair, &(struct pair){text_of(cases[i].text), ETL_STRING("b"), 3});
        publish(&scene);
        scene_finish(&scene);
        ck_assert_str_eq(files_read("out"), expected);
    }
}

#define CHARACTERS_70 "0123456789012345678901234567890123456789012345678901234567890123456789"
#define DASHES_64 "----------------------------------------------------------------"
#define BLANKS_63 "                                                               "

TEST(table__is_aligned_and_safe)
{
    static const struct { const char *a, *expected; } cases[] = {
        {"x", "a  b  n\n-  -  -\nx  b  3\n(1 row)\n"},
        {"ä€😀", "a     b  n\n----  -  -\nä€😀  b  3\n(1 row)\n"},
        {"中文字", "a       b  n\n------  -  -\n中文字  b  3\n(1 row)\n"},
        {"e\u0301", "a  b  n\n-  -  -\ne\u0301  b  3\n(1 row)\n"},
        {"\u202Egoog", "a           b  n\n----------  -  -\n\\u202egoog  b  3\n(1 row)\n"},
        {"\u200B", "a       b  n\n------  -  -\n\\u200b  b  3\n(1 row)\n"},
        {"\U000E0041", "a           b  n\n----------  -  -\n\\U000e0041  b  3\n(1 row)\n"},
        {"\x1b[2J", "a          b  n\n---------  -  -\n\\u001b[2J  b  3\n(1 row)\n"},
        {"\x7f", "a       b  n\n------  -  -\n\\u007f  b  3\n(1 row)\n"},
        {"\xC2\x9b", "a       b  n\n------  -  -\n\\u009b  b  3\n(1 row)\n"},
        {"\xC2\xA0", "a  b  n\n-  -  -\n\xC2\xA0  b  3\n(1 row)\n"},
        {"", "a  b  n\n-  -  -\n   b  3\n(1 row)\n"},
        {CHARACTERS_70, "a" BLANKS_63 "  b  n\n" DASHES_64 "  -  -\n" CHARACTERS_70 "  b  3\n(1 row)\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config_sink list[] = {SINK(STATE, "pair", TABLE, "out")};
        struct config config = CONFIG(list);
        struct scene scene;
        scene_init(&scene, &config);
        scene_open(&scene);
        emit(&scene, scene.pair, &(struct pair){text_of(cases[i].a), ETL_STRING("b"), 3});
        publish(&scene);
        scene_finish(&scene);
        ck_assert_str_eq(files_read("out"), cases[i].expected);
    }
}

TEST(sinks__empty_tables)
{
    struct config_sink list[] = {
        SINK(STATE, "pair", CSV, "csv"),      SINK(STATE, "pair", JSONL, "jsonl"),   SINK(STATE, "pair", TABLE, "table"),
        SINK(EFFECTS, "pair", CSV, "e-csv"),  SINK(EFFECTS, "*", JSONL, "e-jsonl"),
    };
    static const struct { const char *path, *expected; } files[] = {
        {"csv", "a,b,n\n"}, {"jsonl", ""},    {"table", "a  b  n\n-  -  -\n(0 rows)\n"},
        {"e-csv", "a,b,n,remove\n"}, {"e-jsonl", ""},
    };
    struct config config = CONFIG(list);
    struct scene scene;
    scene_init(&scene, &config);
    scene_open(&scene);
    publish(&scene);
    scene_finish(&scene);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) ck_assert_str_eq(files_read(files[i].path), files[i].expected);
    ck_assert_int_eq(files_count("."), sizeof files / sizeof *files);
}

/* Runs on standard output, as a file of that name. */
static const char *on_standard_output(const struct config *config)
{
    struct scene scene;
    int kept = dup(STDOUT_FILENO), file = open("stdout", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert(kept >= 0 && file >= 0 && dup2(file, STDOUT_FILENO) == STDOUT_FILENO);
    scene_init(&scene, config);
    scene_open(&scene);
    emit(&scene, scene.pair, &(struct pair){ETL_STRING("x"), ETL_STRING("y"), 1});
    emit(&scene, scene.thing, &(struct thing){.id = 7});
    publish(&scene);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    close(file);
    scene_finish(&scene);
    return files_read("stdout");
}

TEST(sinks__standard_output_takes_several_of_state_in_order)
{
    struct config_sink list[] = {SINK(STATE, "pair", TABLE, "-"), SINK(STATE, "pair", CSV, "out"),
                                 SINK(STATE, "thing", JSONL, "-"), SINK(STATE, "pair", TABLE, "-")};
    struct config config = CONFIG(list);
    ck_assert_str_eq(on_standard_output(&config),
                     "pair\na  b  n\n-  -  -\nx  y  1\n(1 row)\n"
                     "{\"effect\":\"thing\",\"id\":7,\"ratio\":0,\"good\":false,\"at\":\"1970-01-01T00:00:00Z\"}\n"
                     "\npair\na  b  n\n-  -  -\nx  y  1\n(1 row)\n");
    ck_assert_str_eq(files_read("out"), "a,b,n\nx,y,1\n");
}

TEST(sinks__standard_output_takes_one_of_effects)
{
    struct config_sink list[] = {SINK(EFFECTS, "pair", JSONL, "-"), SINK(STATE, "thing", CSV, "out")};
    struct config config = CONFIG(list);
    ck_assert_str_eq(on_standard_output(&config), "{\"effect\":\"pair\",\"a\":\"x\",\"b\":\"y\",\"n\":1}\n");
}

/* The diagnostics of sinks_create() as they are printed. */
static const char *diagnosed(const struct config *config)
{
    static char text[8192];
    struct scene scene;
    memset(text, 0, sizeof text);
    scene_init(&scene, config);
    FILE *to = fmemopen(text, sizeof text - 1, "w");
    ck_assert_ptr_nonnull(to);
    diagnostics_print(&scene.diagnostics, to);
    fclose(to);
    scene_finish(&scene);
    return text;
}

#define UNKNOWN(line, text) "pipeline.yaml:" line ":1: error: no plugin declares effect " text "\n"

TEST(sinks__refuses_an_unknown_effect)
{
    static const struct { const char *state, *effects, *expected; } cases[] = {
        {"thing", "pair", ""},
        {"thing", "*", ""},
        {"thnig", "pair", UNKNOWN("5", "'thnig' (did you mean 'thing'?)")},
        {"thing", "something-else", UNKNOWN("6", "'something-else'; they declare 'thing', 'pair'")},
        {"nothing at all", "pairs", UNKNOWN("5", "'nothing at all'; they declare 'thing', 'pair'")
                                    UNKNOWN("6", "'pairs' (did you mean 'pair'?)")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config_sink list[] = {SINK(STATE, cases[i].state, CSV, "out"), SINK(EFFECTS, cases[i].effects, JSONL, "out2")};
        struct config config = CONFIG(list);
        list[0].effect.place.line = 5;
        list[1].effect.place.line = 6;
        ck_assert_str_eq(diagnosed(&config), cases[i].expected);
    }
}

static void expect_unknown(const struct state *state, unsigned errors_before, const char *expected)
{
    struct config_sink list[] = {SINK(STATE, "effect", CSV, "out")};
    struct config config = CONFIG(list);
    struct diagnostics diagnostics = {.errors = errors_before};
    char text[1024] = "";
    list[0].effect.place.line = 5;
    sinks_destroy(sinks_create(&config, state, NULL, &diagnostics));
    FILE *to = fmemopen(text, sizeof text - 1, "w");
    ck_assert_ptr_nonnull(to);
    diagnostics_print(&diagnostics, to);
    fclose(to);
    diagnostics_finish(&diagnostics);
    ck_assert_str_eq(text, expected);
}

/* Where other errors came before, it may be that a plugin could not be loaded. */
TEST(sinks__say_which_effects_there_are)
{
    struct effects *effects = effects_create();
    expect_unknown(effects_state(effects), 0, UNKNOWN("5", "'effect', or any other: handlers do so in .emits"));
    struct error error;
    char names[9][2] = {""};
    struct etl_effect copies[9];
    for (int i = 0; i < 9; i++) {
        copies[i] = pair;
        names[i][0] = (char)('a' + i);
        copies[i].record.name = names[i];
        ck_assert_ptr_nonnull(effects_bind(effects, &copies[i], "test", &error));
    }
    expect_unknown(effects_state(effects), 0,
                   UNKNOWN("5", "'effect'; they declare 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', ..."));
    expect_unknown(effects_state(effects), 1, "");
    effects_destroy(effects);
}

#define SAME_OUTPUT(a, b) \
    "pipeline.yaml:2:1: error: output '" b "' is the same file as output '" a "' in line 1: give each a file of its own\n"
#define ON_STANDARD_OUTPUT \
    "pipeline.yaml:2:1: error: standard output ('-') is used in line 1 already: it takes several sinks of state, or one sink " \
    "of effects, or the rejects\n"

#define COMPRESSED(name) \
    "pipeline.yaml:2:1: error: outputs are not compressed: name it '" name "', and compress it afterwards\n"

TEST(sinks__refuses_outputs_that_cannot_be)
{
    static const struct { enum sink_subject subjects[2]; const char *a, *b, *expected; } cases[] = {
        {{SINK_STATE, SINK_STATE}, "out", "other", ""},
        {{SINK_STATE, SINK_STATE}, "out", "out", SAME_OUTPUT("out", "out")},
        {{SINK_STATE, SINK_EFFECTS}, "out", "folder/../out", SAME_OUTPUT("out", "folder/../out")},
        {{SINK_EFFECTS, SINK_EFFECTS}, "file", "link", SAME_OUTPUT("file", "link")},
        {{SINK_STATE, SINK_STATE}, "-", "-", ""},
        {{SINK_STATE, SINK_EFFECTS}, "-", "-", ON_STANDARD_OUTPUT},
        {{SINK_EFFECTS, SINK_STATE}, "-", "-", ON_STANDARD_OUTPUT},
        {{SINK_EFFECTS, SINK_EFFECTS}, "-", "-", ON_STANDARD_OUTPUT},
        {{SINK_STATE, SINK_STATE}, "-", "/dev/stdout", SAME_OUTPUT("-", "/dev/stdout")},
        {{SINK_STATE, SINK_STATE}, "out", "missing/x",
         "pipeline.yaml:2:1: error: cannot write 'missing/x': folder 'missing' does not exist; create it first\n"},
        {{SINK_STATE, SINK_STATE}, "out", "folder", "pipeline.yaml:2:1: error: cannot write 'folder': Is a directory\n"},
        {{SINK_STATE, SINK_EFFECTS}, "out", "out.csv.gz", COMPRESSED("out.csv")},
        {{SINK_STATE, SINK_STATE}, "out", "folder/x.ZST", COMPRESSED("folder/x")},
        {{SINK_STATE, SINK_STATE}, "out", "folder/.gz", ""},
        {{SINK_STATE, SINK_STATE}, "out", "folder.gz/x", "pipeline.yaml:2:1: error: cannot write 'folder.gz/x': folder "
                                                         "'folder.gz' does not exist; create it first\n"},
        {{SINK_STATE, SINK_STATE}, "out", "pipe.gz", ""},
        {{SINK_STATE, SINK_STATE}, "out", "gz", ""},
    };
    files_write("file", "");
    ck_assert(!mkdir("folder", 0755) && !symlink("file", "link") && !mkfifo("pipe.gz", 0600));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config_sink list[] = {SINK(STATE, "pair", JSONL, cases[i].a), SINK(STATE, "pair", JSONL, cases[i].b)};
        struct config config = CONFIG(list);
        for (unsigned n = 0; n < 2; n++) list[n].subject = cases[i].subjects[n], list[n].path.place.line = n + 1;
        ck_assert_str_eq(diagnosed(&config), cases[i].expected);

        /* the rejects instead of the second sink */
        config.sink_count = 1;
        config.rejects.path = list[1].path;
        bool both_standard = !strcmp(cases[i].a, "-") && !strcmp(cases[i].b, "-");
        ck_assert_str_eq(diagnosed(&config), both_standard ? ON_STANDARD_OUTPUT : cases[i].expected);
    }
}

TEST(sinks__refuses_an_output_that_is_an_input)
{
    static const char *const roles[] = {"the pipeline file", "plugin", "the initial state", "source"};
    struct config_plugin plugin = {.path = TEXT("plugin.so")};
    struct config_text source_path = TEXT("source.jsonl");
    struct config_sink list[] = {SINK(STATE, "pair", CSV, "fine"), SINK(STATE, "pair", CSV, NULL)};
    struct config config = CONFIG(list);
    const char *const paths[] = {config.path, "plugin.so", "opening.jsonl", "source.jsonl"};
    config.plugins = &plugin, config.plugin_count = 1;
    config.initial = (struct config_text)TEXT("opening.jsonl");
    config.source.paths = &source_path, config.source.path_count = 1, config.source.max_line = 1 << 20;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) files_write(paths[i], "");
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char expected[512], output[64], *real = realpath(paths[i], NULL);
        snprintf(expected, sizeof expected, "pipeline.yaml:2:1: error: output './%s' is the same file as %s '%s', which is read: "
                 "write to another file\n", paths[i], roles[i], strcmp(roles[i], "source") ? paths[i] : real);
        free(real);
        snprintf(output, sizeof output, "./%s", paths[i]);
        list[1].path.value = output;
        list[1].path.place.line = 2;
        ck_assert_str_eq(diagnosed(&config), expected);
    }
}

TEST(sinks__publish_nothing_where_one_fails)
{
    struct config_sink list[] = {SINK(STATE, "pair", CSV, "out"), SINK(STATE, "pair", CSV, "/dev/full")};
    struct config config = CONFIG(list);
    struct scene scene;
    files_write("out", "old");
    scene_init(&scene, &config);
    scene_open(&scene);
    ck_assert(sinks_write_state(scene.sinks, 1, &scene.error));
    ck_assert(!sinks_complete(scene.sinks, &scene.error));
    ck_assert_str_eq(scene.error.text, "cannot write '/dev/full': No space left on device");
    scene_finish(&scene);
    ck_assert_str_eq(files_read("out"), "old");
    ck_assert_int_eq(files_count("."), 1);
}

/* Standard output shows no results that a full disk takes back. */
TEST(sinks__show_nothing_where_a_file_fails)
{
    struct config_sink list[] = {SINK(STATE, "pair", CSV, "-"), SINK(STATE, "pair", CSV, "out")};
    struct config config = CONFIG(list);
    const struct rlimit limit = {4, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
    struct scene scene;
    int ends[2], kept = dup(STDOUT_FILENO);
    char byte;
    signal(SIGXFSZ, SIG_IGN);
    ck_assert(kept >= 0 && !pipe2(ends, O_CLOEXEC | O_NONBLOCK) && dup2(ends[1], STDOUT_FILENO) == STDOUT_FILENO);
    scene_init(&scene, &config);
    scene_open(&scene);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    bool done = sinks_write_state(scene.sinks, 1, &scene.error) && sinks_complete(scene.sinks, &scene.error) &&
                publish_all(scene.sinks, &scene.error);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
    dup2(kept, STDOUT_FILENO);
    ck_assert(!done);
    ck_assert_str_eq(scene.error.text, "cannot write 'out': File too large");
    ck_assert_int_eq(read(ends[0], &byte, 1), -1);
    ck_assert_int_eq(errno, EAGAIN);
    scene_finish(&scene);
    ck_assert_int_eq(files_count("."), 0);
    close(kept);
    close(ends[0]);
    close(ends[1]);
}

TEST(sinks__leave_nothing_of_a_run_that_stopped)
{
    struct config_sink list[] = {SINK(STATE, "pair", JSONL, "a"), SINK(EFFECTS, "*", JSONL, "b"),
                                 SINK(STATE, "pair", TABLE, "c")};
    struct config config = CONFIG(list);
    struct scene scene;
    scene_init(&scene, &config);
    scene_open(&scene);
    emit_things(&scene);
    ck_assert(sinks_write_state(scene.sinks, 1, &scene.error));
    scene_finish(&scene);
    sinks_destroy(NULL);
    ck_assert_int_eq(files_count("."), 0);
}

TEST(sinks__write_more_rows_than_a_buffer_holds)
{
    enum { ROWS = 100000 };
    struct config_sink list[] = {SINK(STATE, "pair", CSV, "rows"), SINK(EFFECTS, "pair", CSV, "effects")};
    struct config config = CONFIG(list);
    struct scene scene;
    struct stat rows, effects;
    scene_init(&scene, &config);
    scene_open(&scene);
    for (int i = 0; i < ROWS; i++) {
        char name[16];
        snprintf(name, sizeof name, "name-%08d", i);
        emit(&scene, scene.pair, &(struct pair){text_of(name), ETL_STRING("b"), 1});
    }
    publish(&scene);
    scene_finish(&scene);
    ck_assert(!stat("rows", &rows) && !stat("effects", &effects));
    ck_assert_int_eq(rows.st_size, 6 + ROWS * 18);
    ck_assert_int_eq(effects.st_size, 13 + ROWS * 19);
}

/* The bytes of a file of any size, to be freed. */
static char *read_all(const char *path, size_t *size)
{
    struct stat status;
    FILE *file = fopen(path, "re");
    ck_assert(file && !fstat(fileno(file), &status));
    char *data = malloc((size_t)status.st_size + 1);
    *size = fread(data, 1, (size_t)status.st_size, file);
    ck_assert_int_eq(*size, status.st_size);
    fclose(file);
    return data;
}

static void assert_same_files(const char *path, const char *other)
{
    size_t size, other_size;
    char *data = read_all(path, &size), *other_data = read_all(other, &other_size);
    ck_assert_msg(size == other_size && !memcmp(data, other_data, size), "'%s' is not '%s'", path, other);
    free(data);
    free(other_data);
}

static void put_csv(FILE *to, etl_string text)
{
    bool quoted = memchr(text.data, ',', text.size) || memchr(text.data, '"', text.size) || memchr(text.data, '\n', text.size)
                  || memchr(text.data, '\r', text.size);
    if (quoted) fputc('"', to);
    for (size_t i = 0; i < text.size; i++) fprintf(to, text.data[i] == '"' ? "\"\"" : "%c", text.data[i]);
    if (quoted) fputc('"', to);
}

static void put_json(FILE *to, etl_string text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '\n') fputs("\\n", to);
        else if (c == '\r') fputs("\\r", to);
        else if (c < 0x20) fprintf(to, "\\u%04x", c);
        else if (c == '"' || c == '\\') fprintf(to, "\\%c", c);
        else fputc(c, to);
    }
}

/* Texts are looked at by the word: each character that matters, and some that do not, at each place of texts of each size. */
TEST(sinks__quote_at_any_place)
{
    static const char characters[] = ",\"\n\r\\\0\1\x1f\t !-+~\x7f";
    struct config_sink list[] = {SINK(STATE, "pair", CSV, "csv"), SINK(STATE, "pair", JSONL, "jsonl")};
    struct config config = CONFIG(list);
    struct scene scene;
    scene_init(&scene, &config);
    scene_open(&scene);
    FILE *csv = fopen("expected-csv", "we"), *jsonl = fopen("expected-jsonl", "we");
    ck_assert(csv && jsonl);
    fputs("a,b,n\n", csv);
    unsigned count = 0;
    for (size_t size = 1; size <= 25; size++)
        for (size_t place = 0; place < size; place++)
            for (size_t c = 0; c < sizeof characters - 1; c++, count++) {
                char name[16], text[26];
                snprintf(name, sizeof name, "%06u", count);
                memset(text, 'x', sizeof text);
                text[place] = characters[c] == '\t' ? '\n' : characters[c];
                etl_string b = {text, size};
                emit(&scene, scene.pair, &(struct pair){text_of(name), b, 1});
                fprintf(csv, "%s,", name), put_csv(csv, b), fputs(",1\n", csv);
                fprintf(jsonl, "{\"effect\":\"pair\",\"a\":\"%s\",\"b\":\"", name), put_json(jsonl, b);
                fputs("\",\"n\":1}\n", jsonl);
            }
    fclose(csv), fclose(jsonl);
    publish(&scene);
    scene_finish(&scene);
    assert_same_files("csv", "expected-csv");
    assert_same_files("jsonl", "expected-jsonl");
}

/* Texts short and long, and one longer than any buffer. */
static void emit_many(struct scene *scene, unsigned rows)
{
    static char text[3 << 20];
    memset(text, 't', sizeof text);
    for (unsigned i = 0; i < rows; i++) {
        char name[16];
        snprintf(name, sizeof name, "%u", i * 2654435761u % 1000003);
        size_t size = i == rows / 2 ? sizeof text : i % 7 ? i % 15 : i % 3000;
        emit(scene, scene->pair, &(struct pair){text_of(name), {text, size}, i});
    }
}

TEST(sinks__threads_do_not_show)
{
    static const enum sink_format formats[] = {SINK_CSV, SINK_JSONL, SINK_TABLE};
    static const unsigned threads[] = {1, 2, 3, 8};
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
        struct config_sink list[] = {SINK(STATE, "pair", CSV, "first"), SINK(STATE, "pair", CSV, "out")};
        struct config config = CONFIG(list);
        list[0].format = list[1].format = formats[f];
        config.sink_count = 1;
        for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
            struct scene scene;
            scene_init(&scene, &config);
            scene_open(&scene);
            emit_many(&scene, 20000);
            publish_by(&scene, threads[i]);
            scene_finish(&scene);
            if (i) assert_same_files("first", "out");
            config.sinks = &list[1];
        }
    }
}

TEST(sinks__threads_stop_where_one_cannot_write)
{
    struct config_sink list[] = {SINK(STATE, "pair", CSV, "/dev/full")};
    struct config config = CONFIG(list);
    struct scene scene;
    scene_init(&scene, &config);
    scene_open(&scene);
    emit_many(&scene, 60000);
    ck_assert(effects_flush(scene.emitter, &scene.error));
    ck_assert(!sinks_write_state(scene.sinks, 4, &scene.error));
    ck_assert_str_eq(scene.error.text, "cannot write '/dev/full': No space left on device");
    scene_finish(&scene);
}

SUITE("sinks");
