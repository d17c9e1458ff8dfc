/* SPDX-License-Identifier: GPL-2.0-only */
/* virtio.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_VIRTIO_H
#define UNIT_ENGINE_VIRTIO_H

#include <linux/types.h>

struct device;

union virtio_map {
	struct device *dma_dev;
};

#endif
