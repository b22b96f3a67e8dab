/* SPDX-License-Identifier: MIT
 * Any bytes as a logline, against a schema of all kinds: nothing is read outside of the line and its padding, what is malformed
 * agrees with the reader of single values, and what is decoded is what the SDK's reader finds in the raw text. */
#include "base/memory.h"
#include "base/utf8.h"
#include "decode/decoder.h"
#include "source/source.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

struct all {
    etl_string event_type, s, deep;
    int64_t i;
    double d;
    bool b;
    etl_decimal x;
    etl_timestamp t, ms;
    etl_json j, ri, rd, rx, rt, rs, outer;
    bool has_s, has_deep, has_i, has_d, has_b, has_x, has_t, has_ms, has_j, has_ri, has_rd, has_rx, has_rt, has_rs, has_outer;
};
ETL_EVENT(all, ETL_EVENT_TYPE(all, event_type), ETL_OPTIONAL(all, s, has_s), ETL_OPTIONAL(all, i, has_i),
          ETL_OPTIONAL(all, d, has_d), ETL_OPTIONAL(all, b, has_b), ETL_OPTIONAL(all, x, has_x), ETL_OPTIONAL(all, t, has_t),
          ETL_OPTIONAL_TIMESTAMP_AT(all, ms, has_ms, "t", ETL_MILLISECONDS), ETL_OPTIONAL(all, j, has_j),
          ETL_OPTIONAL_AT(all, rs, has_rs, "s"), ETL_OPTIONAL_AT(all, ri, has_ri, "i"), ETL_OPTIONAL_AT(all, rd, has_rd, "d"),
          ETL_OPTIONAL_AT(all, rx, has_rx, "x"), ETL_OPTIONAL_AT(all, rt, has_rt, "t"),
          ETL_OPTIONAL_AT(all, deep, has_deep, "o.p.q"), ETL_OPTIONAL_AT(all, outer, has_outer, "o"));

static void must(bool holds)
{
    if (!holds) abort();
}

static void check_raw(etl_json raw)
{
    must(raw.size && json_valid(raw.data, raw.size));
}

static void check_event(const struct all *a)
{
    int64_t i;
    double d;
    etl_decimal x;
    etl_timestamp t;
    if (a->has_j) check_raw(a->j);
    if (a->has_outer) check_raw(a->outer);
    if (a->has_s) {
        char *text = allocate(a->rs.size);
        must(etl_json_unescape(a->rs, text) == a->s.size && !memcmp(text, a->s.size ? a->s.data : "", a->s.size));
        free(text);
        must(utf8_valid(a->s.data, a->s.size));
    }
    if (a->has_i) must(etl_json_int64(a->ri, &i) && i == a->i);
    if (a->has_d) must(isfinite(a->d) && etl_json_double(a->rd, &d) && !memcmp(&d, &a->d, sizeof d));
    if (a->has_x) must(etl_decimal_is_valid(a->x) && etl_json_decimal(a->rx, &x) && etl_decimal_equal(x, a->x));
    if (a->has_t) must(etl_json_timestamp(a->rt, ETL_SECONDS, &t) && t.ns == a->t.ns);
    if (a->has_ms) must(etl_json_timestamp(a->rt, ETL_MILLISECONDS, &t) && t.ns == a->ms.ns);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void check_line(struct decoder *decoder, const struct all *event, const char *line, size_t size)
{
    struct judged judged = decoder_decode(decoder, line, size);
    enum verdict verdict = judged.verdict;
    const char *end = judged.end; /* of the first line */
    while (line < end && is_space(*line)) line++;
    while (line < end && is_space(end[-1])) end--;
    must((verdict == VERDICT_BLANK) == (line == end));
    if (verdict == VERDICT_BLANK) return;
    bool broken = verdict == VERDICT_MALFORMED && !strncmp(decoder_reason(decoder), "invalid JSON", 12);
    if (*line == '{') must(broken != json_valid(line, (size_t)(end - line)));
    else must(verdict == VERDICT_MALFORMED);
    const char *reason = decoder_reason(decoder);
    if (verdict != VERDICT_EVENT) must(*reason && utf8_valid(reason, strlen(reason)));
    if (verdict == VERDICT_EVENT) check_event(event);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes as a line, and then as the members of an event: {"event_type":"e",...}. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char head[] = "{\"event_type\":\"e\",";
    struct error error;
    size_t offset = 0, before = sizeof head - 1;
    struct schema *schema = schema_create("event_type", &error);
    must(schema && schema_add_struct(schema, schema_event_type(schema, "e"), &all, &offset, &error));
    struct decoder *decoder = decoder_create(schema);
    const struct all *event = (const void *)((char *)decoder_frame(decoder) + offset);
    for (int wrapped = 0; wrapped < 2; wrapped++) {
        size_t whole = wrapped ? before + size + 1 : size;
        char *line = allocate(whole + SOURCE_PADDING);
        if (wrapped) memcpy(line, head, before), line[whole - 1] = '}';
        if (size) memcpy(line + (wrapped ? before : 0), data, size);
        memset(line + whole, '\n', SOURCE_PADDING);
        for (int learned = 0; learned < 2; learned++) check_line(decoder, event, line, whole);
        free(line);
    }
    json_valid((const char *)data, size);
    decoder_destroy(decoder);
    schema_destroy(schema);
    return 0;
}
