/* SPDX-License-Identifier: MIT */
#include <etl.h>

const struct etl_plugin_info etl_plugin_info = {ETL_MAGIC, sizeof(struct etl_plugin_info), ETL_ABI_MAJOR, ETL_ABI_MINOR, "zoo",
                                                "1.0.0", "No init"};
