/* SPDX-License-Identifier: MIT */
#include "zoo.h"

struct total {
    double amount;
};
ETL_ROW(total, ETL_FIELD(total, amount));

ZOO_INIT
{
    etl_reduce(host, .effect = &position, .row = &total);
    return ETL_OK;
}
