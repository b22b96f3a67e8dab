/* SPDX-License-Identifier: MIT
 * cpu: what this processor can do beyond what all of its kind can. What is compiled for that, too, has a name for each. */
#ifndef BASE_CPU_H
#define BASE_CPU_H

#include <stdbool.h>

/* AVX2, BMI and BMI2; never where the environment has ETL_HOST_PLAIN, for tests of the other way. */
bool cpu_has_avx2(void);

#endif
