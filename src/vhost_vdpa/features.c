// SPDX-License-Identifier: GPL-2.0-only
/*
 * features.c - virtio features (client and device) and backend features (client and this driver).
 */
#include <uapi/linux/virtio_config.h>

#include "vhost_vdpa.h"

/* What this driver can do with any parent. */
#define ALWAYS_OFFERED	(BIT_ULL(VHOST_BACKEND_F_IOTLB_MSG_V2) |	\
			 BIT_ULL(VHOST_BACKEND_F_IOTLB_BATCH) |		\
			 BIT_ULL(VHOST_BACKEND_F_IOTLB_ASID))

/*
 * What depends on the parent's ops, or is the parent's to grant. A parent's bits that this driver
 * has never heard of are not passed on: it could not keep what they promise.
 */
#define PARENT_MAY_GRANT	(BIT_ULL(VHOST_BACKEND_F_ENABLE_AFTER_DRIVER_OK) |	\
				 BIT_ULL(VHOST_BACKEND_F_IOTLB_PERSIST))

/* Every bit that this driver knows. */
#define KNOWN	(ALWAYS_OFFERED | PARENT_MAY_GRANT |		\
		 BIT_ULL(VHOST_BACKEND_F_SUSPEND) |		\
		 BIT_ULL(VHOST_BACKEND_F_RESUME) |		\
		 BIT_ULL(VHOST_BACKEND_F_DESC_ASID))

/* Nothing depends on it here, and mainline lets clients ack it of any parent. */
#define ACKED_UNASKED	BIT_ULL(VHOST_BACKEND_F_ENABLE_AFTER_DRIVER_OK)

static u64 granted_by_parent(const struct vhost_vdpa *v)
{
	const struct vdpa_config_ops *ops = v->vdpa->config;

	if (!ops->get_backend_features)
		return 0;
	return ops->get_backend_features(v->vdpa) & PARENT_MAY_GRANT;
}

/**
 * vhost_vdpa_has_persistent_map() - whether mappings outlive a plain reset of this parent
 * @v: device
 *
 * Context: any; the device is not removed meanwhile.
 * Return: true if the platform's IOMMU translates, or the parent keeps mapping and reset apart
 * (reset_map), or it says so.
 */
bool vhost_vdpa_has_persistent_map(const struct vhost_vdpa *v)
{
	const struct vdpa_config_ops *ops = v->vdpa->config;

	return (!ops->set_map && !ops->dma_map) || ops->reset_map ||
	       granted_by_parent(v) & BIT_ULL(VHOST_BACKEND_F_IOTLB_PERSIST);
}

/**
 * vhost_vdpa_backend_features_offered() - VHOST_GET_BACKEND_FEATURES
 * @v: device
 *
 * Depends on the parent's ops only, not on the state of the device.
 *
 * Context: any; the device is not removed meanwhile.
 * Return: VHOST_BACKEND_F_* bits.
 */
u64 vhost_vdpa_backend_features_offered(const struct vhost_vdpa *v)
{
	const struct vdpa_config_ops *ops = v->vdpa->config;
	u64 features = ALWAYS_OFFERED | granted_by_parent(v);

	if (ops->suspend)
		features |= BIT_ULL(VHOST_BACKEND_F_SUSPEND);
	if (ops->resume)
		features |= BIT_ULL(VHOST_BACKEND_F_RESUME);
	if (ops->get_vq_desc_group)
		features |= BIT_ULL(VHOST_BACKEND_F_DESC_ASID);
	if (vhost_vdpa_has_persistent_map(v))
		features |= BIT_ULL(VHOST_BACKEND_F_IOTLB_PERSIST);
	return features;
}

/**
 * vhost_vdpa_set_backend_features() - VHOST_SET_BACKEND_FEATURES
 * @v: device
 * @features: VHOST_BACKEND_F_* bits that the client acks, in place of all former ones
 *
 * Clients ack at various points: before they become the owner, right after that (QEMU), or with
 * memory mapped already, just before DRIVER_OK (Cloud Hypervisor); QEMU also repeats itself. So
 * what is refused is a change while something depends on the choice: while the device runs, where
 * the next reset must keep or clean what the client counts on, and inside a batch, whose messages
 * would change their meaning half way. What is mapped already does not depend on it.
 *
 * Context: both mutexes held.
 * Return: 0; -EOPNOTSUPP: a bit that is not offered, VHOST_BACKEND_F_ENABLE_AFTER_DRIVER_OK apart,
 * which any client may ack; -EINVAL: VHOST_BACKEND_F_DESC_ASID without
 * VHOST_BACKEND_F_IOTLB_ASID; -EBUSY: a change at the wrong time.
 */
int vhost_vdpa_set_backend_features(struct vhost_vdpa *v, u64 features)
{
	/* In this order, as in mainline: nonsense first, then what this parent cannot do. */
	if (!(features & ~KNOWN) && (features & BIT_ULL(VHOST_BACKEND_F_DESC_ASID)) &&
	    !(features & BIT_ULL(VHOST_BACKEND_F_IOTLB_ASID)))
		return -EINVAL;
	if (features & ~(vhost_vdpa_backend_features_offered(v) | ACKED_UNASKED))
		return -EOPNOTSUPP;
	if (features != v->backend_features && (v->driver_ok || v->in_batch))
		return -EBUSY;

	v->backend_features = features;
	return 0;
}

/**
 * vhost_vdpa_set_features() - VHOST_SET_FEATURES
 * @v: device
 * @features: virtio features that the driver accepts
 *
 * Context: sleeps; ctl_lock held.
 * Return: 0; -EBUSY: FEATURES_OK is set, negotiation is over until the next reset; -EINVAL: the
 * device cannot work with these.
 */
int vhost_vdpa_set_features(struct vhost_vdpa *v, u64 features)
{
	const struct vdpa_config_ops *ops = v->vdpa->config;

	if (ops->get_status(v->vdpa) & VIRTIO_CONFIG_S_FEATURES_OK)
		return -EBUSY;
	if (vdpa_set_features(v->vdpa, features))
		return -EINVAL;

	/* The parent may have taken fewer; what it took decides how ring positions are encoded. */
	v->features = ops->get_driver_features(v->vdpa);
	return 0;
}
