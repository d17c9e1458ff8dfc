// SPDX-License-Identifier: GPL-2.0-only
/*
 * dev.c - vdpa ops for single queues, features and the configuration space.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/pci_ids.h>
#include <linux/string.h>
#include <uapi/linux/vhost_types.h>
#include <uapi/linux/virtio_ids.h>

#include "mlx5_vdpa.h"

/* The control queue comes after the data queues that the driver knows of. */
bool mlx5v_is_cvq(const struct mlx5v_dev *dev, u16 idx)
{
	return idx == READ_ONCE(dev->cvq_index);
}

/* A data queue, or NULL for the control queue and what is beyond. */
static struct mlx5v_queue *data_queue(struct mlx5v_dev *dev, u16 idx)
{
	if (mlx5v_is_cvq(dev, idx) || idx >= dev->max_vqs)
		return NULL;
	return &dev->queues[array_index_nospec(idx, dev->max_vqs)];
}

static int set_vq_address(struct vdpa_device *vdpa, u16 idx, u64 desc_area, u64 driver_area,
			  u64 device_area)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	struct mlx5v_queue *q = data_queue(dev, idx);
	int err = 0;

	down_write(&dev->lock);
	if (q && q->state == MLX5V_STATE_RDY) {
		err = -EBUSY;
	} else if (q) {
		q->desc = desc_area;
		q->driver = driver_area;
		q->device = device_area;
		q->dirty |= MLX5V_MOD_ADDRS;
	} else if (mlx5v_is_cvq(dev, idx)) {
		dev->cvq.desc = desc_area;
		dev->cvq.driver = driver_area;
		dev->cvq.device = device_area;
	} else {
		err = -EINVAL;
	}
	up_write(&dev->lock);
	return err;
}

/* An object that was made for another size is made anew when the queue starts. */
static void set_vq_num(struct vdpa_device *vdpa, u16 idx, u32 num)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	struct mlx5v_queue *q = data_queue(dev, idx);

	down_write(&dev->lock);
	if (num > MLX5V_QUEUE_SIZE || !num || num & (num - 1))
		mlx5v_warn(dev, "virtqueue %u cannot have %u entries\n", idx, num);
	else if (q)
		q->num = num;
	else if (mlx5v_is_cvq(dev, idx))
		dev->cvq.num = num;
	up_write(&dev->lock);
}

static u16 get_vq_size(struct vdpa_device *vdpa, u16 idx)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	struct mlx5v_queue *q = data_queue(dev, idx);

	if (q)
		return READ_ONCE(q->num);
	return mlx5v_is_cvq(dev, idx) ? READ_ONCE(dev->cvq.num) : 0;
}

/* Atomic. What comes too early is made up for when the queue starts. */
static void kick_vq(struct vdpa_device *vdpa, u16 idx)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	struct mlx5v_queue *q = data_queue(dev, idx);

	if (likely(q)) {
		if (READ_ONCE(q->kickable))
			iowrite16(idx, dev->kick);
	} else if (mlx5v_is_cvq(dev, idx)) {
		mlx5v_cvq_kick(dev);
	}
}

static void set_vq_cb(struct vdpa_device *vdpa, u16 idx, struct vdpa_callback *cb)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	struct mlx5v_queue *q = data_queue(dev, idx);

	if (q)
		mlx5v_call_set(&q->call, cb);
	else if (mlx5v_is_cvq(dev, idx))
		mlx5v_call_set(&dev->cvq.call, cb);
}

static void set_cvq_ready(struct mlx5v_dev *dev, bool ready)
{
	dev->cvq.ready = ready;
	if (!ready)
		mlx5v_cvq_stop(dev);
	else if (mlx5v_cvq_start(dev))
		dev->cvq.ready = false;
}

static void set_queue_ready(struct mlx5v_dev *dev, struct mlx5v_queue *q, bool ready)
{
	int err = 0;

	if (q->ready == ready)
		return;
	WRITE_ONCE(q->ready, ready);
	if (!mlx5v_running(dev))
		return;
	if (ready) {
		if (!mlx5v_queues_start(dev))
			return;
		WRITE_ONCE(q->ready, false);
	}
	if (mlx5v_queues_stop(dev, false) && q->state == MLX5V_STATE_RDY)
		err = mlx5v_queue_end(q);
	else if (ready)
		/* To begin with, what the other queues receive by may have been taken down. */
		err = mlx5v_queues_start(dev);
	if (err)
		mlx5v_broken(dev);
}

