// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops.c - what a driver can do to a simulated device, except for its mappings (map.c).
 */
#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/sched/mm.h>
#include <linux/string.h>
#include <uapi/linux/vhost_types.h>

#include "vdpa_sim.h"

static u32 vdpasim_get_vq_group(struct vdpa_device *vdpa, u16 idx)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);

	return sim->type->vq_group ? sim->type->vq_group(sim, idx) : 0;
}

/* Give each queue the address space of its group. Under sim->lock, or before anyone knows sim. */
void vdpasim_bind_queues(struct vdpasim *sim)
{
	unsigned int i;

	for (i = 0; i < sim->nvqs; i++) {
		u32 asid = sim->group_asid[vdpasim_get_vq_group(&sim->vdpa, i)];

		vdpa_vring_set_space(&sim->vqs[i].ring, &sim->spaces[asid].vs);
	}
}

static int vdpasim_set_vq_address(struct vdpa_device *vdpa, u16 idx, u64 desc_area,
				  u64 driver_area, u64 device_area)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);
	struct vdpasim_vq *vq = &sim->vqs[idx];

	mutex_lock(&sim->lock);
	vq->desc = desc_area;
	vq->driver = driver_area;
	vq->device = device_area;
	mutex_unlock(&sim->lock);
	return 0;
}

static void vdpasim_set_vq_num(struct vdpa_device *vdpa, u16 idx, u32 num)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);

	mutex_lock(&sim->lock);
	sim->vqs[idx].num = num;
	mutex_unlock(&sim->lock);
}

static u16 vdpasim_get_vq_size(struct vdpa_device *vdpa, u16 idx)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);

	if (READ_ONCE(sim->status) & VIRTIO_CONFIG_S_DRIVER_OK)
		return READ_ONCE(sim->vqs[idx].num);
	return VDPASIM_QUEUE_MAX;
}

/* Atomic. A kick that comes too early is made up for when the device starts to run. */
static void vdpasim_kick_vq(struct vdpa_device *vdpa, u16 idx)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);

	if (READ_ONCE(sim->running) && READ_ONCE(sim->vqs[idx].ready))
		vdpasim_kick(sim);
}

static void vdpasim_set_vq_cb(struct vdpa_device *vdpa, u16 idx, struct vdpa_callback *cb)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);

	mutex_lock(&sim->lock);
	sim->vqs[idx].cb = *cb;
	mutex_unlock(&sim->lock);
}

/*
 * A ring starts when the device runs and the queue is enabled, whichever comes last, so that what a
 * client sets before, in whatever order, counts: address, size, position, address space.
 */
static void start_ring(struct vdpasim *sim, struct vdpasim_vq *vq)
{
	struct vdpa_vring_config cfg = {
		.desc = vq->desc,
		.driver = vq->driver,
		.device = vq->device,
		.num = vq->num,
		.features = sim->features,
		.mem = sim->mm ? &vdpa_vring_mem_user : &vdpa_vring_mem_phys,
	};
	int err = vdpa_vring_start(&vq->ring, &cfg);

	if (err)
		dev_warn_ratelimited(&sim->vdpa.dev,
				     "virtqueue %td cannot be enabled: size %u, position or alignment of its areas is not possible\n",
				     vq - sim->vqs, vq->num);
	WRITE_ONCE(vq->ready, !err);
}

/* The device starts or goes on to run. Buffers may be waiting: their kicks came too early. */
static void run(struct vdpasim *sim)
{
	bool ready = false;
	unsigned int i;

	for (i = 0; i < sim->nvqs; i++) {
		struct vdpasim_vq *vq = &sim->vqs[i];

		if (vq->ready && !vq->ring.running && !vdpa_vring_is_broken(&vq->ring))
			start_ring(sim, vq);
		ready |= vq->ready;
	}
	WRITE_ONCE(sim->running, true);
	if (ready)
		vdpasim_kick(sim);
}

static void vdpasim_set_vq_ready(struct vdpa_device *vdpa, u16 idx, bool ready)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);
	struct vdpasim_vq *vq = &sim->vqs[idx];

	mutex_lock(&sim->lock);
	if (ready && !vq->ready) {
		WRITE_ONCE(vq->ready, true);
		if (sim->running) {
			start_ring(sim, vq);
			vdpasim_kick(sim);
		}
	} else if (!ready && vq->ready) {
		WRITE_ONCE(vq->ready, false);
		vdpa_vring_stop(&vq->ring);
	}
	mutex_unlock(&sim->lock);
}

