// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops.c - what the vdpa bus calls: a vdpa device is the function, register by register.
 *
 * There is no set_map and no dma_map: the platform's IOMMU translates for the function, and who
 * uses the device attaches it to a domain (vhost_vdpa), or maps by the DMA API (virtio_vdpa).
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/slab.h>

#include "vp_vdpa.h"

/* What a driver may write to the status field. The other bits are the device's, or reserved. */
#define STATUS_DRIVER	(VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER |	\
			 VIRTIO_CONFIG_S_DRIVER_OK | VIRTIO_CONFIG_S_FEATURES_OK |	\
			 VIRTIO_CONFIG_S_FAILED)

static struct vp_function *vdpa_to_fn(struct vdpa_device *vdpa)
{
	return vdpa_to_vp(vdpa)->fn;
}

static u64 vp_vdpa_get_device_features(struct vdpa_device *vdpa)
{
	return vdpa_to_vp(vdpa)->features;
}

static int vp_vdpa_set_driver_features(struct vdpa_device *vdpa, u64 features)
{
	struct vp_vdpa *vp = vdpa_to_vp(vdpa);
	struct vp_function *fn = vp->fn;

	/* None: somebody reads the configuration before there is a driver. */
	if (!features)
		return -EINVAL;
	if ((features & ~vp->features) || (features & VP_FEATURES_NEEDED) != VP_FEATURES_NEEDED) {
		dev_warn_ratelimited(&vdpa->dev,
				     "driver features 0x%llx: must have 0x%llx, may have 0x%llx\n",
				     features, VP_FEATURES_NEEDED, vp->features);
		return -EINVAL;
	}

	mutex_lock(&fn->lock);
	/* Not offered, but of use here: see vp_vdpa_set_vq_ready(). */
	vp_write_features(fn, features | (vp_has_queue_reset(fn) ?
					  BIT_ULL(VIRTIO_F_RING_RESET) : 0));
	vp->driver_features = features;
	mutex_unlock(&fn->lock);
	return 0;
}

static u64 vp_vdpa_get_driver_features(struct vdpa_device *vdpa)
{
	struct vp_vdpa *vp = vdpa_to_vp(vdpa);
	u64 features;

	mutex_lock(&vp->fn->lock);
	features = vp->driver_features;
	mutex_unlock(&vp->fn->lock);
	return features;
}

static u8 vp_vdpa_get_status(struct vdpa_device *vdpa)
{
	return vp_get_status(vdpa_to_fn(vdpa));
}

static void ring(const struct vp_queue *q, u16 index)
{
	iowrite16(index, q->doorbell);
}

/*
 * A function must not be notified before DRIVER_OK (3.1.1). A client may do so, and need not do it
 * again.
 */
static void start_doorbells(struct vp_vdpa *vp)
{
	u16 i;

	WRITE_ONCE(vp->running, true);
	/* Either kick_vq sees that it runs, or this sees what kick_vq left. */
	smp_mb();
	for (i = 0; i < vp->nqs; i++) {
		if (READ_ONCE(vp->queues[i].kicked)) {
			WRITE_ONCE(vp->queues[i].kicked, false);
			ring(&vp->queues[i], i);
		}
	}
}

static void vp_vdpa_set_status(struct vdpa_device *vdpa, u8 status)
{
	struct vp_vdpa *vp = vdpa_to_vp(vdpa);
	struct vp_function *fn = vp->fn;
	bool start;
	int err;

	mutex_lock(&fn->lock);
	start = (status & VIRTIO_CONFIG_S_DRIVER_OK) && !vp->running;
	if (start) {
		err = vp_irqs_start(vp);
		if (err) {
			dev_err_ratelimited(&vdpa->dev, "no interrupts, so no DRIVER_OK: %d\n",
					    err);
			status &= ~VIRTIO_CONFIG_S_DRIVER_OK;
			status |= VIRTIO_CONFIG_S_FAILED;
			start = false;
		}
	}
	vp_set_status(fn, status & STATUS_DRIVER);
	if (start)
		start_doorbells(vp);
	mutex_unlock(&fn->lock);
}

