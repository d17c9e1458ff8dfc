/* SPDX-License-Identifier: GPL-2.0-only */
/* virtio_net.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_VIRTIO_NET_H
#define UNIT_ENGINE_VIRTIO_NET_H

#include <linux/types.h>

#endif
