/* SPDX-License-Identifier: GPL-2.0-only */
/* log2.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_LOG2_H
#define UNIT_LINUX_LOG2_H

#include <linux/bitops.h>

#define ilog2(x) (fls64(x) - 1)
#define is_power_of_2(x) ((x) != 0 && ((x) & ((x) - 1)) == 0)
#define roundup_pow_of_two(x) ((x) <= 1 ? 1ULL : 1ULL << fls64((x) - 1))

#endif
