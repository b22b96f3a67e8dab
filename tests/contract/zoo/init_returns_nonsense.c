/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_INIT
{
    etl_handle(host, .event_type = "trade", .handle = handle_nothing);
    return (etl_result)42;
}
