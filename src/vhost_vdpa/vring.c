// SPDX-License-Identifier: GPL-2.0-only
/*
 * vring.c - virtqueues: size, addresses, ring position, groups. Their eventfds are in eventfd.c.
 *
 * Nothing that the device keeps is kept here a second time: positions and sizes go to the parent
 * and are read from it.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <uapi/linux/virtio_config.h>
#include <uapi/linux/virtio_ring.h>

#include "vhost_vdpa.h"
#include "vring.h"

/* A packed ring's position in struct vhost_vring_state: slot, and wrap counter in the top bit. */
#define PACKED_INDEX(pos)	((pos) & 0x7fff)
#define PACKED_WRAP(pos)	(((pos) >> 15) & 1)
#define PACKED_POS(index, wrap)	((u32)(index) | (u32)(wrap) << 15)

/**
 * vhost_vdpa_vring() - finds a virtqueue by an index that a client gave
 * @v: device
 * @index: the index, any value
 *
 * Return: the virtqueue, or NULL if there is none. Safe under speculation.
 */
struct vhost_vdpa_vq *vhost_vdpa_vring(struct vhost_vdpa *v, u32 index)
{
	if (index >= v->nvqs)
		return NULL;
	return &v->vqs[array_index_nospec(index, v->nvqs)];
}

/* The device works on its rings, so that nothing may be changed under it. */
static bool rings_in_use(const struct vhost_vdpa *v)
{
	return v->driver_ok && !v->suspended;
}

static bool packed(const struct vhost_vdpa *v)
{
	return v->features & BIT_ULL(VIRTIO_F_RING_PACKED);
}

int vhost_vdpa_set_vring_num(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg)
{
	struct vhost_vdpa *v = vq->v;
	u32 num = arg->state.num;

	if (rings_in_use(v))
		return -EBUSY;
	if (!is_power_of_2(num) || num > v->vq_num_max)
		return -EINVAL;

	v->vdpa->config->set_vq_num(v->vdpa, vq->index, num);
	return 0;
}

/*
 * The addresses are I/O virtual ones: the device translates them, this driver never follows them.
 * Whether they are mapped shows when the device uses them.
 */
int vhost_vdpa_set_vring_addr(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg)
{
	const struct vhost_vring_addr *addr = &arg->addr;
	struct vhost_vdpa *v = vq->v;

	/* The log flag is accepted for old clients; dirty pages are not tracked here. */
	if (addr->flags & ~BIT(VHOST_VRING_F_LOG))
		return -EOPNOTSUPP;
	if (!IS_ALIGNED(addr->avail_user_addr, VRING_AVAIL_ALIGN_SIZE) ||
	    !IS_ALIGNED(addr->used_user_addr, VRING_USED_ALIGN_SIZE) ||
	    !IS_ALIGNED(addr->log_guest_addr, VRING_USED_ALIGN_SIZE))
		return -EINVAL;
	if (rings_in_use(v))
		return -EINVAL;

	if (v->vdpa->config->set_vq_address(v->vdpa, vq->index, addr->desc_user_addr,
					    addr->avail_user_addr, addr->used_user_addr))
		return -EINVAL;
	return 0;
}

int vhost_vdpa_set_vring_base(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg)
{
	struct vdpa_vq_state state = {};
	struct vhost_vdpa *v = vq->v;
	u32 num = arg->state.num;

	if (!packed(v) && num > U16_MAX)
		return -EINVAL;
	if (rings_in_use(v))
		return -EINVAL;

	if (packed(v)) {
		state.packed.last_avail_idx = PACKED_INDEX(num);
		state.packed.last_avail_counter = PACKED_WRAP(num);
		state.packed.last_used_idx = PACKED_INDEX(num >> 16);
		state.packed.last_used_counter = PACKED_WRAP(num >> 16);
	} else {
		state.split.avail_index = num;
	}
	return v->vdpa->config->set_vq_state(v->vdpa, vq->index, &state);
}

/* Exact only while the device is stopped or suspended: else the answer ages at once. */
int vhost_vdpa_get_vring_base(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg)
{
	struct vdpa_vq_state state = {};
	struct vhost_vdpa *v = vq->v;
	int r;

	r = v->vdpa->config->get_vq_state(v->vdpa, vq->index, &state);
	if (r)
		return r;

	if (packed(v))
		arg->state.num = PACKED_POS(state.packed.last_avail_idx,
					    state.packed.last_avail_counter) |
				 PACKED_POS(state.packed.last_used_idx,
					    state.packed.last_used_counter) << 16;
	else
		arg->state.num = state.split.avail_index;
	return 0;
}

/*
 * Whether a queue may be enabled after DRIVER_OK is between client and parent
 * (VHOST_BACKEND_F_ENABLE_AFTER_DRIVER_OK); clients from before that bit do so unasked.
 */
int vhost_vdpa_set_vring_enable(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg)
{
	struct vdpa_device *vdpa = vq->v->vdpa;

	vdpa->config->set_vq_ready(vdpa, vq->index, arg->state.num);
	return 0;
}

int vhost_vdpa_get_vring_size(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg)
{
	struct vdpa_device *vdpa = vq->v->vdpa;

	if (!vdpa->config->get_vq_size)
		return -EOPNOTSUPP;
	arg->state.num = vdpa->config->get_vq_size(vdpa, vq->index);
	return 0;
}

static int get_group(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg,
		     u32 (*op)(struct vdpa_device *vdpa, u16 idx))
{
	struct vdpa_device *vdpa = vq->v->vdpa;
	u32 group;

	if (!op)
		return -EOPNOTSUPP;
	group = op(vdpa, vq->index);
	if (group >= vdpa->ngroups)
		return -EIO;
	arg->state.num = group;
	return 0;
}

int vhost_vdpa_get_vring_group(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg)
{
	return get_group(vq, arg, vq->v->vdpa->config->get_vq_group);
}

int vhost_vdpa_get_vring_desc_group(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg)
{
	return get_group(vq, arg, vq->v->vdpa->config->get_vq_desc_group);
}

/* The index is a group here, and has nothing to do with the number of virtqueues. */
int vhost_vdpa_set_group_asid(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	struct vdpa_device *vdpa = v->vdpa;
	u32 group = arg->state.index;
	u32 asid = arg->state.num;

	if (group >= vdpa->ngroups || asid >= vdpa->nas)
		return -EINVAL;
	if (v->driver_ok)
		return -EBUSY;
	if (!vdpa->config->set_group_asid)
		return -EOPNOTSUPP;

	group = array_index_nospec(group, vdpa->ngroups);
	asid = array_index_nospec(asid, vdpa->nas);
	return vdpa->config->set_group_asid(vdpa, group, asid);
}

int vhost_vdpa_set_vring_busyloop(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg)
{
	vq->busyloop = arg->state.num;
	return 0;
}

int vhost_vdpa_get_vring_busyloop(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg)
{
	arg->state.num = vq->busyloop;
	return 0;
}
