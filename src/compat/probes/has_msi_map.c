// SPDX-License-Identifier: GPL-2.0-only
/*
 * There is a linux/msi_api.h, with what names an MSI-X vector.
 *
 * since: 6.2, el9.3
 */
#include <linux/pci.h>
#include <linux/msi_api.h>

static inline void has_msi_map(void)
{
	struct msi_map map = { .index = 0, .virq = 0 };

	(void)map;
	(void)MSI_ANY_INDEX;
}
