/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_INIT
{
    etl_handle(host, .handle = handle_nothing);
    return ETL_OK;
}
