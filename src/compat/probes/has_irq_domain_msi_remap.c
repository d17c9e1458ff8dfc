// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupt domain of the platform says whether interrupts of devices can be told apart. It
 * need not be an exported function: without CONFIG_IRQ_DOMAIN_HIERARCHY it is an inline one.
 *
 * since: 4.12, until 6.2
 */
#include <linux/irqdomain.h>

static inline void has_irq_domain_msi_remap(void)
{
	bool (*fn)(void) = irq_domain_check_msi_remap;

	(void)fn;
}
