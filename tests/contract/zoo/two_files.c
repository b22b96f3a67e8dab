/* SPDX-License-Identifier: MIT */
#include "zoo.h"

/* The declaration of `position` has an address in this file, and another in two_files_more.c, where effects are emitted. */
etl_result emit_elsewhere(struct etl_context *context, const struct trade *t);

ZOO_HANDLER
{
    return emit_elsewhere(context, t);
}
