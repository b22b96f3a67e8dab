/* SPDX-License-Identifier: MIT
 * Threads that format pieces of rows and write them in order. */
#include "sinks/rows.h"
#include "base/parallel.h"
#include "row/packed_string.h"
#include "row/printer.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    PIECE_ROWS = 4096,
    TEXT_MAX = 512 * 1024,
    AHEAD = 16, /* rows, so that their cache misses overlap */
    TEXTS_MAX = 8,
};

struct writing {
    struct sink *sink;
    const struct order *order;
    struct printer texts[TEXTS_MAX]; /* columns whose long texts are prefetched */
    size_t text_count;
    atomic_size_t next;     /* next piece */
    pthread_mutex_t mutex;  /* protects the following */
    pthread_cond_t change;
    size_t turn;            /* the piece whose text is written now */
    bool failed;
    struct error *error;
};

/* Adds a text after the earlier pieces are written. False: a write has failed. */
static bool add_text(struct writing *w, size_t piece, struct buffer *text)
{
    pthread_mutex_lock(&w->mutex);
    while (w->turn != piece && !w->failed) pthread_cond_wait(&w->change, &w->mutex);
    bool failed = w->failed;
    pthread_mutex_unlock(&w->mutex);
    if (failed) return false;
    /* it is the turn of this piece only */
    failed = !output_add(w->sink->output, text->data, text->size, w->error);
    text->size = 0;
    return !failed;
}

static void end_turn(struct writing *w, bool failed)
{
    pthread_mutex_lock(&w->mutex);
    w->turn++;
    w->failed |= failed;
    pthread_cond_broadcast(&w->change);
    pthread_mutex_unlock(&w->mutex);
}

/* Prefetches rows, which are in no order in memory, and their long texts, which are
 * elsewhere (measured). */
static void fetch_ahead(const struct writing *w, size_t index)
{
    const struct order *order = w->order;
    if (index + 2 * AHEAD < order->count) {
        const char *row = order_row(order, index + 2 * AHEAD);
        __builtin_prefetch(row);
        __builtin_prefetch(row + order->row_bytes - 1);
    }
    if (index + AHEAD >= order->count) return;
    const char *row = order_row(order, index + AHEAD);
    for (const struct printer *p = w->texts; p < w->texts + w->text_count; p++) {
        const uint64_t *words = printer_words(p, row);
        if (!text_is_long(words)) continue;
        etl_string text = text_view(words);
        __builtin_prefetch(text.data);
        __builtin_prefetch(text.data + text.size - 1);
    }
}

static bool write_piece(struct writing *w, size_t piece, struct buffer *text)
{
    const struct order *order = w->order;
    size_t from = piece * PIECE_ROWS, to = order->count - from > PIECE_ROWS ? from + PIECE_ROWS : order->count;
    for (size_t i = from; i < to; i++) {
        fetch_ahead(w, i);
        w->sink->writer->row(w->sink, text, order_row(order, i));
        if (text->size > TEXT_MAX && !add_text(w, piece, text)) return false;
    }
    return add_text(w, piece, text);
}

static void write_pieces(void *data, unsigned thread)
{
    struct writing *w = data;
    struct buffer text = {0};
    size_t pieces = (w->order->count + PIECE_ROWS - 1) / PIECE_ROWS;
    (void)thread; /* each thread takes the next piece */
    buffer_reserve(&text, TEXT_MAX + TEXT_MAX / 8);
    for (size_t piece; (piece = atomic_fetch_add(&w->next, 1)) < pieces;) {
        bool written = write_piece(w, piece, &text);
        end_turn(w, !written);
        if (!written) break;
    }
    buffer_finish(&text);
}

static void find_texts(struct writing *w)
{
    const struct table *table = w->sink->table;
    for (size_t i = 0; i < table_column_count(table) && w->text_count < TEXTS_MAX; i++) {
        struct printer printer = table_row_printer(table, i);
        if (!printer.print) w->texts[w->text_count++] = printer;
    }
}

bool rows_write(struct sink *sink, const struct order *order, unsigned threads, struct error *error)
{
    const struct sink_writer *writer = sink->writer;
    struct writing writing = {.sink = sink, .order = order, .error = error};
    size_t count = order->count;
    for (size_t i = 0; i < count && writer->measure; i++) writer->measure(sink, order_row(order, i));
    if (writer->begin) writer->begin(sink);
    if (count) {
        find_texts(&writing);
        pthread_mutex_init(&writing.mutex, NULL);
        pthread_cond_init(&writing.change, NULL);
        if (threads > (count + PIECE_ROWS - 1) / PIECE_ROWS) threads = (unsigned)((count + PIECE_ROWS - 1) / PIECE_ROWS);
        parallel_run(threads, write_pieces, &writing);
        pthread_cond_destroy(&writing.change);
        pthread_mutex_destroy(&writing.mutex);
    }
    if (writer->end) writer->end(sink);
    return !writing.failed;
}
