/* SPDX-License-Identifier: MIT
 * The claims of all outputs on files, and the conflicts between them. */
#include "sinks/conflicts.h"
#include "base/memory.h"
#include "sinks/output.h"
#include "sinks/target.h"
#include "source/files.h"

#include <stdlib.h>
#include <strings.h>
#include <unistd.h>
#include <string.h>

/* One output, as named in the pipeline file. */
struct claim {
    const struct config_text *path;
    const struct config_sink *sink; /* NULL: the rejects */
    struct target target;
    bool found; /* the next run would read it */
};

struct claims {
    struct claim *items;
    size_t count;
    struct diagnostics *diagnostics;
};

static bool is_standard_output(const struct claim *claim)
{
    return !strcmp(claim->path->value, "-");
}

/* State sinks are written one after another, so several can share "-". */
static bool may_share(const struct claim *a, const struct claim *b)
{
    return is_standard_output(a) && is_standard_output(b) && a->sink && b->sink && a->sink->subject == SINK_STATE &&
           b->sink->subject == SINK_STATE;
}

static void report_shared(struct diagnostics *diagnostics, const struct claim *claim, const struct claim *earlier)
{
    unsigned line = earlier->path->place.line;
    if (is_standard_output(claim) && is_standard_output(earlier))
        diagnostics_add(diagnostics, SEVERITY_ERROR, claim->path->place,
                        "standard output ('-') is used in line %u already: it takes several sinks of state, or one sink of "
                        "effects, or the rejects", line);
    else
        diagnostics_add(diagnostics, SEVERITY_ERROR, claim->path->place,
                        "output '%s' is the same file as output '%s' in line %u: give each a file of its own", claim->path->value,
                        earlier->path->value, line);
}

/* The ending of a name that promises compression, which is not done; NULL: none. */
static const char *compressed_ending(const char *path)
{
    static const char *const endings[] = {".gz", ".zst", ".bz2", ".xz", ".lz4", ".zip"};
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *ending = strrchr(name, '.');
    for (size_t i = 0; ending && ending > name && i < sizeof endings / sizeof *endings; i++)
        if (!strcasecmp(ending, endings[i])) return ending;
    return NULL;
}

/* Warns about such a name. A FIFO or device may be read by a program that compresses. */
static void check_name(const struct claim *claim, struct diagnostics *diagnostics)
{
    const char *path = claim->path->value, *ending = compressed_ending(path);
    if (!ending || claim->target.kind != TARGET_FILE) return;
    diagnostics_add(diagnostics, SEVERITY_ERROR, claim->path->place,
                    "outputs are not compressed: name it '%.*s', and compress it afterwards", (int)(ending - path), path);
}

static void add_claim(struct claims *claims, const struct config_text *path, const struct config_sink *sink)
{
    struct claim claim = {.path = path, .sink = sink};
    struct error error;
    if (!target_find(&claim.target, path->value, &error)) {
        diagnostics_add(claims->diagnostics, SEVERITY_ERROR, path->place, "%s", error.text);
        return;
    }
    check_name(&claim, claims->diagnostics);
    for (size_t i = 0; i < claims->count; i++) {
        const struct claim *earlier = &claims->items[i];
        if (!target_equal(&claim.target, &earlier->target) || may_share(&claim, earlier)) continue;
        report_shared(claims->diagnostics, &claim, earlier);
        break;
    }
    claims->items[claims->count++] = claim;
}

static void check_input(const struct claims *claims, const char *role, const char *path)
{
    struct stat status;
    /* a missing file is reported elsewhere; standard input may be the same terminal as
     * the output */
    if (path ? stat(path, &status) : fstat(STDIN_FILENO, &status) || !S_ISREG(status.st_mode)) return;
    for (size_t i = 0; i < claims->count; i++) {
        const struct config_text *output = claims->items[i].path;
        if (target_is(&claims->items[i].target, &status) && !claims->items[i].found)
            diagnostics_add(claims->diagnostics, SEVERITY_ERROR, output->place,
                            "output '%s' is the same file as %s '%s', which is read: write to another file", output->value, role,
                            path ? path : "standard input");
    }
}

/* Also checks outputs that do not exist yet: otherwise the second run would fail. */
static void check_folders(const struct claims *claims, const struct config *config)
{
    for (struct claim *claim = claims->items; claim < claims->items + claims->count; claim++) {
        const struct target *target = &claim->target;
        const char *listed = target->kind == TARGET_FILE ? source_files_would_find(config, &target->folder, target->name) : NULL;
        if (!listed) continue;
        claim->found = true;
        diagnostics_add(claims->diagnostics, SEVERITY_ERROR, claim->path->place,
                        "output '%s' would be read by the next run, as '%s' is read: write to another folder",
                        claim->path->value, listed);
    }
}

static void check_inputs(const struct claims *claims, const struct config *config, const struct source *source)
{
    check_input(claims, "the pipeline file", config->path);
    for (size_t i = 0; i < config->plugin_count; i++) check_input(claims, "plugin", config->plugins[i].path.value);
    if (config->initial.value) check_input(claims, "the initial state", config->initial.value);
    for (size_t i = 0, count = source ? source_file_count(source) : 0; i < count; i++)
        check_input(claims, "source", source_file_path(source, i));
}

void conflicts_check(const struct config *config, const struct source *source, struct diagnostics *diagnostics)
{
    struct error error;
    struct claims claims = {.items = allocate((config->sink_count + 1) * sizeof *claims.items), .diagnostics = diagnostics};
    for (size_t i = 0; i < config->sink_count; i++) add_claim(&claims, &config->sinks[i].path, &config->sinks[i]);
    if (config->rejects.path.value) add_claim(&claims, &config->rejects.path, NULL);
    check_folders(&claims, config);
    check_inputs(&claims, config, source);
    if (!outputs_fit(claims.count, &error))
        diagnostics_add(diagnostics, SEVERITY_ERROR, (struct place){config->path, 0, 0}, "%s", error.text);
    for (size_t i = 0; i < claims.count; i++) target_finish(&claims.items[i].target);
    free(claims.items);
}
