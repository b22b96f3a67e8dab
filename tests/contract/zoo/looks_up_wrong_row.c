/* SPDX-License-Identifier: MIT */
#include "zoo.h"

struct total {
    double amount;
};
ETL_ROW(total, ETL_FIELD(total, amount));

ZOO_HANDLER_WITH(.emits = {&position}, .reads = {&position})
{
    return etl_lookup_row(context, position, total, .account_id = 1, .ticker = t->ticker) ? ETL_OK : ETL_OK;
}
