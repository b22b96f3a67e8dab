/* SPDX-License-Identifier: MIT */
#include "zoo.h"

void zoo_is_defined_nowhere(void);

ZOO_HANDLER
{
    zoo_is_defined_nowhere();
    return ETL_OK;
}
