/* SPDX-License-Identifier: GPL-2.0-only */
/* bits.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_BITS_H
#define UNIT_LINUX_BITS_H

#include <linux/types.h>

#define BITS_PER_LONG (8 * (int)sizeof(long))
#define BITS_PER_LONG_LONG 64
#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define GENMASK(h, l) ((~0UL << (l)) & (~0UL >> (BITS_PER_LONG - 1 - (h))))
#define GENMASK_ULL(h, l) ((~0ULL << (l)) & (~0ULL >> (63 - (h))))

#endif
