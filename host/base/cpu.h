/* SPDX-License-Identifier: MIT
 * cpu: what this processor supports beyond its baseline. Code compiled for more has a
 * variant for each level. */
#ifndef BASE_CPU_H
#define BASE_CPU_H

#include <stdbool.h>

/* AVX2, BMI and BMI2. False when ETL_HOST_PLAIN is in the environment, which lets
 * tests take the plain variant. */
bool cpu_has_avx2(void);

#endif
