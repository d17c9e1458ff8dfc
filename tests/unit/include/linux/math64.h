/* SPDX-License-Identifier: GPL-2.0-only */
/* math64.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_MATH64_H
#define UNIT_LINUX_MATH64_H

#include <linux/types.h>

static inline u64 div_u64(u64 n, u32 d)
{
	return n / d;
}

static inline u64 div64_u64(u64 n, u64 d)
{
	return n / d;
}

#endif
