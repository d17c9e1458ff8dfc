// SPDX-License-Identifier: GPL-2.0-only
/*
 * Setting the affinity of an interrupt and leaving a hint are one function.
 *
 * since: 5.17, el8.7, el9.1
 */
#include <linux/interrupt.h>

static inline void has_irq_set_affinity_and_hint(void)
{
	int (*fn)(unsigned int irq, const struct cpumask *m) = irq_set_affinity_and_hint;

	(void)fn;
}
