/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_INIT
{
    etl_register_handler(host, NULL);
    return ETL_OK;
}
