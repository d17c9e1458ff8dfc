/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/virtio_config.h: operations of a transport in their newest form.
 */
#ifndef VC_LINUX_VIRTIO_CONFIG_H
#define VC_LINUX_VIRTIO_CONFIG_H

#include <linux/virtio.h>
#include_next <linux/virtio_config.h>
#include <uapi/linux/virtio_config.h>

/*
 * VC_HAS_VIRTQUEUE_INFO: until 6.10 (el9.6) callbacks, names and contexts of the virtqueues came
 * as three arrays. For a find_vqs() in the newest form:
 *
 *	VC_FIND_VQS_ADAPTER(fn);	after the definition of fn
 *	.find_vqs = VC_FIND_VQS(fn),	in the initialiser
 *
 * Remove when nothing older is supported.
 */
#if VC_HAS_VIRTQUEUE_INFO
#define VC_FIND_VQS_ADAPTER(fn) struct virtio_device
#define VC_FIND_VQS(fn) fn
#else
#include <linux/slab.h>

struct virtqueue_info {
	const char *name;
	vq_callback_t *callback;
	bool ctx;
};

static inline struct virtqueue_info *vc_virtqueue_info(unsigned int nvqs,
						       vq_callback_t *callbacks[],
						       const char * const names[], const bool *ctx)
{
	struct virtqueue_info *info = kcalloc(nvqs, sizeof(*info), GFP_KERNEL);
	unsigned int i;

	for (i = 0; info && i < nvqs; i++) {
		info[i].name = names[i];
		info[i].callback = callbacks[i];
		info[i].ctx = ctx && ctx[i];
	}
	return info;
}

#define VC_FIND_VQS_ADAPTER(fn) \
	static int vc_##fn(struct virtio_device *vdev, unsigned int nvqs, \
			   struct virtqueue *vqs[], vq_callback_t *callbacks[], \
			   const char * const names[], const bool *ctx, \
			   struct irq_affinity *desc) \
	{ \
		struct virtqueue_info *info = vc_virtqueue_info(nvqs, callbacks, names, ctx); \
		int ret = -ENOMEM; \
		\
		if (info) \
			ret = fn(vdev, nvqs, vqs, info, desc); \
		kfree(info); \
		return ret; \
	} \
	struct virtio_device
#define VC_FIND_VQS(fn) vc_##fn

/* The driver's side of the same. */
static inline int vc_virtio_find_vqs(struct virtio_device *vdev, unsigned int nvqs,
				     struct virtqueue *vqs[], struct virtqueue_info info[],
				     struct irq_affinity *desc)
{
	vq_callback_t **callbacks = kcalloc(nvqs, sizeof(*callbacks), GFP_KERNEL);
	const char **names = kcalloc(nvqs, sizeof(*names), GFP_KERNEL);
	unsigned int i;
	int ret = -ENOMEM;

	if (callbacks && names) {
		for (i = 0; i < nvqs; i++) {
			callbacks[i] = info[i].callback;
			names[i] = info[i].name;
		}
		ret = virtio_find_vqs(vdev, nvqs, vqs, callbacks, names, desc);
	}
	kfree(names);
	kfree(callbacks);
	return ret;
}
#define virtio_find_vqs vc_virtio_find_vqs
#endif

#endif /* VC_LINUX_VIRTIO_CONFIG_H */
