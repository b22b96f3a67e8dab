/* SPDX-License-Identifier: MIT
 * An order book: a nested array of changes, walked with the JSON reader. */
#include "oracle.h"

struct book {
    etl_string product;
    etl_json changes;
};
ETL_EVENT(book, ETL_FIELD(book, product), ETL_FIELD(book, changes));

struct level {
    etl_string product, side;
    etl_decimal price, size;
};
ETL_EFFECT(level, ETL_KEY(level, product), ETL_KEY(level, side), ETL_KEY(level, price), ETL_LAST(level, size));

static etl_result handle_change(struct etl_context *context, etl_string product, etl_json change)
{
    etl_json items[3];
    etl_string side;
    etl_decimal price, size;

    if (etl_json_type(change) != ETL_JSON_ARRAY || etl_json_count(change) != 3)
        return etl_reject(context, "a change is no triple");
    for (size_t i = 0; i < 3; i++) etl_json_at(change, i, &items[i]);
    if (!etl_json_string(context, items[0], &side)) return etl_reject(context, "a side is no string");
    if (!etl_json_decimal(items[1], &price) || !etl_json_decimal(items[2], &size))
        return etl_reject(context, "a price or size is no decimal");
    if (etl_decimal_is_zero(size)) return etl_remove(context, level, .product = product, .side = side, .price = price);
    return etl_emit(context, level, .product = product, .side = side, .price = price, .size = size);
}

static etl_result handle_book(struct etl_context *context, const void *event)
{
    const struct book *b = event;
    struct etl_json_iterator changes = etl_json_iterate(b->changes);
    etl_json change;

    if (etl_json_type(b->changes) != ETL_JSON_ARRAY) return etl_reject(context, "the changes are no array");
    while (etl_json_next(&changes, &change)) handle_change(context, b->product, change);
    return ETL_OK;
}

ETL_PLUGIN("book", "1.0.0", "An order book")
{
    etl_handle(host, .event_type = "book", .event = &book, .handle = handle_book, .emits = {&level});
    return ETL_OK;
}
