/* SPDX-License-Identifier: MIT
 * compiler: hints for the compiler, for code whose speed counts. */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

/* The condition is usually true, or usually false. The value is 0 or 1. */
#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)
/* INLINE: into every caller. NOINLINE: into none. COLD: kept away from the hot path. */
#define INLINE static inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))
#define COLD __attribute__((cold, noinline))
#define NORETURN __attribute__((noreturn))
/* Keeps a value in one register where the compiler would otherwise compute it twice. */
#define ONE_REGISTER(value) __asm__("" : "+r"(value))

#endif
