/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/virtio_ring.h: virtqueues over a given mapping.
 */
#ifndef VC_LINUX_VIRTIO_RING_H
#define VC_LINUX_VIRTIO_RING_H

#include <linux/device.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include_next <linux/virtio_ring.h>

/*
 * VC_HAS_VRING_CREATE_MAP: since 6.18 the caller passes a union virtio_map, since 6.4 (el9.4) the
 * device that does the DMA; before, it was always the parent of the virtio device. There a
 * virtqueue of another device can be had as long as nothing translates for the parent, so that
 * addresses are the same for both.
 * Remove when nothing older than 6.18 is supported.
 */
#if !VC_HAS_VRING_CREATE_MAP
static inline struct virtqueue *
vc_vring_create_virtqueue_map(unsigned int index, unsigned int num, unsigned int vring_align,
			      struct virtio_device *vdev, bool weak_barriers, bool may_reduce_num,
			      bool ctx, bool (*notify)(struct virtqueue *vq),
			      void (*callback)(struct virtqueue *vq), const char *name,
			      union virtio_map map)
{
#if VC_HAS_VRING_CREATE_DMA
	return vring_create_virtqueue_dma(index, num, vring_align, vdev, weak_barriers,
					  may_reduce_num, ctx, notify, callback, name,
					  map.dma_dev);
#else
	if (vdev->dev.parent != map.dma_dev && device_iommu_mapped(vdev->dev.parent)) {
		dev_err(&vdev->dev, "this kernel cannot map virtqueue %u for %s\n", index,
			dev_name(map.dma_dev));
		return NULL;
	}
	return vring_create_virtqueue(index, num, vring_align, vdev, weak_barriers,
				      may_reduce_num, ctx, notify, callback, name);
#endif
}
#define vring_create_virtqueue_map vc_vring_create_virtqueue_map
#endif

/*
 * VC_HAS_VRING_NOTIFICATION_DATA: 6.4, el9.4. Older cores take VIRTIO_F_NOTIFICATION_DATA away in
 * vring_transport_features(), so that this is never used for more than the index.
 * Remove when nothing older is supported.
 */
#if !VC_HAS_VRING_NOTIFICATION_DATA
static inline u32 vc_vring_notification_data(struct virtqueue *vq)
{
	return vq->index;
}
#define vring_notification_data(vq) vc_vring_notification_data(vq)
#endif

#endif /* VC_LINUX_VIRTIO_RING_H */
