// SPDX-License-Identifier: GPL-2.0-only
/*
 * A bypass producer carries an anonymous token and is registered alone.
 *
 * since: 4.4, until 6.16
 */
#include <linux/irqbypass.h>

static inline void has_irq_bypass_token(void)
{
	int (*fn)(struct irq_bypass_producer *producer) = irq_bypass_register_producer;
	struct irq_bypass_producer producer = { .token = NULL };

	(void)fn;
	(void)producer;
}
