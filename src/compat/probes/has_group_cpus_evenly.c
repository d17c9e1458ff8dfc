// SPDX-License-Identifier: GPL-2.0-only
/*
 * group_cpus_evenly() spreads processors over groups and returns one mask per group.
 *
 * since: 6.3, el9.4, until 6.16
 * export: group_cpus_evenly
 */
#include <linux/group_cpus.h>

static inline void has_group_cpus_evenly(void)
{
	struct cpumask *(*fn)(unsigned int numgrps) = group_cpus_evenly;

	(void)fn;
}