static int vp_vdpa_reset(struct vdpa_device *vdpa)
{
	static const struct vdpa_callback none;
	struct vp_vdpa *vp = vdpa_to_vp(vdpa);
	struct vp_function *fn = vp->fn;
	int err;
	u16 i;

	mutex_lock(&fn->lock);
	WRITE_ONCE(vp->running, false);
	err = vp_reset(fn);
	if (!err) {
		vp->driver_features = 0;
		vp_callback_set(&vp->config_callback, &none);
		for (i = 0; i < vp->nqs; i++) {
			vp_callback_set(&vp->queues[i].callback, &none);
			vp->queues[i].num_bad = false;
			vp->queues[i].stopped = false;
			WRITE_ONCE(vp->queues[i].kicked, false);
		}
	}
	mutex_unlock(&fn->lock);
	return err;
}

static u16 vp_vdpa_get_vq_num_max(struct vdpa_device *vdpa)
{
	return vdpa_to_fn(vdpa)->max_size;
}

static u16 vp_vdpa_get_vq_size(struct vdpa_device *vdpa, u16 idx)
{
	struct vp_function *fn = vdpa_to_fn(vdpa);
	u16 size;

	mutex_lock(&fn->lock);
	size = vp_get_queue_size(fn, idx);
	mutex_unlock(&fn->lock);
	return size;
}

/*
 * A queue may have fewer entries than the largest one. If it got a ring that it takes for a shorter
 * one, it would use memory beside it: so it is not enabled then.
 */
static void vp_vdpa_set_vq_num(struct vdpa_device *vdpa, u16 idx, u32 num)
{
	struct vp_vdpa *vp = vdpa_to_vp(vdpa);
	struct vp_function *fn = vp->fn;
	u16 size;

	mutex_lock(&fn->lock);
	vp_set_queue_size(fn, idx, num);
	size = vp_get_queue_size(fn, idx);
	vp->queues[idx].num_bad = size != num;
	mutex_unlock(&fn->lock);
	if (size != num)
		dev_warn_ratelimited(&vdpa->dev, "virtqueue %u: %u entries asked for, has %u\n",
				     idx, num, size);
}

static int vp_vdpa_set_vq_address(struct vdpa_device *vdpa, u16 idx, u64 desc_area,
				  u64 driver_area, u64 device_area)
{
	struct vp_function *fn = vdpa_to_fn(vdpa);
	int err = 0;

	mutex_lock(&fn->lock);
	if (vp_queue_enabled(fn, idx))
		err = -EBUSY;
	else
		vp_set_queue_address(fn, idx, desc_area, driver_area, device_area);
	mutex_unlock(&fn->lock);
	return err;
}

static bool is_initial(const struct vdpa_vq_state *state, bool packed)
{
	if (!packed)
		return !state->split.avail_index;
	/* Both wrap counters start at 1 (2.8.1). */
	return state->packed.last_avail_counter && !state->packed.last_avail_idx &&
	       state->packed.last_used_counter && !state->packed.last_used_idx;
}

/* There is no register for it. The position that a queue starts from anyway can be asked for. */
static int vp_vdpa_set_vq_state(struct vdpa_device *vdpa, u16 idx,
				const struct vdpa_vq_state *state)
{
	struct vp_vdpa *vp = vdpa_to_vp(vdpa);
	struct vp_function *fn = vp->fn;
	int err = -EOPNOTSUPP;

	mutex_lock(&fn->lock);
	if ((vp_get_status(fn) & VIRTIO_CONFIG_S_FEATURES_OK) && !vp_queue_enabled(fn, idx) &&
	    is_initial(state, vp->driver_features & BIT_ULL(VIRTIO_F_RING_PACKED)))
		err = 0;
	mutex_unlock(&fn->lock);
	return err;
}

/*
 * A queue that is not enabled has the initial position, but saying so would be wrong: a VMM that
 * asks after a reset would take that for where the device had stopped.
 */
static int vp_vdpa_get_vq_state(struct vdpa_device *vdpa, u16 idx, struct vdpa_vq_state *state)
{
	return -EOPNOTSUPP;
}

static void vp_vdpa_set_vq_cb(struct vdpa_device *vdpa, u16 idx, struct vdpa_callback *cb)
{
	vp_callback_set(&vdpa_to_vp(vdpa)->queues[idx].callback, cb);
}

static void vp_vdpa_set_config_cb(struct vdpa_device *vdpa, struct vdpa_callback *cb)
{
	vp_callback_set(&vdpa_to_vp(vdpa)->config_callback, cb);
}

