/* SPDX-License-Identifier: GPL-2.0-only */
/* interrupt.h: userspace stand-in for the test of vp_vdpa. */
#ifndef UNIT_VP_INTERRUPT_H
#define UNIT_VP_INTERRUPT_H

#include <linux/cpumask.h>

typedef int irqreturn_t;
typedef irqreturn_t (*irq_handler_t)(int irq, void *data);

#define IRQ_NONE 0
#define IRQ_HANDLED 1
#define IRQF_SHARED 0x80

/* Implemented by ../../fake_function.c. */
int request_irq(unsigned int irq, irq_handler_t handler, unsigned long flags, const char *name,
		void *data);
void free_irq(unsigned int irq, void *data);
int irq_set_affinity_and_hint(unsigned int irq, const struct cpumask *mask);

#endif