static void set_vq_ready(struct vdpa_device *vdpa, u16 idx, bool ready)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	struct mlx5v_queue *q = data_queue(dev, idx);

	down_write(&dev->lock);
	if (q)
		set_queue_ready(dev, q, ready);
	else if (mlx5v_is_cvq(dev, idx))
		set_cvq_ready(dev, ready);
	up_write(&dev->lock);
}

static bool get_vq_ready(struct vdpa_device *vdpa, u16 idx)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	struct mlx5v_queue *q = data_queue(dev, idx);

	if (q)
		return READ_ONCE(q->ready);
	return mlx5v_is_cvq(dev, idx) && READ_ONCE(dev->cvq.ready);
}

static int set_vq_state(struct vdpa_device *vdpa, u16 idx, const struct vdpa_vq_state *state)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	struct mlx5v_queue *q = data_queue(dev, idx);
	u16 pos = state->split.avail_index;
	int err = 0;

	down_write(&dev->lock);
	if (q && q->state == MLX5V_STATE_RDY) {
		err = -EBUSY;
	} else if (q) {
		q->index_pos = pos;
		q->pos = MLX5V_POS_KNOWN;
		q->dirty |= MLX5V_MOD_AVAIL_IDX | MLX5V_MOD_USED_IDX;
	} else if (mlx5v_is_cvq(dev, idx)) {
		struct vdpa_vring_state rs = { .avail = pos, .used = pos };

		if (dev->cvq.running)
			err = -EBUSY;
		else
			vdpa_vring_set_state(&dev->cvq.ring, &rs);
	} else {
		err = -EINVAL;
	}
	up_write(&dev->lock);
	return err;
}

static int get_vq_state(struct vdpa_device *vdpa, u16 idx, struct vdpa_vq_state *state)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	struct mlx5v_queue *q = data_queue(dev, idx);
	struct vdpa_vring_state rs;
	int err = 0;

	memset(state, 0, sizeof(*state));
	down_write(&dev->lock);
	if (q) {
		err = mlx5v_queue_position(q);
		state->split.avail_index = q->index_pos;
	} else if (mlx5v_is_cvq(dev, idx)) {
		vdpa_vring_get_state(&dev->cvq.ring, false, &rs);
		state->split.avail_index = rs.avail;
	} else {
		err = -EINVAL;
	}
	up_write(&dev->lock);
	return err;
}

static struct vdpa_notification_area get_vq_notification(struct vdpa_device *vdpa, u16 idx)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	struct vdpa_notification_area none = {};
	struct vdpa_notification_area area = { .addr = dev->kick_phys, .size = PAGE_SIZE };

	if (!data_queue(dev, idx) || !dev->caps->doorbell_page || !PAGE_ALIGNED(dev->kick_phys))
		return none;
	return area;
}

static int get_vq_irq(struct vdpa_device *vdpa, u16 idx)
{
	struct mlx5v_queue *q = data_queue(vdpa_to_mlx5v(vdpa), idx);

	return q && q->irq.virq ? q->irq.virq : -EOPNOTSUPP;
}

static u32 get_vq_align(struct vdpa_device *vdpa)
{
	return PAGE_SIZE;
}

static u32 get_vq_group(struct vdpa_device *vdpa, u16 idx)
{
	return mlx5v_is_cvq(vdpa_to_mlx5v(vdpa), idx) ? MLX5V_GROUP_CVQ : MLX5V_GROUP_DATA;
}

static u32 get_vq_desc_group(struct vdpa_device *vdpa, u16 idx)
{
	return mlx5v_is_cvq(vdpa_to_mlx5v(vdpa), idx) ? MLX5V_GROUP_CVQ : MLX5V_GROUP_DESC;
}

static u64 get_device_features(struct vdpa_device *vdpa)
{
	return READ_ONCE(vdpa_to_mlx5v(vdpa)->offered);
}

static u64 get_backend_features(const struct vdpa_device *vdpa)
{
	return BIT_ULL(VHOST_BACKEND_F_ENABLE_AFTER_DRIVER_OK);
}

static int set_driver_features(struct vdpa_device *vdpa, u64 features)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	int err = 0;

	/* The device knows IOVAs only. */
	if (!(features & BIT_ULL(VIRTIO_F_ACCESS_PLATFORM)))
		return -EOPNOTSUPP;
	/* 5.1.3.1; which queue is the control queue depends on it. */
	if (features & BIT_ULL(VIRTIO_NET_F_MQ) && !(features & BIT_ULL(VIRTIO_NET_F_CTRL_VQ)))
		return -EINVAL;

	down_write(&dev->lock);
	if (dev->status & VIRTIO_CONFIG_S_DRIVER_OK) {
		err = -EBUSY;
	} else {
		WRITE_ONCE(dev->features, features & dev->offered);
		WRITE_ONCE(dev->cvq_index,
			   mlx5v_has(dev, VIRTIO_NET_F_MQ) ? dev->max_vqs : MLX5V_START_VQS);
	}
	up_write(&dev->lock);
	return err;
}

