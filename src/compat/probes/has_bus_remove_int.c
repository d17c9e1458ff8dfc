// SPDX-License-Identifier: GPL-2.0-only
/*
 * bus_type.remove() returns a value that nobody can use.
 *
 * since: until 5.14
 */
#include <linux/device.h>

static inline void has_bus_remove_int(void)
{
	int (*remove)(struct device *dev) = NULL;
	struct bus_type bus = { .remove = remove };

	(void)bus;
}
