/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/auxiliary_bus.h: as much of the auxiliary bus as a driver for vnet devices of mlx5_core
 * needs.
 */
#ifndef VC_LINUX_AUXILIARY_BUS_H
#define VC_LINUX_AUXILIARY_BUS_H

/*
 * VC_HAS_MLX5_ADEV: until 5.10 (el8.4) there is no such bus, or mlx5_core has no devices on it.
 * What mlx5_core tells a registered interface is made to look like devices of the bus; see
 * src/compat/lib/mlx5_adev.c. There is one driver, driver.bus stays NULL.
 * Remove when nothing older than 5.11 is supported.
 */
#if VC_HAS_MLX5_ADEV
#include_next <linux/auxiliary_bus.h>
#else
#include <linux/device.h>
#include <linux/types.h>

struct auxiliary_device {
	struct device dev;
	const char *name;
	u32 id;
};

/*
 * VC_HAS_AUXILIARY_DEVICE_ID: a bus that mlx5_core does not use. modpost knows how large an entry
 * of its table is. Remove together with VC_HAS_MLX5_ADEV.
 */
#if VC_HAS_AUXILIARY_DEVICE_ID
#include <linux/mod_devicetable.h>
#else
struct auxiliary_device_id {
	char name[40];
	unsigned long driver_data;
};
#endif

struct auxiliary_driver {
	int (*probe)(struct auxiliary_device *auxdev, const struct auxiliary_device_id *id);
	void (*remove)(struct auxiliary_device *auxdev);
	const char *name;
	struct device_driver driver;
	const struct auxiliary_device_id *id_table;
};

static inline struct auxiliary_device *to_auxiliary_dev(struct device *dev)
{
	return container_of(dev, struct auxiliary_device, dev);
}

#define auxiliary_driver_register vc_auxiliary_driver_register
#define auxiliary_driver_unregister vc_auxiliary_driver_unregister

int auxiliary_driver_register(struct auxiliary_driver *driver);
void auxiliary_driver_unregister(struct auxiliary_driver *driver);
#endif

#endif /* VC_LINUX_AUXILIARY_BUS_H */
