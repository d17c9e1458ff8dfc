// SPDX-License-Identifier: GPL-2.0-only
/*
 * bus_type.match() gets a constant driver.
 *
 * since: 6.11, el10.0
 */
#include <linux/device.h>

static inline void has_bus_match_const_driver(void)
{
	int (*match)(struct device *dev, const struct device_driver *drv) = NULL;
	struct bus_type bus = { .match = match };

	(void)bus;
}
