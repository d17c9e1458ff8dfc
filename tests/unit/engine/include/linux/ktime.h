/* SPDX-License-Identifier: GPL-2.0-only */
/* ktime.h: userspace stand-in for tests of the mapping engine, where no time passes. */
#ifndef UNIT_ENGINE_KTIME_H
#define UNIT_ENGINE_KTIME_H

#include <linux/types.h>

static inline u64 ktime_get_ns(void)
{
	return 0;
}

#endif
