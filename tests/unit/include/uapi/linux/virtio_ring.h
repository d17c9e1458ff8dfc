/* SPDX-License-Identifier: GPL-2.0-only */
/* uapi/linux/virtio_ring.h: in userspace, the system's. */
#include <linux/virtio_ring.h>