/*
 * A single queue is stopped by its own reset, which few functions have, else by that of all. Only
 * the latter makes it usable again: what the queue lost a client cannot set while the device runs,
 * and a queue that is enabled without would take address 0 for its ring.
 */
static void vp_vdpa_set_vq_ready(struct vdpa_device *vdpa, u16 idx, bool ready)
{
	struct vp_vdpa *vp = vdpa_to_vp(vdpa);
	struct vp_function *fn = vp->fn;
	struct vp_queue *q = &vp->queues[idx];
	int err = 0;

	mutex_lock(&fn->lock);
	if (vp_queue_enabled(fn, idx) != ready) {
		if (ready && (q->num_bad || q->stopped)) {
			err = -EINVAL;
		} else if (ready) {
			vp_enable_queue(fn, idx);
		} else if (!vp_has_queue_reset(fn)) {
			err = -EOPNOTSUPP;
		} else {
			q->stopped = true;
			err = vp_reset_queue(fn, idx);
		}
	}
	mutex_unlock(&fn->lock);
	if (err)
		dev_warn_ratelimited(&vdpa->dev, "virtqueue %u cannot be %s without a reset of the device: %d\n",
				     idx, ready ? "enabled" : "stopped", err);
}

static bool vp_vdpa_get_vq_ready(struct vdpa_device *vdpa, u16 idx)
{
	struct vp_function *fn = vdpa_to_fn(vdpa);
	bool ready;

	mutex_lock(&fn->lock);
	ready = !vp_is_gone(fn) && vp_queue_enabled(fn, idx);
	mutex_unlock(&fn->lock);
	return ready;
}

/* True if the doorbell may be rung now; else start_doorbells() does it. Any context. */
static bool may_ring(struct vp_vdpa *vp, struct vp_queue *q)
{
	if (READ_ONCE(vp->running))
		return true;
	WRITE_ONCE(q->kicked, true);
	/* Pairs with the one in start_doorbells(). */
	smp_mb();
	return READ_ONCE(vp->running);
}

static void vp_vdpa_kick_vq(struct vdpa_device *vdpa, u16 idx)
{
	struct vp_vdpa *vp = vdpa_to_vp(vdpa);
	struct vp_queue *q = &vp->queues[idx];

	if (may_ring(vp, q))
		ring(q, idx);
}

static void vp_vdpa_kick_vq_with_data(struct vdpa_device *vdpa, u32 data)
{
	struct vp_vdpa *vp = vdpa_to_vp(vdpa);
	u16 idx = data;

	if (idx >= vp->nqs)
		return;
	idx = array_index_nospec(idx, vp->nqs);
	/* The feature is only offered if all doorbells have four bytes. */
	if (may_ring(vp, &vp->queues[idx]) && (vp->features & BIT_ULL(VIRTIO_F_NOTIFICATION_DATA)))
		iowrite32(data, vp->queues[idx].doorbell);
}

/* A page that has nothing but this queue's doorbell in it can be mapped. */
static struct vdpa_notification_area vp_vdpa_get_vq_notification(struct vdpa_device *vdpa, u16 idx)
{
	const struct vp_queue *q = &vdpa_to_vp(vdpa)->queues[idx];
	struct vdpa_notification_area area = {
		.addr = q->doorbell_pa,
		.size = min_t(u64, q->doorbell_size, PAGE_SIZE),
	};

	return area;
}

/* Others' callbacks hang on an interrupt that is shared: it cannot be handed to a guest. */
static int vp_vdpa_get_vq_irq(struct vdpa_device *vdpa, u16 idx)
{
	struct vp_vdpa *vp = vdpa_to_vp(vdpa);
	int irq;

	mutex_lock(&vp->fn->lock);
	irq = vp->running ? vp->queues[idx].irq : -1;
	mutex_unlock(&vp->fn->lock);
	return irq < 0 ? -EINVAL : irq;
}

static u32 vp_vdpa_get_generation(struct vdpa_device *vdpa)
{
	return vp_generation(vdpa_to_fn(vdpa));
}

static u32 vp_vdpa_get_device_id(struct vdpa_device *vdpa)
{
	return vdpa_to_fn(vdpa)->id_table[0].device;
}

