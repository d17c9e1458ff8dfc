// SPDX-License-Identifier: GPL-2.0-only
/*
 * A bypass producer is registered with the eventfd context and the interrupt number, instead of
 * carrying an anonymous token.
 *
 * since: 6.17
 */
#include <linux/irqbypass.h>

static inline void has_irq_bypass_eventfd(void)
{
	int (*fn)(struct irq_bypass_producer *producer, struct eventfd_ctx *eventfd,
		  int irq) = irq_bypass_register_producer;

	(void)fn;
}
