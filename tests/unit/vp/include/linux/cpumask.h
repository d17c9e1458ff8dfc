/* SPDX-License-Identifier: GPL-2.0-only */
/* cpumask.h: userspace stand-in for the test of vp_vdpa. */
#ifndef UNIT_VP_CPUMASK_H
#define UNIT_VP_CPUMASK_H

#include <linux/slab.h>

struct cpumask {
	unsigned long bits;
};

typedef struct cpumask *cpumask_var_t;

static inline bool cpumask_available(cpumask_var_t mask)
{
	return mask;
}

static inline bool zalloc_cpumask_var(cpumask_var_t *mask, gfp_t gfp)
{
	*mask = kzalloc(sizeof(**mask), gfp);
	return *mask;
}

static inline void free_cpumask_var(cpumask_var_t mask)
{
	kfree(mask);
}

static inline void cpumask_copy(struct cpumask *to, const struct cpumask *from)
{
	*to = *from;
}

#endif
