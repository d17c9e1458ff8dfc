// SPDX-License-Identifier: GPL-2.0-only
/*
 * bus_type.match() gets a driver it could change.
 *
 * since: until 6.10
 */
#include <linux/device.h>

static inline void has_bus_match_plain(void)
{
	int (*match)(struct device *dev, struct device_driver *drv) = NULL;
	struct bus_type bus = { .match = match };

	(void)bus;
}
