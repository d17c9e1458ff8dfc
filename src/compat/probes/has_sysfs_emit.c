// SPDX-License-Identifier: GPL-2.0-only
/*
 * sysfs_emit() writes an attribute without overrunning its page.
 *
 * since: 5.10, el8.6
 */
#include <linux/sysfs.h>

static inline void has_sysfs_emit(void)
{
	int (*fn)(char *buf, const char *fmt, ...) = sysfs_emit;

	(void)fn;
}
