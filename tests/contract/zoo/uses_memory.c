/* SPDX-License-Identifier: MIT */
#include "zoo.h"

ZOO_HANDLER
{
    for (size_t bytes = 1; bytes < 300000; bytes *= 3) {
        unsigned char *memory = etl_allocate(context, bytes);
        if (memory[0] || memory[bytes - 1] || (uintptr_t)memory % _Alignof(max_align_t))
            return etl_fail(context, "memory is not fresh");
        memset(memory, 0xAA, bytes);
    }
    etl_log(context, ETL_WARNING, "two\nlines");
    return emit_position(context, t);
}
