/* SPDX-License-Identifier: MIT
 * generate: writes a log of trading events to standard output: buy 45 %, sell 40 %, declaration 5 %, call 5 %, put 5 %.
 *
 *   generate [--lines N] [--accounts N] [--tickers N] [--shape NAME] [--seed N]
 *
 * The same arguments give the same bytes. What happens is drawn from one stream of random numbers and what it looks like from
 * another, so that the shapes of one seed tell the same events. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 12, LINE_MAX = 4096, WIDE_BYTES = 1600, CASH = 135202 };

struct shape {
    const char *name;
    bool scrambled, wide, type_last, long_keys;
    unsigned types; /* 0: those of trading; otherwise so many types of one kind, fill_00 and on */
};

static const struct shape shapes[] = {
    {.name = "regular"},                        /* compact, the keys always in one order */
    {.name = "scrambled", .scrambled = true},   /* keys in random order, white space, escapes, fields that nobody asks for */
    {.name = "wide", .wide = true},             /* some 1.7 KB a line, most of it nested and not asked for */
    {.name = "type-last", .type_last = true},   /* the event type is the last key */
    {.name = "few-types", .types = 5},          /* the same events as the next, under fewer names */
    {.name = "many-types", .types = 40},
    {.name = "long-keys", .long_keys = true},   /* tickers of 40 characters */
};

struct options {
    uint64_t lines, accounts, tickers, seed;
    const struct shape *shape;
};

/* ---- random numbers: splitmix64 */

static uint64_t events_seed, looks_seed;

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    uint64_t x = *seed += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return (x ^ (x >> 31)) % below;
}

/* ---- a line, field by field */

struct line {
    char text[LINE_MAX];
    size_t size, starts[FIELDS_MAX + 1];
    unsigned count;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    line->size += (size_t)vsnprintf(line->text + line->size, LINE_MAX - line->size, format, arguments);
    va_end(arguments);
}

/* What is added next, up to the next call, is another field. */
static void begin_field(struct line *line)
{
    line->starts[line->count++] = line->size;
}

#define FIELD(line, ...) (begin_field(line), add(line, __VA_ARGS__))

