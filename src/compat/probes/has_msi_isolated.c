// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device can be asked whether it can only raise interrupts that are its own.
 *
 * since: 6.3, el9.4
 * export: msi_device_has_isolated_msi
 */
#include <linux/msi.h>

static inline void has_msi_isolated(void)
{
	bool (*fn)(struct device *dev) = msi_device_has_isolated_msi;

	(void)fn;
}
