/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ETL_PLUGIN("good", "2.0.0", "Has the name of another")
{
    return etl_handle(host, .event_type = "trade", .handle = handle_nothing);
}
