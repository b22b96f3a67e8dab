/* SPDX-License-Identifier: MIT
 * Reads the rows that a jsonl state sink wrote. They are loglines of a kind: the event type stands under "effect", and a
 * table's columns are the fields; each is taken as raw JSON and read here, since a sum may be larger than any field. */
#include "run/initial.h"
#include "base/fields.h"
#include "base/memory.h"
#include "decode/decoder.h"
#include "row/decimal_sum.h"
#include "row/fold.h"
#include "row/packed_string.h"
#include "source/source.h"
#include "state/state_impl.h"

/* One table's row as the decoder sees it. */
struct raw_table {
    struct table *table;
    struct etl_event event;
    struct etl_field *fields;
    size_t offset; /* of its struct in the decoder's frame */
};

struct raw_value {
    etl_json json;
    bool there;
};

struct reader {
    struct schema *schema;
    struct decoder *decoder;
    struct raw_table *tables;
    size_t count;
    struct scratch texts;
};

static bool reader_add_table(struct reader *reader, struct table *table, struct error *error)
{
    struct raw_table *raw = &reader->tables[reader->count++];
    size_t columns = table_column_count(table);
    raw->table = table;
    raw->fields = allocate(columns * sizeof *raw->fields);
    for (size_t i = 0; i < columns; i++)
        raw->fields[i] = (struct etl_field){
            .name = table_column(table, i)->name,
            .kind = ETL_KIND_JSON,
            .role = ETL_ROLE_FIELD,
            .optional = 1,
            .offset = (uint32_t)(i * sizeof(struct raw_value) + offsetof(struct raw_value, json)),
            .has_offset = (uint32_t)(i * sizeof(struct raw_value) + offsetof(struct raw_value, there)),
        };
    const uint32_t struct_size = (uint32_t)(columns * sizeof(struct raw_value));
    raw->event.record = (struct etl_record){.size = sizeof raw->event, .struct_size = struct_size,
                                            .field_size = sizeof *raw->fields, .field_count = (uint32_t)columns,
                                            .fields = raw->fields, .name = table_name(table)};
    unsigned event_type = schema_event_type(reader->schema, table_name(table));
    return schema_add_struct(reader->schema, event_type, &raw->event, &raw->offset, error);
}

static void reader_finish(struct reader *reader)
{
    for (size_t i = 0; i < reader->count; i++) free(reader->tables[i].fields);
    free(reader->tables);
    decoder_destroy(reader->decoder);
    schema_destroy(reader->schema);
    scratch_finish(&reader->texts);
}

static bool reader_init(struct reader *reader, struct state *state, struct error *error)
{
    *reader = (struct reader){.tables = allocate(state->count * sizeof *reader->tables)};
    reader->schema = schema_create("effect", error);
    for (size_t i = 0; i < state->count && reader->schema; i++)
        if (!reader_add_table(reader, state->tables[i], error)) return false;
    if (reader->schema) reader->decoder = decoder_create(reader->schema);
    return reader->schema;
}

/* A text that the row will own. */
static void read_text(struct reader *reader, etl_json json, bool is_json, uint64_t *to)
{
    char *bytes = scratch_allocate(&reader->texts, json.size);
    etl_string text = is_json ? text_in_one_line((etl_string){json.data, json.size}, &reader->texts)
                              : (etl_string){bytes, etl_json_unescape(json, bytes)};
    if (text.size <= TEXT_INLINE_MAX) text_pack_short(text, to);
    else text_pack_long(text, to);
}

/* Does the value read as its column? Sums are read in full. */
static bool read_value(struct reader *reader, const struct column *column, etl_json json, uint64_t *to)
{
    etl_string text = {json.data, json.size};
    etl_decimal decimal;
    bool is_true;
    if (column->role == ETL_ROLE_SUM && column->kind == ETL_KIND_INT64) {
        int128 total;
        if (!int128_parse(text, &total)) return false;
        to[0] = (uint64_t)total, to[1] = (uint64_t)(total >> 64);
        return true;
    }
    if (column->role == ETL_ROLE_SUM && column->kind == ETL_KIND_DECIMAL)
        return decimal_sum_parse(text, (struct decimal_sum *)to);
    switch (column->kind) {
    case ETL_KIND_INT64: return etl_json_int64(json, (int64_t *)to);
    case ETL_KIND_DOUBLE: return etl_json_double(json, (double *)to);
    case ETL_KIND_TIMESTAMP: return etl_json_timestamp(json, ETL_SECONDS, (etl_timestamp *)to);
    case ETL_KIND_BOOL:
        if (!etl_json_bool(json, &is_true)) return false;
        to[0] = is_true;
        return true;
    case ETL_KIND_DECIMAL:
        if (!etl_json_decimal(json, &decimal)) return false;
        if (column->role == ETL_ROLE_KEY) decimal = etl_decimal_normalize(decimal);
        to[0] = decimal.low, to[1] = (uint64_t)decimal.high, to[2] = (uint32_t)decimal.scale;
        return true;
    case ETL_KIND_STRING:
        if (etl_json_type(json) != ETL_JSON_STRING) return false;
        read_text(reader, json, false, to);
        return true;
    case ETL_KIND_JSON: read_text(reader, json, true, to); return true;
    }
    return false;
}

