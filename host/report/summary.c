/* SPDX-License-Identifier: MIT
 * The sections of the account. */
#include "report/summary.h"
#include "base/console.h"
#include "base/figures.h"
#include "report/describe.h"
#include "report/grid.h"
#include "run/run.h"

enum { NAME_WIDTH = 20, REASON_WIDTH = 60, REASONS_SHOWN = 20 };

/* ---- loglines, by outcome */

static void print_counts(const struct run *p)
{
    fprintf(console_error(), "loglines %s: %s handled, %s unhandled, %s skipped, %s rejected, %s blank\n",
            figure_count(tally_lines(&p->tally)).text, figure_count(tally_count(&p->tally, FATE_HANDLED)).text,
            figure_count(tally_count(&p->tally, FATE_UNHANDLED)).text, figure_count(tally_count(&p->tally, FATE_SKIPPED)).text,
            figure_count(tally_count(&p->tally, FATE_REJECTED)).text, figure_count(tally_count(&p->tally, FATE_BLANK)).text);
}

/* `lines`: the number of lines by outcome. */
static void add_handler(struct grid *grid, const struct handler *handler, const uint64_t *lines,
                        const struct handler_counts *counts)
{
    uint64_t all = 0, handled = lines[FATE_HANDLED];
    for (enum fate fate = 0; fate < FATE_COUNT; fate++) all += lines[fate];
    grid_add_row(grid, (const char *const[]){handler->event_type, handler->plugin->name, handler->name, figure_count(all).text,
                                             figure_count(handled).text, figure_count(counts->refused).text,
                                             handled || counts->called ? "" : "never fired", NULL});
}

/* Prints them by event type, and for each type in the running order of its handlers. */
static void print_handlers(const struct run *p)
{
    static const struct grid_column columns[] = {
        {.width_max = NAME_WIDTH}, {.width_max = NAME_WIDTH}, {.width_max = NAME_WIDTH},
        {.to_the_right = true},    {.to_the_right = true},    {.to_the_right = true},    {0},
    };
    const struct handler *handler;
    struct grid grid;
    grid_init(&grid, columns, sizeof columns / sizeof *columns);
    grid_add_row(&grid, (const char *const[]){"event type", "plugin", "handler", "loglines", "handled", "refused", "", NULL});
    for (unsigned type = 0; type < schema_event_type_count(p->parts.schema); type++)
        for (size_t i = 0; (handler = dispatch_chain(p->parts.dispatch, type, i)); i++)
            add_handler(&grid, handler, &p->tally.outcomes[outcome_of(type, 0)], &p->tally.handlers[handler->number]);
    fputc('\n', console_error());
    grid_print(&grid, 0, console_error());
    grid_finish(&grid);
}

/* ---- rejects, by reason */

static void add_reason(struct grid *grid, const struct run *p, const struct reason *reason)
{
    const struct handler *handler = reason->handler == NO_HANDLER ? NULL : dispatch_handler(p->parts.dispatch, reason->handler);
    grid_add_row(grid, (const char *const[]){figure_count(reason->count).text, reject_class_name(reason->class),
                                             handler ? handler->plugin->name : "", handler ? handler->name : "",
                                             reason->text, NULL});
}

static void print_reasons(const struct run *p)
{
    static const struct grid_column columns[] = {
        {.to_the_right = true}, {0}, {.width_max = NAME_WIDTH}, {.width_max = NAME_WIDTH}, {.width_max = REASON_WIDTH},
    };
    struct reason ranked[REASONS_SHOWN];
    uint64_t rest;
    struct grid grid;
    uint32_t count = reasons_rank(&p->tally.reasons, ranked, REASONS_SHOWN, &rest);
    if (!count) return;
    grid_init(&grid, columns, sizeof columns / sizeof *columns);
    grid_add_row(&grid, (const char *const[]){"rejects", "class", "plugin", "handler", "reason", NULL});
    for (uint32_t i = 0; i < count; i++) add_reason(&grid, p, &ranked[i]);
    if (rest) grid_add_row(&grid, (const char *const[]){figure_count(rest).text, "", "", "", "other reasons", NULL});
    fputc('\n', console_error());
    grid_print(&grid, 0, console_error());
    grid_finish(&grid);
}

