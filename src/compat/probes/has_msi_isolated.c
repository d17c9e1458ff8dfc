// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device can be asked whether it can only raise interrupts that are its own. It need not be an
 * exported function: without CONFIG_GENERIC_MSI_IRQ it is an inline one.
 *
 * since: 6.3, el9.3
 */
#include <linux/msi.h>

static inline void has_msi_isolated(void)
{
	bool (*fn)(struct device *dev) = msi_device_has_isolated_msi;

	(void)fn;
}
