/* SPDX-License-Identifier: MIT
 * Moves money between accounts: with partition_by, only within one. */
#include "oracle.h"

struct move {
    int64_t account_id, to;
    etl_decimal amount;
    bool look, has_look;
};
ETL_EVENT(move, ETL_FIELD(move, account_id), ETL_FIELD(move, to), ETL_FIELD(move, amount), ETL_OPTIONAL(move, look, has_look));

struct balance {
    int64_t account_id;
    etl_decimal amount;
};
ETL_EFFECT(balance, ETL_KEY(balance, account_id), ETL_SUM(balance, amount));

static etl_result handle_move(struct etl_context *context, const void *event)
{
    const struct move *m = event;

    if (m->look) {
        const struct balance *b = etl_lookup(context, balance, .account_id = m->to);
        return b ? ETL_OK : etl_reject(context, "account %" PRId64 " has no balance", m->to);
    }
    etl_emit(context, balance, .account_id = m->account_id, .amount = etl_decimal_negate(m->amount));
    etl_emit(context, balance, .account_id = m->to, .amount = m->amount);
    return ETL_OK;
}

struct sweep { int64_t to; };
ETL_EVENT(sweep, ETL_FIELD(sweep, to));

static etl_result handle_sweep(struct etl_context *context, const void *event)
{
    const struct sweep *s = event;
    return etl_remove(context, balance, .account_id = s->to);
}

ETL_PLUGIN("partition", "1.0.0", "Money that moves between accounts")
{
    /* its event does not say which partition it is of */
    if (etl_config_bool(host, "sweep", false))
        etl_handle(host, .event_type = "sweep", .event = &sweep, .handle = handle_sweep, .emits = {&balance});
    return etl_handle(host, .event_type = "move", .event = &move, .handle = handle_move, .emits = {&balance},
                      .reads = {&balance});
}
