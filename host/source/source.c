/* SPDX-License-Identifier: MIT
 * Blocks of whole lines from one file after another: kinds of streams, the buffer, and
 * lines that are too long. */
#define _GNU_SOURCE
#include "source/source_impl.h"
#include "base/memory.h"
#include "source/feeds.h"
#include "source/files.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Small enough to stay in the cache from read() until its lines are handled, large
 * enough to make the system call cheap. */
enum { BLOCK_SIZE = 256 * 1024, ALIGNMENT = 4096 };

/* The byte-order mark that some programs write before UTF-8. */
static const char mark[3] = "\xEF\xBB\xBF";

static const struct byte_stream_kind kinds[] = {
    {"gzip", {0x1f, 0x8b}, {0xff, 0xff}, 2, gzip_create},
    {"zstd", {0x28, 0xb5, 0x2f, 0xfd}, {0xff, 0xff, 0xff, 0xff}, 4, zstd_create},
    /* begins with a skippable frame */
    {"zstd", {0x50, 0x2a, 0x4d, 0x18}, {0xf0, 0xff, 0xff, 0xff}, 4, zstd_create},
};
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

/* The buffer belongs to one file. It holds lines that were given, from `start` whole
 * lines to give next, and from `lines_end` the beginning of a line. That beginning
 * moves to the front before more is read behind it. */
struct source {
    struct source_files files;
    size_t next_file;
    size_t block_size;
    uint64_t max_line;

    const char *name; /* of the current file */
    struct byte_stream *stream;
    bool mark_possible;    /* only a part of a byte-order mark was seen so far */
    /* of buffer[start], without the lines in `uncounted`, which are still to be
     * counted */
    uint64_t offset, line;
    const char *uncounted;
    size_t uncounted_size;
    feeds_counter *count_feeds;
    uint64_t received;     /* bytes read from the file */

    struct source_buffer own, *buffer; /* buffer: the one used last */
    size_t start, lines_end, end;      /* offsets in it */

    atomic_bool cancelled;
    atomic_uint_fast64_t taken; /* bytes as stored */
    bool failed; /* for good */
    struct error failure;
};

struct source *source_create(const struct config *config, struct diagnostics *diagnostics)
{
    struct source *source = allocate(sizeof *source);
    source->max_line = config->source.max_line;
    source->block_size = BLOCK_SIZE;
    source->buffer = &source->own;
    source->count_feeds = feeds_choose();
    source_files_find(&source->files, config, diagnostics);
    return source;
}

void source_set_block_size(struct source *source, size_t bytes)
{
    assert(bytes && !source->buffer->data);
    source->block_size = bytes;
}

size_t source_file_count(const struct source *source)
{
    return source->files.count;
}

const char *source_file_path(const struct source *source, size_t index)
{
    assert(index < source->files.count);
    return source->files.items[index].path;
}

uint64_t source_bytes(const struct source *source)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < source->files.count; i++) {
        if (!source->files.items[i].sized) return 0;
        bytes += source->files.items[i].size;
    }
    return bytes;
}

uint64_t source_bytes_read(const struct source *source)
{
    return atomic_load_explicit(&source->taken, memory_order_relaxed);
}

void source_destroy(struct source *source)
{
    if (!source) return;
    if (source->stream) source->stream->destroy(source->stream);
    source_files_finish(&source->files);
    source_buffer_finish(&source->own);
    free(source);
}

/* ---- a file */

static bool begins_like(const struct byte_stream_kind *kind, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size && i < kind->magic_size; i++)
        if ((bytes[i] & kind->mask[i]) != kind->magic[i]) return false;
    return true;
}

/* Puts the stream of the file's kind over the plain one. Peeks no further than needed:
 * a short first line of a pipe is not delayed. */
static struct byte_stream *recognise(struct byte_stream *plain, struct error *error)
{
    const unsigned char *bytes;
    ssize_t size = plain_peek(plain, 1, &bytes, error);
    for (size_t i = 0; size > 0 && i < KIND_COUNT; i++) {
        if (!begins_like(&kinds[i], bytes, (size_t)size)) continue;
        size = plain_peek(plain, kinds[i].magic_size, &bytes, error);
        if (size >= (ssize_t)kinds[i].magic_size && begins_like(&kinds[i], bytes, (size_t)size)) return kinds[i].create(plain);
    }
    if (size >= 0) return plain;
    plain->destroy(plain);
    return NULL;
}

