// SPDX-License-Identifier: GPL-2.0-only
/*
 * group_cpus_evenly() exists, whatever it looks like.
 *
 * since: 6.3, el9.4
 * export: group_cpus_evenly
 */
#include <linux/group_cpus.h>

static inline void has_group_cpus_any(void)
{
	(void)sizeof(&group_cpus_evenly);
}
