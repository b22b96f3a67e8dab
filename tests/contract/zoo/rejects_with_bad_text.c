/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    return etl_reject(context, "not \xC3\xA9 but \xE9");
}