/* Counts and sums go on from here, and must not come to the end of their bits: there is room for 2^62 effects more. */
static bool has_room(const struct column *column, const uint64_t *words, struct error *error)
{
    const int128 most = (int128)1 << 126;
    if (column->role == ETL_ROLE_COUNT && words[0] > (uint64_t)1 << 62)
        return error_set(error, "field '%s' is not a count from 0 to 2^62", column->name);
    if (column->role != ETL_ROLE_SUM || column->kind != ETL_KIND_INT64) return true;
    int128 sum = decimal_coefficient(words[0], (int64_t)words[1]);
    return (sum >= -most && sum <= most) || error_set(error, "field '%s' is not a sum from -2^126 to 2^126", column->name);
}

static bool read_columns(struct reader *reader, const struct raw_table *raw, const struct raw_value *values, char *row,
                         struct error *error)
{
    const struct layout *layout = &raw->table->row_layout;
    size_t there = 0;
    for (uint32_t i = 0; i < layout->column_count; i++) {
        const struct layout_column *c = &layout->columns[i];
        if (!values[i].there) {
            if (!c->column.optional) return error_set(error, "field '%s' is missing", c->column.name);
            continue;
        }
        there++;
        if (c->column.optional) *(uint64_t *)(row + layout->present_at) |= (uint64_t)1 << i;
        if (!read_value(reader, &c->column, values[i].json, (uint64_t *)(row + c->at)))
            return error_set(error, "field '%s' is not %s that fits", c->column.name, kinds[c->column.kind].phrase);
        if (!has_room(&c->column, (const uint64_t *)(row + c->at), error)) return false;
    }
    if (there + 1 != decoder_member_count(reader->decoder))
        return error_set(error, "a row of '%s' has a field that the table does not have", table_name(raw->table));
    return true;
}

static bool read_row(struct reader *reader, const struct raw_table *raw, struct error *error)
{
    struct table *table = raw->table;
    uint64_t row[ROW_BYTES_MAX / 8] = {0};
    const struct raw_value *values = (const void *)((const char *)decoder_frame(reader->decoder) + raw->offset);
    scratch_reset(&reader->texts);
    bool ok = read_columns(reader, raw, values, (char *)row, error);
    uint32_t hash = ok ? table_hash(table, row) : 0;
    struct shard *shard = ok ? &table->shards[table_shard(table, row, hash)] : NULL;
    if (ok && shard_find(table, shard, row, hash))
        ok = error_set(error, "a row of '%s' with these keys stands before", table_name(table));
    if (ok) shard_insert(table, shard, row, hash);
    else row_release_sums(&table->row_layout, (char *)row);
    return ok;
}

static bool read_line(struct reader *reader, const struct logline *line, struct error *error)
{
    if (logline_full_size(line) > line->size) return error_set(error, "the line is longer than 1 GiB, a limit of etl-host");
    struct judged judged = decoder_decode(reader->decoder, line->data, line->size);
    switch (judged.verdict) {
    case VERDICT_BLANK: return true;
    case VERDICT_EVENT: return read_row(reader, &reader->tables[judged.event_type], error);
    case VERDICT_UNHANDLED: {
        etl_string name = decoder_event_type(reader->decoder);
        return error_set(error, "no plugin declares effect '%.*s'", (int)(name.size < 200 ? name.size : 200), name.data);
    }
    default: return error_set(error, "%s", decoder_reason(reader->decoder));
    }
}

bool initial_read(struct state *state, struct source *source, struct error *error)
{
    struct reader reader;
    struct block block;
    struct logline line;
    int got = 0;
    bool ok = reader_init(&reader, state, error);
    while (ok && (got = source_next(source, &block, error)) > 0) {
        struct block_lines lines = block_lines(&block);
        while (ok && block_lines_next(&lines, &line)) {
            struct error why;
            if (!read_line(&reader, &line, &why))
                ok = error_set(error, "%s:%" PRIu64 ": %s", logline_source(&line), logline_line(&line), why.text);
        }
    }
    reader_finish(&reader);
    return ok && got == 0;
}
