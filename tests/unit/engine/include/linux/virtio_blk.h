/* SPDX-License-Identifier: GPL-2.0-only */
/* virtio_blk.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_VIRTIO_BLK_H
#define UNIT_ENGINE_VIRTIO_BLK_H

#include <linux/types.h>

#endif