static void print_dropped(const struct run *p)
{
    uint64_t dropped = rejects_dropped(p->parts.rejects);
    if (!dropped) return;
    fprintf(console_error(), "\n%s of %s rejects %s not kept: rejects.max_bytes (%s) was reached\n", figure_count(dropped).text,
            figure_count(tally_count(&p->tally, FATE_REJECTED)).text, dropped == 1 ? "is" : "are",
            figure_size(p->plan.config->rejects.max_bytes).text);
}

/* ---- rows, by table */

static void print_tables(const struct run *p)
{
    static const struct grid_column columns[] = {{.width_max = 2 * NAME_WIDTH}, {.to_the_right = true}, {.to_the_right = true}};
    const struct state *state = effects_state(p->parts.effects);
    struct grid grid;
    grid_init(&grid, columns, 3);
    grid_add_row(&grid, (const char *const[]){"table", "rows", "memory", NULL});
    for (size_t i = 0; i < state_table_count(state); i++) {
        const struct table *table = state_table(state, i);
        grid_add_row(&grid, (const char *const[]){table_name(table), figure_count(table_row_count(table)).text,
                                                  figure_memory(table_bytes(table)).text, NULL});
    }
    fputc('\n', console_error());
    grid_print(&grid, 0, console_error());
    grid_finish(&grid);
}

/* ---- the outputs of a run that stopped */

static void add_output(struct grid *grid, const char *path, const char *what)
{
    grid_add_row(grid, (const char *const[]){strcmp(path, "-") ? path : "standard output", what, NULL});
}

static bool is_first(const struct config *config, size_t sink)
{
    for (size_t i = 0; i < sink; i++)
        if (!strcmp(config->sinks[i].path.value, config->sinks[sink].path.value)) return false;
    return true;
}

static void print_outputs(const struct run *p)
{
    static const struct grid_column columns[] = {{0}, {0}};
    const struct config *config = p->plan.config;
    struct grid grid;
    grid_init(&grid, columns, 2);
    for (size_t i = 0; i < config->sink_count; i++)
        if (is_first(config, i))
            add_output(&grid, config->sinks[i].path.value, p->tally.results_kept ? "published"
                       : sinks_is_direct(p->parts.sinks, i) ? "not complete" : "not published");
    if (config->rejects.path.value)
        add_output(&grid, config->rejects.path.value, p->tally.rejects_kept ? "published: the rejects up to there" : "not published");
    fputs("\nthe run stopped:\n", console_error());
    if (grid.cells) grid_print(&grid, 2, console_error());
    grid_finish(&grid);
}

/* ---- time */

static void print_time(const struct run *p)
{
    const double seconds = p->tally.seconds;
    double least = seconds > 1e-6 ? seconds : 1e-6, lines = (double)tally_lines(&p->tally), bytes = (double)p->tally.bytes;
    fprintf(console_error(), "\n%.3f s", seconds);
    if (p->tally.threads_used) /* 0: the run ended before the log */
        fprintf(console_error(), ", %s loglines/s, %s/s, %u thread%s", figure_count((uint64_t)(lines / least)).text,
                figure_bytes((uint64_t)(bytes / least)).text, p->tally.threads_used, p->tally.threads_used == 1 ? "" : "s");
    fputc('\n', console_error());
}

void summary_print(const struct run *p)
{
    print_counts(p);
    print_handlers(p);
    print_reasons(p);
    print_dropped(p);
    if (p->tally.played) print_tables(p);
    if (p->tally.played && !p->plan.config->sink_count)
        fputs("\nno sinks: the state was built, and nothing of it is written\n", console_error());
    if (!p->tally.published) print_outputs(p);
    print_time(p);
    describe_one_thread(p, "\n", console_error());
}
