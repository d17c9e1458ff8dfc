// SPDX-License-Identifier: GPL-2.0-only
/*
 * bus.c - the vdpa bus: which driver takes which device, and what is checked before it does.
 */
#include <linux/dma-mapping.h>
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "core.h"

/*
 * Protects driver_override of all devices. The driver core calls match with the device's lock held
 * or without it, so that lock would not do.
 */
static DEFINE_SPINLOCK(override_lock);

/*
 * Any driver fits any device, unless the administrator named one in driver_override. A device that
 * is on its way out fits none.
 */
static int vdpa_bus_match(struct device *dev, const struct device_driver *drv)
{
	struct vdpa_device *vdev = dev_to_vdpa(dev);
	int ret;

	if (READ_ONCE(vdev->state) == VDPA_DEVICE_GOING)
		return 0;

	spin_lock(&override_lock);
	ret = !vdev->driver_override || !strcmp(vdev->driver_override, drv->name);
	spin_unlock(&override_lock);
	return ret;
}

VC_BUS_MATCH_ADAPTER(vdpa_bus_match);

static int vdpa_bus_probe(struct device *dev)
{
	struct vdpa_device *vdev = dev_to_vdpa(dev);
	struct vdpa_driver *drv = drv_to_vdpa(dev->driver);
	u16 min = 1, max;
	int ret;

	/*
	 * Who removes the device sets this first and then unbinds under the device's lock, which we
	 * hold now: either it is seen here, or what is bound here is unbound by the remover.
	 */
	if (READ_ONCE(vdev->state) == VDPA_DEVICE_GOING)
		return -ENODEV;

	dev->dma_mask = &dev->coherent_dma_mask;
	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64));
	if (ret)
		return ret;

	max = vdev->config->get_vq_num_max(vdev);
	if (vdev->config->get_vq_num_min)
		min = vdev->config->get_vq_num_min(vdev);
	if (max < min) {
		dev_err(dev, "its largest queue size, %u, is below the smallest one, %u\n", max,
			min);
		return -EINVAL;
	}

	return drv->probe ? drv->probe(vdev) : 0;
}

static void vdpa_bus_remove(struct device *dev)
{
	struct vdpa_driver *drv = drv_to_vdpa(dev->driver);

	if (drv->remove)
		drv->remove(dev_to_vdpa(dev));
}

VC_BUS_REMOVE_ADAPTER(vdpa_bus_remove);

static ssize_t driver_override_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct vdpa_device *vdev = dev_to_vdpa(dev);
	ssize_t len;

	spin_lock(&override_lock);
	len = scnprintf(buf, PAGE_SIZE, "%s\n", vdev->driver_override ?: "(null)");
	spin_unlock(&override_lock);
	return len;
}

static ssize_t driver_override_store(struct device *dev, struct device_attribute *attr,
				     const char *buf, size_t count)
{
	struct vdpa_device *vdev = dev_to_vdpa(dev);
	const char *end;
	char *name, *old;

	/* What is stored here must fit into a page with its newline when it is shown. */
	if (count >= PAGE_SIZE - 1)
		return -EINVAL;

	end = strnchr(buf, count, '\n');
	name = kstrndup(buf, end ? end - buf : count, GFP_KERNEL);
	if (!name)
		return -ENOMEM;
	if (!*name) {
		kfree(name);
		name = NULL;
	}

	spin_lock(&override_lock);
	old = vdev->driver_override;
	vdev->driver_override = name;
	spin_unlock(&override_lock);
	kfree(old);
	return count;
}
static DEVICE_ATTR_RW(driver_override);

static struct attribute *vdpa_dev_attrs[] = {
	&dev_attr_driver_override.attr,
	NULL,
};
ATTRIBUTE_GROUPS(vdpa_dev);

struct bus_type vdpa_bus = {
	.name = "vdpa",
	.dev_groups = vdpa_dev_groups,
	.match = VC_BUS_MATCH(vdpa_bus_match),
	.probe = vdpa_bus_probe,
	.remove = VC_BUS_REMOVE(vdpa_bus_remove),
};

/**
 * __vdpa_register_driver() - registers a bus driver; see vdpa_register_driver()
 * @drv: the driver, with driver.name set
 * @owner: module it is in
 *
 * Devices without a driver are offered to it before this returns.
 *
 * Context: sleeps.
 * Return: 0 or -errno; -EBUSY if the name is in use.
 */
int __vdpa_register_driver(struct vdpa_driver *drv, struct module *owner)
{
	drv->driver.bus = &vdpa_bus;
	drv->driver.owner = owner;

	return driver_register(&drv->driver);
}
EXPORT_SYMBOL_GPL(__vdpa_register_driver);

/**
 * vdpa_unregister_driver() - removes a bus driver and takes it off its devices
 * @drv: the driver
 *
 * Context: sleeps; waits for what the driver's remove waits for.
 */
void vdpa_unregister_driver(struct vdpa_driver *drv)
{
	driver_unregister(&drv->driver);
}
EXPORT_SYMBOL_GPL(vdpa_unregister_driver);
