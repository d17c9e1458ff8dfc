// SPDX-License-Identifier: GPL-2.0-only
/*
 * Must not compile: a wrong function type. If it does, no exact-type probe can be believed.
 */
#include <linux/types.h>

int canary_target(u64 value);

static inline void canary(void)
{
	int (*fn)(u32 value, void *more) = canary_target;

	(void)fn;
}