static bool vdpasim_get_vq_ready(struct vdpa_device *vdpa, u16 idx)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);

	return READ_ONCE(sim->vqs[idx].ready);
}

static int vdpasim_set_vq_state(struct vdpa_device *vdpa, u16 idx,
				const struct vdpa_vq_state *state)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);
	struct vdpasim_vq *vq = &sim->vqs[idx];
	struct vdpa_vring_state pos = {};

	mutex_lock(&sim->lock);
	if (vdpasim_has(sim, VIRTIO_F_RING_PACKED)) {
		pos.avail = state->packed.last_avail_idx;
		pos.avail_wrap = state->packed.last_avail_counter;
		pos.used = state->packed.last_used_idx;
		pos.used_wrap = state->packed.last_used_counter;
	} else {
		pos.avail = state->split.avail_index;
		pos.used = pos.avail;
	}
	vdpa_vring_stop(&vq->ring);
	vdpa_vring_set_state(&vq->ring, &pos);
	if (vq->ready && sim->running) {
		start_ring(sim, vq);
		vdpasim_kick(sim);
	}
	mutex_unlock(&sim->lock);
	return 0;
}

static int vdpasim_get_vq_state(struct vdpa_device *vdpa, u16 idx, struct vdpa_vq_state *state)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);
	struct vdpa_vring_state pos;
	bool packed;

	mutex_lock(&sim->lock);
	packed = vdpasim_has(sim, VIRTIO_F_RING_PACKED);
	vdpa_vring_get_state(&sim->vqs[idx].ring, packed, &pos);
	mutex_unlock(&sim->lock);

	memset(state, 0, sizeof(*state));
	if (packed) {
		state->packed.last_avail_idx = pos.avail;
		state->packed.last_avail_counter = pos.avail_wrap;
		state->packed.last_used_idx = pos.used;
		state->packed.last_used_counter = pos.used_wrap;
	} else {
		state->split.avail_index = pos.avail;
	}
	return 0;
}

static int vdpasim_get_vendor_vq_stats(struct vdpa_device *vdpa, u16 idx, struct sk_buff *msg,
				       struct netlink_ext_ack *extack)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);

	if (!sim->type->get_stats)
		return -EOPNOTSUPP;
	return sim->type->get_stats(sim, idx, msg, extack);
}

static u32 vdpasim_get_vq_align(struct vdpa_device *vdpa)
{
	return PAGE_SIZE;
}

static u64 vdpasim_get_device_features(struct vdpa_device *vdpa)
{
	return vdpa_to_sim(vdpa)->supported;
}

static u64 vdpasim_get_backend_features(const struct vdpa_device *vdpa)
{
	return BIT_ULL(VHOST_BACKEND_F_ENABLE_AFTER_DRIVER_OK);
}

static int vdpasim_set_driver_features(struct vdpa_device *vdpa, u64 features)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);

	/* The device sees IOVAs only: a driver that wants to give it anything else is refused. */
	if (!(features & BIT_ULL(VIRTIO_F_ACCESS_PLATFORM)))
		return -EINVAL;

	mutex_lock(&sim->lock);
	sim->features = features & sim->supported;
	/* Which queue is in which group may depend on the features. */
	vdpasim_bind_queues(sim);
	mutex_unlock(&sim->lock);
	return 0;
}

static u64 vdpasim_get_driver_features(struct vdpa_device *vdpa)
{
	return READ_ONCE(vdpa_to_sim(vdpa)->features);
}

static void vdpasim_set_config_cb(struct vdpa_device *vdpa, struct vdpa_callback *cb)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);

	mutex_lock(&sim->lock);
	sim->config_cb = *cb;
	mutex_unlock(&sim->lock);
}

static u16 vdpasim_get_vq_num_max(struct vdpa_device *vdpa)
{
	return VDPASIM_QUEUE_MAX;
}

static u32 vdpasim_get_device_id(struct vdpa_device *vdpa)
{
	return vdpa_to_sim(vdpa)->type->id;
}

static u32 vdpasim_get_vendor_id(struct vdpa_device *vdpa)
{
	return VDPASIM_VENDOR_ID;
}

static u8 vdpasim_get_status(struct vdpa_device *vdpa)
{
	return READ_ONCE(vdpa_to_sim(vdpa)->status);
}

static void vdpasim_set_status(struct vdpa_device *vdpa, u8 status)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);

	mutex_lock(&sim->lock);
	WRITE_ONCE(sim->status, status);
	if (status & VIRTIO_CONFIG_S_DRIVER_OK)
		run(sim);
	else
		WRITE_ONCE(sim->running, false);
	mutex_unlock(&sim->lock);
}

