/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_INIT
{
    struct etl_handler handler = {.size = 16, .event_type = "trade", .handle = handle_nothing};
    return etl_register_handler(host, &handler);
}
