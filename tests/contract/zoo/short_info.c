/* SPDX-License-Identifier: MIT */
#include <etl.h>

const struct etl_plugin_info etl_plugin_info = {ETL_MAGIC, 16, ETL_ABI_MAJOR, ETL_ABI_MINOR, "zoo", "1.0.0",
                                                "A struct that is too short"};

etl_result etl_plugin_init(struct etl_host *host)
{
    return etl_host_fail(host, "init must not be reached");
}
