/* SPDX-License-Identifier: MIT
 * Keys with texts that are not in their words. */
#include "row/keys.h"

uint32_t hash_long_keys(const struct layout *layout, const void *row)
{
    uint64_t words[ROW_BYTES_MAX / 8];
    memcpy(words, row, layout->key_words * 8);
    for (uint32_t i = 0; i < layout->key_count; i++) {
        uint64_t *text = words + layout->columns[i].at / 8;
        if (layout->columns[i].column.kind == ETL_KIND_STRING && text_is_long(text)) text[0] = 0;
    }
    return hash_words(words, layout->key_words);
}

bool long_keys_equal(const struct layout *layout, const uint64_t *a, const uint64_t *b)
{
    for (uint32_t i = 0; i < layout->key_count; i++) {
        const struct layout_column *c = &layout->columns[i];
        const uint64_t *x = a + c->at / 8, *y = b + c->at / 8;
        if (c->column.kind == ETL_KIND_STRING ? !text_equal(x, y) : memcmp(x, y, 8 * column_words(&c->column)) != 0) return false;
    }
    return true;
}
