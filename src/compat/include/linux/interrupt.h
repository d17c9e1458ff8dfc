/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/interrupt.h: where an interrupt is to be handled.
 */
#ifndef VC_LINUX_INTERRUPT_H
#define VC_LINUX_INTERRUPT_H

#include_next <linux/interrupt.h>

/*
 * VC_HAS_IRQ_SET_AFFINITY_AND_HINT: 5.17 (el8.7, el9.1). Before, irq_set_affinity_hint() did the
 * same. Remove when nothing older is supported.
 */
#if !VC_HAS_IRQ_SET_AFFINITY_AND_HINT
static inline int vc_irq_set_affinity_and_hint(unsigned int irq, const struct cpumask *m)
{
	return irq_set_affinity_hint(irq, m);
}
#define irq_set_affinity_and_hint(irq, m) vc_irq_set_affinity_and_hint(irq, m)
#endif

#endif /* VC_LINUX_INTERRUPT_H */
