// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - vdpa.ko: start and end.
 */
#include <linux/device.h>
#include <linux/init.h>
#include <linux/module.h>

#include "core.h"

static int __init vdpa_init(void)
{
	int ret;

	ret = vdpa_mgmt_init();
	if (ret)
		return ret;

	ret = bus_register(&vdpa_bus);
	if (ret)
		goto err_mgmt;

	ret = vdpa_netlink_init();
	if (ret)
		goto err_bus;
	return 0;

err_bus:
	bus_unregister(&vdpa_bus);
err_mgmt:
	vdpa_mgmt_exit();
	return ret;
}

/* Parents and bus drivers need our symbols: there are no devices or drivers any more. */
static void __exit vdpa_exit(void)
{
	vdpa_netlink_exit();
	bus_unregister(&vdpa_bus);
	vdpa_mgmt_exit();
}

module_init(vdpa_init);
module_exit(vdpa_exit);

MODULE_VERSION(VDPA_DKMS_VERSION);
MODULE_AUTHOR("vdpa-dkms developers");
MODULE_DESCRIPTION("vDPA bus");
MODULE_LICENSE("GPL");
