/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_INIT
{
    etl_handle(host, .event_type = "trade", .event = &trade);
    return ETL_OK;
}