/* sim->lock is held, so the thread is between two rounds, and sees that it is not to go on. */
static void do_reset(struct vdpasim *sim)
{
	unsigned int i;

	atomic64_inc(&sim->count.resets);
	WRITE_ONCE(sim->running, false);
	WRITE_ONCE(sim->status, 0);
	WRITE_ONCE(sim->features, 0);
	for (i = 0; i < sim->nvqs; i++) {
		struct vdpasim_vq *vq = &sim->vqs[i];

		vdpa_vring_reset(&vq->ring);
		WRITE_ONCE(vq->ready, false);
		vq->desc = 0;
		vq->driver = 0;
		vq->device = 0;
		WRITE_ONCE(vq->num, VDPASIM_QUEUE_MAX);
		memset(&vq->cb, 0, sizeof(vq->cb));
	}
	memset(sim->group_asid, 0, sim->type->ngroups * sizeof(*sim->group_asid));
	vdpasim_bind_queues(sim);
	if (sim->type->reset)
		sim->type->reset(sim);
	atomic_inc(&sim->generation);
}

static int vdpasim_compat_reset(struct vdpa_device *vdpa, u32 flags)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);
	int err = 0;

	mutex_lock(&sim->lock);
	do_reset(sim);
	if (flags & VDPA_RESET_F_CLEAN_MAP) {
		atomic64_inc(&sim->count.clean_resets);
		err = vdpasim_clean_spaces(sim);
	}
	mutex_unlock(&sim->lock);
	return err;
}

static int vdpasim_reset(struct vdpa_device *vdpa)
{
	/* Bug for bug: old kernels' simulator forgot the mappings at every reset. */
	return vdpasim_compat_reset(vdpa, vdpasim_persists() ? 0 : VDPA_RESET_F_CLEAN_MAP);
}

static int vdpasim_suspend(struct vdpa_device *vdpa)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);
	unsigned int i;

	mutex_lock(&sim->lock);
	WRITE_ONCE(sim->running, false);
	/* Stopped rings take new addresses and positions. */
	for (i = 0; i < sim->nvqs; i++)
		vdpa_vring_stop(&sim->vqs[i].ring);
	mutex_unlock(&sim->lock);
	return 0;
}

static int vdpasim_resume(struct vdpa_device *vdpa)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);

	mutex_lock(&sim->lock);
	if (sim->status & VIRTIO_CONFIG_S_DRIVER_OK)
		run(sim);
	mutex_unlock(&sim->lock);
	return 0;
}

static size_t vdpasim_get_config_size(struct vdpa_device *vdpa)
{
	return vdpa_to_sim(vdpa)->type->config_size;
}

static bool in_config(const struct vdpasim *sim, unsigned int offset, unsigned int len)
{
	return offset <= sim->type->config_size && len <= sim->type->config_size - offset;
}

static void vdpasim_get_config(struct vdpa_device *vdpa, unsigned int offset, void *buf,
			       unsigned int len)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);

	if (!in_config(sim, offset, len))
		return;
	mutex_lock(&sim->lock);
	if (sim->type->get_config)
		sim->type->get_config(sim, sim->config);
	memcpy(buf, sim->config + offset, len);
	mutex_unlock(&sim->lock);
}

static void vdpasim_set_config(struct vdpa_device *vdpa, unsigned int offset, const void *buf,
			       unsigned int len)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);

	if (!in_config(sim, offset, len) || !sim->type->set_config)
		return;
	mutex_lock(&sim->lock);
	sim->type->set_config(sim, offset, buf, len);
	mutex_unlock(&sim->lock);
}

static u32 vdpasim_get_generation(struct vdpa_device *vdpa)
{
	return atomic_read(&vdpa_to_sim(vdpa)->generation);
}

static struct vdpa_iova_range vdpasim_get_iova_range(struct vdpa_device *vdpa)
{
	struct vdpa_iova_range range = { .first = 0, .last = U64_MAX };

	return range;
}

static int vdpasim_set_group_asid(struct vdpa_device *vdpa, unsigned int group, unsigned int asid)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);

	if (group >= sim->type->ngroups || asid >= sim->type->nas)
		return -EINVAL;
	group = array_index_nospec(group, sim->type->ngroups);
	asid = array_index_nospec(asid, sim->type->nas);

	mutex_lock(&sim->lock);
	sim->group_asid[group] = asid;
	vdpasim_bind_queues(sim);
	mutex_unlock(&sim->lock);
	return 0;
}