static bool open_file(struct source *source, struct error *error)
{
    const struct source_file *file = &source->files.items[source->next_file++];
    struct error reason;
    struct byte_stream *stream = plain_open(file->path ? file->name : NULL, &source->cancelled, &source->taken, &reason);
    if (stream) stream = recognise(stream, &reason);
    if (!stream) return error_set(error, "cannot read '%s': %s", file->name, reason.text);
    source->stream = stream;
    source->name = file->name;
    source->mark_possible = true;
    source->offset = source->received = 0;
    source->line = 1;
    source->start = source->lines_end = source->end = 0;
    return true;
}

static void close_file(struct source *source)
{
    source->stream->destroy(source->stream);
    source->stream = NULL;
}

/* Reads the next bytes to buffer[at]. Returns their number; 0: the end of the file;
 * -1: an error. */
static ssize_t receive(struct source *source, size_t at, struct error *error)
{
    struct error reason;
    size_t room = source->buffer->capacity - at, size = room < source->block_size ? room : source->block_size;
    ssize_t count = source->stream->read(source->stream, source->buffer->data + at, size, &reason);
    if (count < 0)
        error_set(error, "cannot read '%s' at byte %llu, in line %llu: %s", source->name, (unsigned long long)source->received,
                  (unsigned long long)source->line, reason.text);
    else source->received += (uint64_t)count;
    return count;
}

/* ---- the buffer */

/* Keeps the first `used` bytes. */
static void buffer_resize(struct source_buffer *buffer, size_t capacity, size_t used)
{
    void *data;
    if (posix_memalign(&data, ALIGNMENT, capacity + SOURCE_PADDING)) die_without_memory();
    if (used) memcpy(data, buffer->data, used);
    memset((char *)data + used, 0, capacity + SOURCE_PADDING - used);
    free(buffer->data);
    *buffer = (struct source_buffer){data, capacity};
}

static void resize(struct source *source, size_t capacity)
{
    buffer_resize(source->buffer, capacity, source->end);
}

/* Moves bytes that were read but not given yet to another buffer. */
static void change_buffer(struct source *source, struct source_buffer *to)
{
    size_t kept = source->end - source->start;
    if (to == source->buffer) return;
    if (to->capacity < kept || !to->data) buffer_resize(to, kept > source->block_size ? kept : source->block_size, 0);
    if (kept) memcpy(to->data, source->buffer->data + source->start, kept);
    source->buffer = to;
    source->lines_end = source->lines_end > source->start ? source->lines_end - source->start : 0;
    source->end = kept;
    source->start = 0;
}

void source_buffer_finish(struct source_buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct source_buffer){0};
}

/* Enough for a line of max_line, its line end, and a block behind it. */
static size_t capacity_max(const struct source *source)
{
    uint64_t more = source->block_size + 2 + sizeof mark;
    return source->max_line < SIZE_MAX / 2 - more ? (size_t)(source->max_line + more) : SIZE_MAX / 2;
}

static void move_to_front(struct source *source)
{
    size_t kept = source->end - source->start;
    if (source->start && kept) memmove(source->buffer->data, source->buffer->data + source->start, kept);
    source->start = source->lines_end = 0;
    source->end = kept;
}

static void make_room(struct source *source)
{
    move_to_front(source);
    if (!source->buffer->data) resize(source, source->block_size);
    if (source->end < source->buffer->capacity) return;
    size_t limit = capacity_max(source);
    resize(source, source->buffer->capacity < limit / 2 ? source->buffer->capacity * 2 : limit);
}

/* Skips a file's byte-order mark, which is not part of its first line. */
static void skip_mark(struct source *source)
{
    size_t size = source->end < sizeof mark ? source->end : sizeof mark;
    bool same = !memcmp(source->buffer->data, mark, size);
    source->mark_possible = same && size < sizeof mark;
    if (same && size == sizeof mark) source->start = source->lines_end = source->offset = sizeof mark;
}

static void find_lines(struct source *source, size_t from)
{
    const char *last = memrchr(source->buffer->data + from, '\n', source->end - from);
    if (last) source->lines_end = (size_t)(last - source->buffer->data) + 1;
}

/* ---- blocks */

/* Number of bytes at the front in lines that are not over max_line. Checks once every
 * max_line bytes, which costs almost nothing. */
static size_t measure(const char *data, size_t size, uint64_t max_line)
{
    size_t at = 0;
    while (size - at > 0 && size - at - 1 > max_line) {
        const char *end = memrchr(data + at, '\n', max_line + 1);
        if (end) at = (size_t)(end - data) + 1;
        else if (data[at + max_line] == '\r' && data[at + max_line + 1] == '\n') at += max_line + 2;
        else return at;
    }
    return size;
}

