/* SPDX-License-Identifier: MIT */
#include "zoo.h"

struct detail {
    int64_t account_id;
    etl_json value;
};
ETL_EFFECT(detail, ETL_KEY(detail, account_id), ETL_LAST(detail, value));

ZOO_HANDLER_WITH(.emits = {&position, &detail})
{
    return etl_emit(context, detail, .account_id = t->account_id, .value = ETL_JSON("null"));
}
