/* SPDX-License-Identifier: MIT */
#include "zoo.h"

etl_result emit_elsewhere(struct etl_context *context, const struct trade *t);

etl_result emit_elsewhere(struct etl_context *context, const struct trade *t)
{
    return emit_position(context, t);
}
