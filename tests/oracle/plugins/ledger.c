/* SPDX-License-Identifier: MIT
 * Entries that are read before they are changed; what was read goes into another table, where the order shows. The state can be
 * partitioned by any of the three keys: an integer, a text, a decimal. */
#include "oracle.h"

struct transfer {
    int64_t account_id, to, mode;
    etl_string memo, note;
    etl_decimal price, amount;
};
ETL_EVENT(transfer, ETL_FIELD(transfer, account_id), ETL_FIELD(transfer, to), ETL_FIELD(transfer, mode),
          ETL_FIELD(transfer, memo), ETL_FIELD(transfer, note), ETL_FIELD(transfer, price), ETL_FIELD(transfer, amount));

struct entry {
    int64_t account_id;
    etl_string memo;
    etl_decimal price, amount;
    etl_string newest, oldest, least, most;
    int64_t n;
};
ETL_EFFECT(entry, ETL_KEY(entry, account_id), ETL_KEY(entry, memo), ETL_KEY(entry, price), ETL_SUM(entry, amount),
           ETL_LAST(entry, newest), ETL_FIRST(entry, oldest), ETL_MIN(entry, least), ETL_MAX(entry, most), ETL_COUNT(entry, n));

struct flow {
    int64_t to;
    etl_decimal amount, seen;
    etl_string before;
    int64_t n;
};
ETL_EFFECT(flow, ETL_KEY(flow, to), ETL_SUM(flow, amount), ETL_LAST(flow, seen), ETL_LAST(flow, before), ETL_COUNT(flow, n));

/* mode: bits of what to do: 1, 2, 4 of another account, memo, price than the event's; 8 look first; 16 remove; 32 refuse what is
 * more than was found */
static etl_result handle_transfer(struct etl_context *context, const void *event)
{
    const struct transfer *t = event;
    struct entry e = {.account_id = t->mode & 1 ? t->to : t->account_id,
                      .memo = t->mode & 2 ? ETL_STRING("another memo than the event's") : t->memo,
                      .price = t->mode & 4 ? etl_decimal_negate(t->price) : t->price,
                      .amount = t->amount, .newest = t->note, .oldest = t->note, .least = t->note, .most = t->note};
    const struct entry *found = NULL;

    if (t->mode & 8) found = etl_lookup(context, entry, .account_id = e.account_id, .memo = e.memo, .price = e.price);
    if (t->mode & 32 && (!found || etl_decimal_compare(found->amount, t->amount) < 0))
        return etl_reject(context, "not so much is there");
    etl_emit(context, flow, .to = t->to, .amount = t->amount, .seen = found ? found->amount : (etl_decimal){0},
             .before = found ? found->newest : (etl_string){0});
    if (t->mode & 16) return etl_remove(context, entry, .account_id = e.account_id, .memo = e.memo, .price = e.price);
    return etl_emit_record(context, &entry, &e);
}

ETL_PLUGIN("ledger", "1.0.0", "Entries that are read before they are changed")
{
    return etl_handle(host, .event_type = "transfer", .event = &transfer, .handle = handle_transfer, .emits = {&entry, &flow},
                      .reads = {&entry});
}
