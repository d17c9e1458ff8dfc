/* SPDX-License-Identifier: GPL-2.0-only */
/* mod_devicetable.h: userspace stand-in for the test of vp_vdpa. */
#ifndef UNIT_VP_MOD_DEVICETABLE_H
#define UNIT_VP_MOD_DEVICETABLE_H

#include <linux/types.h>

struct virtio_device_id {
	u32 device;
	u32 vendor;
};

struct pci_device_id {
	u32 vendor;
	u32 device;
};

#endif
