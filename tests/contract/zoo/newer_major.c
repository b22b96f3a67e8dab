/* SPDX-License-Identifier: MIT */
#include <etl.h>

const struct etl_plugin_info etl_plugin_info = {ETL_MAGIC, sizeof(struct etl_plugin_info), ETL_ABI_MAJOR + 1, 0, "zoo", "1.0.0",
                                                "Of another age"};

etl_result etl_plugin_init(struct etl_host *host)
{
    return etl_host_fail(host, "init must not be reached");
}
