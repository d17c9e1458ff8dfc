// SPDX-License-Identifier: GPL-2.0-only
/*
 * bus_type.remove() returns nothing.
 *
 * since: 5.15, el9.2
 */
#include <linux/device.h>

static inline void has_bus_remove_void(void)
{
	void (*remove)(struct device *dev) = NULL;
	struct bus_type bus = { .remove = remove };

	(void)bus;
}
