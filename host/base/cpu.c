/* SPDX-License-Identifier: MIT
 * The processor's features, asked once. */
#include "base/cpu.h"

#include <stdlib.h>

bool cpu_has_avx2(void)
{
#ifdef __x86_64__
    if (getenv("ETL_HOST_PLAIN")) return false;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
#else
    return false;
#endif
}
