/* SPDX-License-Identifier: GPL-2.0-only */
/* uapi/linux/virtio_pci.h: userspace stand-in for the test of vp_vdpa. */
#ifndef UNIT_VP_UAPI_VIRTIO_PCI_H
#define UNIT_VP_UAPI_VIRTIO_PCI_H

#include <linux/virtio_pci.h>

#ifndef VIRTIO_PCI_COMMON_Q_RESET
#define VIRTIO_PCI_COMMON_Q_RESET 58
#endif

#endif