static u64 get_driver_features(struct vdpa_device *vdpa)
{
	return READ_ONCE(vdpa_to_mlx5v(vdpa)->features);
}

static void set_config_cb(struct vdpa_device *vdpa, struct vdpa_callback *cb)
{
	mlx5v_call_set(&vdpa_to_mlx5v(vdpa)->config_call, cb);
}

static u16 get_vq_num_max(struct vdpa_device *vdpa)
{
	return MLX5V_QUEUE_SIZE;
}

static u32 get_device_id(struct vdpa_device *vdpa)
{
	return VIRTIO_ID_NET;
}

static u32 get_vendor_id(struct vdpa_device *vdpa)
{
	return PCI_VENDOR_ID_MELLANOX;
}

static u8 get_status(struct vdpa_device *vdpa)
{
	return READ_ONCE(vdpa_to_mlx5v(vdpa)->status);
}

static size_t get_config_size(struct vdpa_device *vdpa)
{
	return sizeof(struct virtio_net_config);
}

static void get_config(struct vdpa_device *vdpa, unsigned int offset, void *buf, unsigned int len)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);

	if (offset > sizeof(dev->config) || len > sizeof(dev->config) - offset)
		return;
	down_read(&dev->lock);
	memcpy(buf, (u8 *)&dev->config + offset, len);
	up_read(&dev->lock);
}

/* A driver changes its address by the control queue; the rest is not for it to change. */
static void set_config(struct vdpa_device *vdpa, unsigned int offset, const void *buf,
		       unsigned int len)
{
}

static u32 get_generation(struct vdpa_device *vdpa)
{
	return atomic_read(&vdpa_to_mlx5v(vdpa)->generation);
}

/* The control queue is not read by the function, but by this driver. */
static union virtio_map get_vq_map(struct vdpa_device *vdpa, u16 idx)
{
	union virtio_map map = vdpa->vmap;

	if (mlx5v_is_cvq(vdpa_to_mlx5v(vdpa), idx))
		map.dma_dev = &vdpa->dev;
	return map;
}

/* The last reference is gone; dev_del gave back all that the firmware knows of. */
static void free_dev(struct vdpa_device *vdpa)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);

	kvfree(dev->queues);
	kvfree(dev->changes);
	/* Among what goes with the function are the ops by which this was called. */
	mlx5v_func_put(dev->func);
}

/* Ops that a function cannot do are taken out of its copy. */
const struct vdpa_config_ops mlx5v_ops = {
	.set_vq_address = set_vq_address,
	.set_vq_num = set_vq_num,
	.kick_vq = kick_vq,
	.set_vq_cb = set_vq_cb,
	.set_vq_ready = set_vq_ready,
	.get_vq_ready = get_vq_ready,
	.set_vq_state = set_vq_state,
	.get_vq_state = get_vq_state,
	.get_vendor_vq_stats = mlx5v_get_vq_stats,
	.get_vq_notification = get_vq_notification,
	.get_vq_irq = get_vq_irq,
	.get_vq_size = get_vq_size,
	.get_vq_align = get_vq_align,
	.get_vq_group = get_vq_group,
	.get_vq_desc_group = get_vq_desc_group,
	.get_device_features = get_device_features,
	.get_backend_features = get_backend_features,
	.set_driver_features = set_driver_features,
	.get_driver_features = get_driver_features,
	.set_config_cb = set_config_cb,
	.get_vq_num_max = get_vq_num_max,
	.get_device_id = get_device_id,
	.get_vendor_id = get_vendor_id,
	.get_status = get_status,
	.set_status = mlx5v_set_status,
	.reset = mlx5v_reset,
	.compat_reset = mlx5v_compat_reset,
	.suspend = mlx5v_suspend,
	.resume = mlx5v_resume,
	.get_config_size = get_config_size,
	.get_config = get_config,
	.set_config = set_config,
	.get_generation = get_generation,
	.set_map = mlx5v_set_map,
	.reset_map = mlx5v_reset_map,
	.set_group_asid = mlx5v_set_group_asid,
	.get_vq_map = get_vq_map,
	.free = free_dev,
};
