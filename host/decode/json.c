/* SPDX-License-Identifier: MIT
 * Validation of a single JSON value. */
#include "base/memory.h"
#include "decode/decode.h"
#include "decode/scan.h"

#include <stdlib.h>
#include <string.h>

enum { SCAN_PADDING = 64, SMALL = 1024 };

bool json_valid(const char *data, size_t size)
{
    char small[SMALL + SCAN_PADDING];
    char *copy = size <= SMALL ? small : allocate(size + SCAN_PADDING);
    if (size) memcpy(copy, data, size);
    memset(copy + size, '\n', SCAN_PADDING);
    struct scan scan = {.end = copy + size};
    bool valid = scan_value(&scan, copy, DECODE_DEPTH_MAX - 1) == scan.end;
    if (copy != small) free(copy);
    return valid;
}
