/* SPDX-License-Identifier: MIT
 * Readers of mappings and scalars. */
#include "config/keys.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "config/values.h"

#include <stdlib.h>
#include <string.h>

enum { THREADS_MAX = 256 };
static const uint64_t line_bytes_max = (uint64_t)1 << 30;

static const struct key *find_key(const struct key *keys, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(keys[i].name, name)) return &keys[i];
    return NULL;
}

static void report_unknown_key(struct loader *loader, const struct yaml_node *node, const struct key *keys, size_t count)
{
    const char *names[KEYS_MAX + 1] = {NULL};
    for (size_t i = 0; i < count; i++) names[i] = keys[i].name;
    const char *near = nearest_word(node->key, names);
    if (near) report(loader, node->key_place, "unknown key '%s' (did you mean '%s'?)", node->key, near);
    else report(loader, node->key_place, "unknown key '%s'", node->key);
}

bool report_kind(struct loader *loader, const struct yaml_node *node, const char *expected)
{
    if (node->broken) return false;
    if (node->null && *node->name) {
        report(loader, node->place, "'%s' has no value: expected %s", node->name, expected);
    } else {
        const char *quote = *node->name ? "'" : "", *link = *node->name ? " for " : "";
        report(loader, node->place, "expected %s%s%s%s%s, got %s", expected, link, quote, node->name, quote,
               yaml_node_description(node));
    }
    return false;
}

bool read_keys(struct loader *loader, const struct yaml_node *node, const struct key *keys, size_t count, void *to)
{
    if (node->kind != NODE_MAPPING) return report_kind(loader, node, "a mapping");
    bool good = true;
    for (const struct yaml_node *child = node->children; child; child = child->next) {
        const struct key *key = find_key(keys, count, child->key);
        if (!key) report_unknown_key(loader, child, keys, count);
        else if (!key->read(loader, child, (char *)to + key->offset) && key->required) good = false;
    }
    for (size_t i = 0; i < count; i++)
        if (keys[i].required && !yaml_node_find(node, keys[i].name)) {
            const char *in = *node->name ? node->name : "the pipeline";
            const char *quote = *node->name ? "'" : "";
            report(loader, node->place, "%s%s%s lacks the key '%s'", quote, in, quote, keys[i].name);
            good = false;
        }
    return good;
}

/* ---- scalars */

static bool check_scalar(struct loader *loader, const struct yaml_node *node, const char *expected)
{
    if (node->broken) return false;
    if (node->kind != NODE_SCALAR || node->null) return report_kind(loader, node, expected);
    return true;
}

bool read_text(struct loader *loader, const struct yaml_node *node, void *to)
{
    struct config_text *text = to;
    if (!check_scalar(loader, node, "text")) return false;
    if (!*node->text) {
        report(loader, node->place, "'%s' is empty", node->name);
        return false;
    }
    *text = (struct config_text){copy_text(node->text), node->place};
    return true;
}

static char *resolve(const struct config *config, const char *path)
{
    return *path == '/' || !strcmp(config->folder, ".") ? copy_text(path) : format_text("%s/%s", config->folder, path);
}

bool read_path(struct loader *loader, const struct yaml_node *node, void *to)
{
    struct config_text *path = to;
    if (!read_text(loader, node, path)) return false;
    char *resolved = resolve(loader->config, path->value);
    free(path->value);
    path->value = resolved;
    return true;
}

/* Like read_path(); "-" means standard input or output. */
bool read_stream_path(struct loader *loader, const struct yaml_node *node, void *to)
{
    return node->kind == NODE_SCALAR && !strcmp(node->text, "-") ? read_text(loader, node, to) : read_path(loader, node, to);
}

bool read_word(struct loader *loader, const struct yaml_node *node, const char *const *words, unsigned *index)
{
    struct buffer list = {0};
    for (const char *const *word = words; *word; word++)
        buffer_format(&list, "%s%s", word == words ? "" : word[1] ? ", " : " or ", *word);
    bool good = check_scalar(loader, node, list.data);
    if (good) {
        unsigned at = 0;
        while (words[at] && strcmp(words[at], node->text)) at++;
        good = words[at];
        const char *near = nearest_word(node->text, words);
        const char *name = node->name, *text = node->text;
        if (good) *index = at;
        else if (near) report(loader, node->place, "'%s' is %s, not '%s' (did you mean '%s'?)", name, list.data, text, near);
        else report(loader, node->place, "'%s' is %s, not '%s'", name, list.data, text);
    }
    buffer_finish(&list);
    return good;
}

bool read_policy(struct loader *loader, const struct yaml_node *node, void *to)
{
    static const char *const words[] = {[POLICY_REJECT] = "reject", [POLICY_SKIP] = "skip", [POLICY_STOP] = "stop", NULL};
    enum policy *policy = to;
    unsigned index;
    if (!read_word(loader, node, words, &index)) return false;
    *policy = (enum policy)index;
    return true;
}

bool read_limit(struct loader *loader, const struct yaml_node *node, void *to)
{
    uint64_t *limit = to;
    int64_t value;
    if (!check_scalar(loader, node, "an integer from 0")) return false;
    if (!node->plain || !int64_parse(node->text, &value) || value < 0) {
        report(loader, node->place, "'%s' is an integer from 0, without quotes, not '%s'", node->name, node->text);
        return false;
    }
    *limit = (uint64_t)value;
    return true;
}

bool read_max_bytes(struct loader *loader, const struct yaml_node *node, void *to)
{
    if (!check_scalar(loader, node, "a size, such as 1MiB")) return false;
    if (size_parse(node->text, to)) return true;
    report(loader, node->place, "'%s' is a size, such as 1MiB, 64KiB or 500kB, or a number of bytes, not '%s'", node->name,
           node->text);
    return false;
}

bool read_max_line(struct loader *loader, const struct yaml_node *node, void *to)
{
    uint64_t *bytes = to, value;
    if (!read_max_bytes(loader, node, &value)) return false;
    if (value < 1 || value > line_bytes_max) {
        report(loader, node->place, "'%s' is from 1 byte to 1GiB, not '%s'", node->name, node->text);
        return false;
    }
    *bytes = value;
    return true;
}

bool read_duration(struct loader *loader, const struct yaml_node *node, void *to)
{
    int64_t *ns = to;
    if (!check_scalar(loader, node, "a duration, such as 10s")) return false;
    if (duration_parse(node->text, ns)) return true;
    report(loader, node->place, "'%s' is a duration, such as 500ms, 10s, 2m or 1h, or 0 for never, not '%s'", node->name,
           node->text);
    return false;
}

bool read_threads(struct loader *loader, const struct yaml_node *node, void *to)
{
    unsigned *threads = to;
    int64_t value;
    if (!check_scalar(loader, node, "auto, or an integer")) return false;
    if (!strcmp(node->text, "auto")) {
        *threads = 0;
        return true;
    }
    if (!node->plain || !int64_parse(node->text, &value) || value < 1 || value > THREADS_MAX) {
        report(loader, node->place, "'%s' is auto, or an integer from 1 to %d, without quotes, not '%s'", node->name, THREADS_MAX,
               node->text);
        return false;
    }
    *threads = (unsigned)value;
    return true;
}