static void shuffle(unsigned *order, unsigned count)
{
    for (unsigned i = count; i > 1; i--) {
        unsigned other = (unsigned)draw(&looks_seed, i), kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}

static void write_line(struct line *line, const struct shape *shape)
{
    static const char *const spaces[] = {"", "", " ", "\t "};
    const char *space = shape->scrambled ? spaces[draw(&looks_seed, 4)] : "";
    unsigned order[FIELDS_MAX];
    line->starts[line->count] = line->size;
    for (unsigned i = 0; i < line->count; i++) order[i] = shape->type_last ? (i + 1) % line->count : i;
    if (shape->scrambled) shuffle(order, line->count);
    for (unsigned i = 0; i < line->count; i++) {
        size_t start = line->starts[order[i]];
        printf("%s%s", i ? "," : "{", space);
        fwrite(line->text + start, 1, line->starts[order[i] + 1] - start, stdout);
    }
    printf("%s}\n", space);
}

/* ---- an event */

static void add_type(struct line *line, const struct shape *shape, unsigned percent, uint64_t which)
{
    static const char *const exercises[] = {"call", "put"};
    if (shape->types) FIELD(line, "\"event_type\":\"fill_%02u\"", (unsigned)(which % shape->types));
    else if (percent < 85) FIELD(line, "\"event_type\":\"%s\"", percent < 45 ? "buy" : "sell");
    else FIELD(line, "\"event_type\":\"%s\"", percent < 90 ? "declaration" : exercises[percent >= 95]);
}

static void add_ticker(struct line *line, const struct shape *shape, uint64_t number)
{
    char text[16];
    unsigned size = 0;
    number += number >= CASH; /* that name is taken */
    for (uint64_t rest = number; rest || size < 4; rest /= 26) text[size++] = (char)('A' + rest % 26);
    text[size] = 0;
    if (shape->long_keys) FIELD(line, "\"ticker\":\"equity/common/registered/%015" PRIu64 "\"", number);
    else if (shape->scrambled && !draw(&looks_seed, 16)) FIELD(line, "\"ticker\":\"\\u%04x%s\"", (unsigned)text[0], text + 1);
    else FIELD(line, "\"ticker\":\"%s\"", text);
}

static void add_money(struct line *line, const char *name, uint64_t cents)
{
    FIELD(line, "\"%s\":%" PRIu64 ".%02u", name, cents / 100, (unsigned)(cents % 100));
}

static void add_trace(struct line *line)
{
    size_t end = line->size + WIDE_BYTES;
    FIELD(line, "\"trace\":{\"note\":\"opened by the \\\"north\\\" desk; caf\xC3\xA9\",\"parent\":null,\"spans\":[");
    for (unsigned i = 0; line->size < end; i++) {
        unsigned look = (unsigned)draw(&looks_seed, 1u << 30);
        add(line, "%s{\"id\":\"%08x\",\"host\":\"gw-%u.example\",", i ? "," : "", look, look % 40);
        add(line, "\"ms\":%u.%03u,\"ok\":%s,", look % 90, look % 1000, look % 9 ? "true" : "false");
        add(line, "\"tags\":[\"t%u\",%d]}", look % 32, -(int)(look % 7));
    }
    add(line, "]}");
}

static void add_event(struct line *line, const struct options *options, uint64_t number)
{
    const struct shape *shape = options->shape;
    unsigned percent = (unsigned)draw(&events_seed, 100);
    uint64_t which = draw(&events_seed, 1u << 20), ticker = draw(&events_seed, options->tickers);
    uint64_t account = draw(&events_seed, options->accounts), amount = 1 + draw(&events_seed, 500);
    uint64_t cents = 100 + draw(&events_seed, 90000), gain = draw(&events_seed, 5000);

    add_type(line, shape, percent, which);
    FIELD(line, "\"timestamp\":%" PRIu64, 1700000000 + number);
    FIELD(line, "\"account_id\":%" PRIu64, account);
    add_ticker(line, shape, ticker);
    FIELD(line, "\"amount\":%" PRIu64, amount);
    if (!shape->types && percent < 85) add_money(line, "price", cents);
    if (!shape->types && percent >= 90) {
        add_money(line, "strike", cents);
        add_money(line, "underlying_spot", cents + gain);
        FIELD(line, "\"direction\":\"%s\"", which & 1 ? "long" : "short");
    }
    if (shape->scrambled && !draw(&looks_seed, 4)) FIELD(line, "\"origin\":{\"desk\":\"north\",\"flags\":[true,null,-2.5e3]}");
    if (shape->wide) add_trace(line);
}

/* ---- the command line */

static const struct shape *find_shape(const char *name)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (!strcmp(shapes[i].name, name)) return &shapes[i];
    return NULL;
}

static bool read_option(struct options *options, const char *name, const char *value)
{
    if (!strcmp(name, "--shape")) return (options->shape = find_shape(value)) != NULL;
    uint64_t *number = !strcmp(name, "--lines") ? &options->lines : !strcmp(name, "--accounts") ? &options->accounts
                       : !strcmp(name, "--tickers") ? &options->tickers : !strcmp(name, "--seed") ? &options->seed : NULL;
    char *end;
    if (!number || *value < '0' || *value > '9') return false;
    *number = strtoull(value, &end, 10);
    return !*end && *number <= UINT32_MAX;
}

int main(int argc, char **argv)
{
    struct options options = {.lines = 10, .accounts = 1000, .tickers = 500, .seed = 1, .shape = &shapes[0]};
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 < argc && read_option(&options, argv[i], argv[i + 1])) continue;
        fprintf(stderr, "usage: generate [--lines N] [--accounts N] [--tickers N] [--shape NAME] [--seed N]\n");
        return 2;
    }
    if (!options.accounts || !options.tickers) return 2;
    events_seed = options.seed;
    looks_seed = ~options.seed;
    for (uint64_t number = 0; number < options.lines; number++) {
        struct line line;
        line.size = line.count = 0;
        add_event(&line, &options, number);
        write_line(&line, options.shape);
    }
    return fflush(stdout) || ferror(stdout) ? 1 : 0;
}
