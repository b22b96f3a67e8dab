/* SPDX-License-Identifier: MIT */
#include "reasons.h"
#include "base/memory.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The start of a text, not cut within a character. */
static void keep_start(char to[REASON_SIZE], etl_string text)
{
    size_t size = text.size;
    if (size >= REASON_SIZE)
        for (size = REASON_SIZE - 1; size && ((unsigned char)text.data[size] & 0xC0) == 0x80;) size--;
    memcpy(to, text.data, size);
    memset(to + size, 0, REASON_SIZE - size);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Where the number ends that begins here: 12, 1.5, 1,000. */
static const char *number_end(const char *at)
{
    while (is_digit(*at) || ((*at == '.' || *at == ',') && is_digit(at[1]))) at++;
    return at;
}

/* A number that is part of a name (user2) is none. */
static void make_form(char form[REASON_SIZE], const char *text)
{
    char *to = form, before = ' ';
    memset(form, 0, REASON_SIZE);
    while (*text) {
        bool number = is_digit(*text) && !isalnum((unsigned char)before) && before != '_';
        const char *end = number ? number_end(text) : text + 1;
        *to++ = number ? '#' : *text;
        before = end[-1];
        text = end;
    }
}

static uint32_t hash_of(const char *text, uint32_t seed)
{
    uint64_t hash = seed + UINT64_C(0xcbf29ce484222325);
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return (uint32_t)(hash ^ hash >> 32);
}

static bool is_same(const struct reason *a, const struct reason *b)
{
    return a->class == b->class && a->handler == b->handler && !strcmp(a->form, b->form);
}

void reasons_add(struct reasons *reasons, enum reject_class class, uint32_t handler, etl_string text)
{
    struct reason new = {.count = 1, .class = class, .handler = handler};
    keep_start(new.text, text);
    make_form(new.form, new.text);
    uint32_t hash = hash_of(new.form, handler * 4 + (uint32_t)class);
    for (uint32_t i = 0; i < reasons->count; i++) {
        struct reason *reason = &reasons->items[i];
        if (reasons->hashes[i] != hash || !is_same(reason, &new)) continue;
        reason->count++;
        reason->varies |= strcmp(reason->text, new.text) != 0;
        return;
    }
    if (!reasons->items) reasons->items = allocate(REASONS_MAX * sizeof *reasons->items);
    if (reasons->count == REASONS_MAX) {
        reasons->others++;
        return;
    }
    reasons->hashes[reasons->count] = hash;
    reasons->items[reasons->count++] = new;
}

static int by_count(const void *a, const void *b)
{
    const struct reason *x = *(const struct reason *const *)a, *y = *(const struct reason *const *)b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return x < y ? -1 : 1; /* in one array */
}

uint32_t reasons_rank(const struct reasons *reasons, const struct reason **ranked, uint32_t most, uint64_t *rest)
{
    const struct reason *all[REASONS_MAX];
    uint32_t count = reasons->count < most ? reasons->count : most;
    for (uint32_t i = 0; i < reasons->count; i++) all[i] = &reasons->items[i];
    qsort(all, reasons->count, sizeof(struct reason *), by_count);
    *rest = reasons->others;
    for (uint32_t i = 0; i < reasons->count; i++)
        if (i < count) ranked[i] = all[i];
        else *rest += all[i]->count;
    return count;
}

void reasons_finish(struct reasons *reasons)
{
    free(reasons->items);
    *reasons = (struct reasons){0};
}
