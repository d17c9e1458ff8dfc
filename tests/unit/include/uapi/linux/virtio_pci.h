/* SPDX-License-Identifier: GPL-2.0-only */
/* uapi/linux/virtio_pci.h: in userspace, the system's. */
#include <linux/virtio_pci.h>
