/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_INIT
{
    etl_handle(host, .event_type = "trade", .handle = handle_nothing);
    etl_host_fail(host, "the first reason");
    etl_host_fail(host, "the second reason");
    return ETL_OK;
}
