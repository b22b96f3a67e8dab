/* SPDX-License-Identifier: MIT */
#include "zoo.h"

struct position_too {
    int64_t account_id;
    etl_string ticker;
    int64_t amount;
};
static const struct etl_field fields[] = {ETL_KEY(position_too, account_id), ETL_KEY(position_too, ticker),
                                          ETL_SUM(position_too, amount)};
static const struct etl_effect position_otherwise = {
    {sizeof(struct etl_effect), sizeof(struct position_too), sizeof(struct etl_field), 3, fields, "position"}};

ZOO_INIT
{
    return etl_handle(host, .event_type = "trade", .handle = handle_nothing, .emits = {&position_otherwise});
}