static int vdpasim_bind_mm(struct vdpa_device *vdpa, struct mm_struct *mm)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);
	struct mm_struct *old;

	mmgrab(mm);
	mutex_lock(&sim->lock);
	old = sim->mm;
	sim->mm = mm;
	mutex_unlock(&sim->lock);
	if (old)
		mmdrop(old);
	return 0;
}

static void vdpasim_unbind_mm(struct vdpa_device *vdpa)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);
	struct mm_struct *mm;
	unsigned int i;

	mutex_lock(&sim->lock);
	mm = sim->mm;
	sim->mm = NULL;
	/* Rings that run on user addresses have nothing left to run on. */
	for (i = 0; mm && i < sim->nvqs; i++) {
		WRITE_ONCE(sim->vqs[i].ready, false);
		vdpa_vring_stop(&sim->vqs[i].ring);
	}
	mutex_unlock(&sim->lock);
	if (mm)
		mmdrop(mm);
}

static void vdpasim_free(struct vdpa_device *vdpa)
{
	vdpasim_teardown(vdpa_to_sim(vdpa));
}

#define VDPASIM_OPS \
	.set_vq_address = vdpasim_set_vq_address, \
	.set_vq_num = vdpasim_set_vq_num, \
	.kick_vq = vdpasim_kick_vq, \
	.set_vq_cb = vdpasim_set_vq_cb, \
	.set_vq_ready = vdpasim_set_vq_ready, \
	.get_vq_ready = vdpasim_get_vq_ready, \
	.set_vq_state = vdpasim_set_vq_state, \
	.get_vq_state = vdpasim_get_vq_state, \
	.get_vendor_vq_stats = vdpasim_get_vendor_vq_stats, \
	.get_vq_size = vdpasim_get_vq_size, \
	.get_vq_align = vdpasim_get_vq_align, \
	.get_vq_group = vdpasim_get_vq_group, \
	.get_device_features = vdpasim_get_device_features, \
	.get_backend_features = vdpasim_get_backend_features, \
	.set_driver_features = vdpasim_set_driver_features, \
	.get_driver_features = vdpasim_get_driver_features, \
	.set_config_cb = vdpasim_set_config_cb, \
	.get_vq_num_max = vdpasim_get_vq_num_max, \
	.get_device_id = vdpasim_get_device_id, \
	.get_vendor_id = vdpasim_get_vendor_id, \
	.get_status = vdpasim_get_status, \
	.set_status = vdpasim_set_status, \
	.reset = vdpasim_reset, \
	.suspend = vdpasim_suspend, \
	.resume = vdpasim_resume, \
	.get_config_size = vdpasim_get_config_size, \
	.get_config = vdpasim_get_config, \
	.set_config = vdpasim_set_config, \
	.get_generation = vdpasim_get_generation, \
	.get_iova_range = vdpasim_get_iova_range, \
	.set_group_asid = vdpasim_set_group_asid, \
	.bind_mm = vdpasim_bind_mm, \
	.unbind_mm = vdpasim_unbind_mm, \
	.free = vdpasim_free

#define VDPASIM_PERSIST_OPS \
	.compat_reset = vdpasim_compat_reset, \
	.reset_map = vdpasim_reset_map

/*
 * The presence of an op is what tells a bus driver of a device's abilities, so there is one table
 * for each combination: whole tables or single ranges, with or without mappings that outlive a
 * reset.
 */
static const struct vdpa_config_ops batch_ops = {
	VDPASIM_OPS,
	VDPASIM_PERSIST_OPS,
	.set_map = vdpasim_set_map,
};

static const struct vdpa_config_ops range_ops = {
	VDPASIM_OPS,
	VDPASIM_PERSIST_OPS,
	.dma_map = vdpasim_dma_map,
	.dma_unmap = vdpasim_dma_unmap,
};

static const struct vdpa_config_ops batch_ops_volatile = {
	VDPASIM_OPS,
	.set_map = vdpasim_set_map,
};

static const struct vdpa_config_ops range_ops_volatile = {
	VDPASIM_OPS,
	.dma_map = vdpasim_dma_map,
	.dma_unmap = vdpasim_dma_unmap,
};

const struct vdpa_config_ops *vdpasim_choose_ops(bool batch, bool persist)
{
	if (batch)
		return persist ? &batch_ops : &batch_ops_volatile;
	return persist ? &range_ops : &range_ops_volatile;
}