static int give_lines(struct source *source, struct block *block, size_t size)
{
    const char *data = source->buffer->data + source->start;
    *block = (struct block){source->name, data, size, source->offset, source->line, 0};
    source->uncounted = data;
    source->uncounted_size = size;
    source->offset += size;
    source->start += size;
    return 1;
}

/* Gives the line at `data`, which is too long. It has been read completely: `size`
 * bytes without LF. */
static int give_oversize(struct source *source, struct block *block, char *data, uint64_t size, bool carriage_return)
{
    data[source->max_line] = '\n';
    *block = (struct block){source->name, data, source->max_line, source->offset, source->line, size - carriage_return};
    source->line++;
    source->offset += size + 1;
    return 1;
}

/* Gives whole lines in the buffer, up to the next one that is too long, or that one. */
static int give_whole(struct source *source, struct block *block)
{
    char *data = source->buffer->data + source->start;
    size_t size = measure(data, source->lines_end - source->start, source->max_line);
    if (size) return give_lines(source, block, size);
    const char *end = memchr(data + source->max_line, '\n', source->buffer->data + source->lines_end - data - source->max_line);
    size = (size_t)(end - data);
    source->start += size + 1;
    return give_oversize(source, block, data, size, data[size - 1] == '\r');
}

/* Gives a last line without LF. */
static int give_rest(struct source *source, struct block *block)
{
    char *data = source->buffer->data + source->start;
    size_t size = source->end - source->start;
    if (size <= source->max_line) {
        data[size] = '\n';
        return give_lines(source, block, size);
    }
    source->start = source->end;
    return give_oversize(source, block, data, size, false);
}

/* The line in the buffer is too long and goes on: keeps its first max_line bytes, and
 * counts the others as they are read. */
static int give_endless(struct source *source, struct block *block, struct error *error)
{
    move_to_front(source);
    size_t keep = source->max_line;
    uint64_t size = source->end;
    bool carriage_return = source->buffer->data[source->end - 1] == '\r';
    if (source->buffer->capacity < capacity_max(source)) resize(source, capacity_max(source));
    for (;;) {
        ssize_t count = receive(source, keep, error);
        if (count < 0) return -1;
        const char *rest = source->buffer->data + keep, *end = memchr(rest, '\n', (size_t)count);
        size_t part = end ? (size_t)(end - rest) : (size_t)count;
        if (part) carriage_return = rest[part - 1] == '\r';
        size += part;
        source->start = source->lines_end = keep + part + (end != NULL);
        source->end = keep + (size_t)count;
        if (!count) close_file(source);
        if (!count || end) break;
    }
    find_lines(source, source->start);
    return give_oversize(source, block, source->buffer->data, size, source->stream && carriage_return);
}

/* Is the line without an end yet over max_line, even if its last byte is the CR of a
 * CRLF? */
static bool is_too_long(const struct source *source)
{
    size_t size = source->end - source->start;
    return size > 1 && size - 1 > source->max_line;
}

static int next_block(struct source *source, struct block *block, struct error *error)
{
    for (;;) {
        if (source->lines_end > source->start) return give_whole(source, block);
        if (!source->stream) {
            if (source->next_file == source->files.count) return 0;
            if (!open_file(source, error)) return -1;
        }
        make_room(source);
        size_t from = source->end;
        ssize_t count = receive(source, from, error);
        if (count < 0) return -1;
        source->end += (size_t)count;
        if (!count) {
            close_file(source);
            if (source->end > source->start) return give_rest(source, block);
            continue;
        }
        if (source->mark_possible) skip_mark(source);
        find_lines(source, from);
        if (source->lines_end == source->start && is_too_long(source)) return give_endless(source, block, error);
    }
}

void source_tell_lines(struct source *source, uint64_t lines)
{
    if (source->uncounted_size) source->line += lines;
    source->uncounted_size = 0;
}

void source_count_lines(struct source *source)
{
    if (source->uncounted_size) source_tell_lines(source, source->count_feeds(source->uncounted, source->uncounted_size));
}

int source_next_into(struct source *source, struct source_buffer *buffer, struct block *block, struct error *error)
{
    assert(source->max_line > 0);
    source_count_lines(source);
    if (source->failed) {
        *error = source->failure;
        return -1;
    }
    change_buffer(source, buffer);
    int status = next_block(source, block, error);
    if (status < 0) {
        source->failed = true;
        source->failure = *error;
    }
    return status;
}

void source_cancel(struct source *source)
{
    atomic_store(&source->cancelled, true);
}

int source_next(struct source *source, struct block *block, struct error *error)
{
    return source_next_into(source, &source->own, block, error);
}
