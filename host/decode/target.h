/* SPDX-License-Identifier: MIT
 * target: what meets every byte of a line is compiled twice, plainly and for AVX2, each with names of its own. */
#ifndef DECODE_TARGET_H
#define DECODE_TARGET_H

#ifndef DECODE_TARGET
#define DECODE_TARGET(name) name##_plain
#endif

#endif
