/* SPDX-License-Identifier: MIT
 * Creation of decoders, and the reasons that they give. */
#include "decode/decoder.h"
#include "base/cpu.h"
#include "base/glyph.h"
#include "base/utf8.h"

#include <stdlib.h>

static line_decoder *line_choose(void)
{
#ifdef __x86_64__
    if (cpu_has_avx2()) return line_decode_avx2;
#endif
    return line_decode_plain;
}

struct decoder *decoder_create(const struct schema *schema)
{
    struct decoder *decoder = allocate(sizeof *decoder);
    size_t frame = schema->frame_size ? schema->frame_size : FRAME_ALIGNMENT;
    decoder->schema = schema;
    /* wraps early, so that the wrap is exercised often and not only after days */
    decoder->line = UINT32_MAX - 100;
    decoder->reading.slots = allocate(schema->node_count * sizeof *decoder->reading.slots);
    decoder->key = allocate(schema->keys.limit * 6 + KEY_PADDING);
    decoder->reason = allocate(sizeof *decoder->reason);
    /* matches no key */
    for (size_t i = 0; i < KNOWN_KEYS; i++) decoder->known[i] = (struct known_key){.literal = "\n", .mask = 1};
    if (!(decoder->reading.frame = aligned_alloc(FRAME_ALIGNMENT, frame))) die_without_memory();
    memset(decoder->reading.frame, 0, frame);
    decoder->shapes = shapes_create(schema, &decoder->reading);
    decoder->decode_unshaped = line_choose();
    return decoder;
}

void decoder_destroy(struct decoder *decoder)
{
    if (!decoder) return;
    shapes_destroy(decoder->shapes);
    scratch_finish(&decoder->reading.scratch);
    free(decoder->reading.slots);
    free(decoder->key);
    free(decoder->reason);
    free(decoder->reading.frame);
    free(decoder);
}

void *decoder_frame(const struct decoder *decoder)
{
    return decoder->reading.frame;
}

/* An event type may be any text: the reason shows its start, without characters that a
 * terminal obeys. */
static void explain_unhandled(const struct decoder *decoder)
{
    char text[100];
    etl_string type = decoder->reading.event_type;
    size_t size = 0;
    for (size_t length; size < type.size && (length = utf8_length(type.data + size, type.size - size)) <= sizeof text - 4 - size;
         size += length)
        memcpy(text + size, type.data + size, length);
    for (size_t i = 0; i < size; i++)
        if (!text[i]) text[i] = '?';
    memcpy(text + size, "...", 4);
    if (size == type.size) text[size] = 0;
    glyphs_clean(text, '?');
    error_set(decoder->reason, "no handler for event type '%s'", text);
}

const char *decoder_reason(const struct decoder *decoder)
{
    if (decoder->unhandled) explain_unhandled(decoder);
    return decoder->reason->text;
}

etl_string decoder_event_type(const struct decoder *decoder)
{
    return decoder->reading.event_type;
}

size_t decoder_member_count(const struct decoder *decoder)
{
    return decoder->reading.member_count;
}