static u32 vp_vdpa_get_vendor_id(struct vdpa_device *vdpa)
{
	return vdpa_to_fn(vdpa)->id_table[0].vendor;
}

static u32 vp_vdpa_get_vq_align(struct vdpa_device *vdpa)
{
	return PAGE_SIZE;
}

static size_t vp_vdpa_get_config_size(struct vdpa_device *vdpa)
{
	return vdpa_to_fn(vdpa)->config_len;
}

/* What of [@offset, @offset + @len) is configuration. */
static unsigned int within_config(const struct vp_function *fn, unsigned int offset,
				  unsigned int len)
{
	return offset < fn->config_len ? min(len, fn->config_len - offset) : 0;
}

static void vp_vdpa_get_config(struct vdpa_device *vdpa, unsigned int offset, void *buf,
			       unsigned int len)
{
	struct vp_function *fn = vdpa_to_fn(vdpa);

	len = within_config(fn, offset, len);
	if (len)
		vp_read_config(fn, offset, buf, len);
}

static void vp_vdpa_set_config(struct vdpa_device *vdpa, unsigned int offset, const void *buf,
			       unsigned int len)
{
	struct vp_function *fn = vdpa_to_fn(vdpa);

	len = within_config(fn, offset, len);
	if (len)
		vp_write_config(fn, offset, buf, len);
}

static int vp_vdpa_set_vq_affinity(struct vdpa_device *vdpa, u16 idx,
				   const struct cpumask *cpu_mask)
{
	struct vp_vdpa *vp = vdpa_to_vp(vdpa);
	int err;

	mutex_lock(&vp->fn->lock);
	err = vp_irq_affinity(&vp->queues[idx], cpu_mask);
	mutex_unlock(&vp->fn->lock);
	return err;
}

static const struct cpumask *vp_vdpa_get_vq_affinity(struct vdpa_device *vdpa, u16 idx)
{
	const struct vp_queue *q = &vdpa_to_vp(vdpa)->queues[idx];

	return q->has_affinity ? q->affinity : NULL;
}

static void vp_vdpa_free(struct vdpa_device *vdpa)
{
	struct vp_vdpa *vp = vdpa_to_vp(vdpa);
	u16 i;

	for (i = 0; i < vp->nqs; i++)
		free_cpumask_var(vp->queues[i].affinity);
	kvfree(vp->queues);
}

const struct vdpa_config_ops vp_vdpa_ops = {
	.set_vq_address = vp_vdpa_set_vq_address,
	.set_vq_num = vp_vdpa_set_vq_num,
	.kick_vq = vp_vdpa_kick_vq,
	.kick_vq_with_data = vp_vdpa_kick_vq_with_data,
	.set_vq_cb = vp_vdpa_set_vq_cb,
	.set_vq_ready = vp_vdpa_set_vq_ready,
	.get_vq_ready = vp_vdpa_get_vq_ready,
	.set_vq_state = vp_vdpa_set_vq_state,
	.get_vq_state = vp_vdpa_get_vq_state,
	.get_vq_notification = vp_vdpa_get_vq_notification,
	.get_vq_irq = vp_vdpa_get_vq_irq,
	.get_vq_size = vp_vdpa_get_vq_size,
	.get_vq_align = vp_vdpa_get_vq_align,
	.get_device_features = vp_vdpa_get_device_features,
	.set_driver_features = vp_vdpa_set_driver_features,
	.get_driver_features = vp_vdpa_get_driver_features,
	.set_config_cb = vp_vdpa_set_config_cb,
	.get_vq_num_max = vp_vdpa_get_vq_num_max,
	.get_device_id = vp_vdpa_get_device_id,
	.get_vendor_id = vp_vdpa_get_vendor_id,
	.get_status = vp_vdpa_get_status,
	.set_status = vp_vdpa_set_status,
	.reset = vp_vdpa_reset,
	.get_config_size = vp_vdpa_get_config_size,
	.get_config = vp_vdpa_get_config,
	.set_config = vp_vdpa_set_config,
	.get_generation = vp_vdpa_get_generation,
	.set_vq_affinity = vp_vdpa_set_vq_affinity,
	.get_vq_affinity = vp_vdpa_get_vq_affinity,
	.free = vp_vdpa_free,
};
