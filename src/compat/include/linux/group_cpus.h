/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/group_cpus.h: spreading processors over virtqueues.
 */
#ifndef VC_LINUX_GROUP_CPUS_H
#define VC_LINUX_GROUP_CPUS_H

#include <linux/cpumask.h>
#include <linux/slab.h>

#if VC_HAS_GROUP_CPUS_EVENLY_NUMMASKS || VC_HAS_GROUP_CPUS_EVENLY
#include_next <linux/group_cpus.h>
#endif

/*
 * VC_HAS_GROUP_CPUS_EVENLY_NUMMASKS: before 6.17 the number of masks in use was not returned; the
 * function was not exported before 6.3 (el9.4).
 * Remove when nothing older than 6.17 is supported.
 */
#if VC_HAS_GROUP_CPUS_EVENLY
static inline struct cpumask *vc_group_cpus_evenly(unsigned int numgrps, unsigned int *nummasks)
{
	struct cpumask *masks = group_cpus_evenly(numgrps);

	if (masks)
		*nummasks = numgrps;
	return masks;
}
#define group_cpus_evenly(numgrps, nummasks) vc_group_cpus_evenly(numgrps, nummasks)

#elif !VC_HAS_GROUP_CPUS_EVENLY_NUMMASKS
/* Neighbours in number share a group: close enough to sharing a cache on the old kernels. */
static inline struct cpumask *vc_group_cpus_evenly(unsigned int numgrps, unsigned int *nummasks)
{
	unsigned int cpu, i = 0, ncpus = num_possible_cpus();
	struct cpumask *masks;

	if (!numgrps)
		return NULL;
	masks = kcalloc(numgrps, sizeof(*masks), GFP_KERNEL);
	if (!masks)
		return NULL;

	for_each_possible_cpu(cpu) {
		cpumask_set_cpu(cpu, &masks[(u64)i * min(numgrps, ncpus) / ncpus]);
		i++;
	}
	*nummasks = min(numgrps, ncpus);
	return masks;
}
#define group_cpus_evenly(numgrps, nummasks) vc_group_cpus_evenly(numgrps, nummasks)
#endif

#endif /* VC_LINUX_GROUP_CPUS_H */
