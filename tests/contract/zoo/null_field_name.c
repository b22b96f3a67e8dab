/* SPDX-License-Identifier: MIT */
#include "zoo.h"

static const struct etl_field fields[] = {{NULL, NULL, ETL_KIND_INT64, ETL_ROLE_FIELD, 0, 0, 0, 0}};
static const struct etl_event event = {{sizeof(struct etl_event), sizeof(struct trade), sizeof(struct etl_field), 1, fields,
                                        "event"}};

ZOO_INIT
{
    etl_handle(host, .event_type = "trade", .event = &event, .handle = handle_nothing);
    return ETL_OK;
}
