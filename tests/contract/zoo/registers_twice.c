/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_INIT
{
    etl_handle(host, .event_type = "buy", .handle = handle_nothing);
    etl_handle(host, .event_type = "sell", .handle = handle_nothing);
    etl_handle(host, .event_type = "buy", .handle = handle_nothing);
    return ETL_OK;
}
