// SPDX-License-Identifier: GPL-2.0-only
/*
 * group_cpus_evenly() says how many of the returned masks are in use.
 *
 * since: 6.17
 * export: group_cpus_evenly
 */
#include <linux/group_cpus.h>

static inline void has_group_cpus_evenly_nummasks(void)
{
	struct cpumask *(*fn)(unsigned int numgrps, unsigned int *nummasks) = group_cpus_evenly;

	(void)fn;
}
