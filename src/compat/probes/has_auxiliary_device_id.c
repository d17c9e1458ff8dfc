// SPDX-License-Identifier: GPL-2.0-only
/*
 * There is an auxiliary bus, whether or not mlx5_core has devices on it.
 *
 * since: 5.11, el8.6
 */
#include <linux/mod_devicetable.h>

static inline void has_auxiliary_device_id(void)
{
	(void)sizeof(struct auxiliary_device_id);
}
