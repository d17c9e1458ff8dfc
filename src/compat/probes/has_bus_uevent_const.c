// SPDX-License-Identifier: GPL-2.0-only
/*
 * bus_type.uevent() gets a constant device.
 *
 * since: 6.3, el9.4
 */
#include <linux/device.h>

static inline void has_bus_uevent_const(void)
{
	int (*uevent)(const struct device *dev, struct kobj_uevent_env *env) = NULL;
	struct bus_type bus = { .uevent = uevent };

	(void)bus;
}
