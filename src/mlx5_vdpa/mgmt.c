// SPDX-License-Identifier: GPL-2.0-only
/*
 * mgmt.c - the management device of a function, and what an administrator can say about its vDPA
 * device (vdpa dev add, del, set).
 */
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/etherdevice.h>
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/mlx5/vport.h>
#include <uapi/linux/vdpa.h>
#include <uapi/linux/virtio_ids.h>

#include "mlx5_vdpa.h"

#define NEEDED_FEATURES	(BIT_ULL(VIRTIO_F_VERSION_1) | BIT_ULL(VIRTIO_F_ACCESS_PLATFORM))

static bool given(const struct vdpa_dev_set_config *config, unsigned int attr)
{
	return config->mask & BIT_ULL(attr);
}

/*
 * What to offer. Merging of receive buffers costs speed, and is only offered if asked for, as by
 * the in-tree driver.
 */
static int choose_features(struct mlx5v_func *func, const struct vdpa_dev_set_config *config,
			   u64 *features)
{
	*features = func->mgmt.supported_features & ~BIT_ULL(VIRTIO_NET_F_MRG_RXBUF);
	if (given(config, VDPA_ATTR_DEV_FEATURES)) {
		*features = config->device_features;
		if (*features & ~func->mgmt.supported_features) {
			dev_warn(func->mdev->device, "cannot offer features 0x%llx\n",
				 *features & ~func->mgmt.supported_features);
			return -EINVAL;
		}
	}
	if ((*features & NEEDED_FEATURES) != NEEDED_FEATURES) {
		dev_warn(func->mdev->device, "features 0x%llx have to be provisioned\n",
			 NEEDED_FEATURES);
		return -EOPNOTSUPP;
	}
	return 0;
}

static int choose_queues(struct mlx5v_func *func, const struct vdpa_dev_set_config *config,
			 u64 features, u32 *max_vqs)
{
	u32 pairs = config->net.max_vq_pairs;

	*max_vqs = MLX5V_START_VQS;
	if (!given(config, VDPA_ATTR_DEV_NET_CFG_MAX_VQP))
		return 0;
	if (!pairs || pairs > func->caps.max_queues / 2) {
		dev_warn(func->mdev->device, "cannot have %u pairs of virtqueues, but up to %u\n",
			 pairs, func->caps.max_queues / 2);
		return -EINVAL;
	}
	if (features & BIT_ULL(VIRTIO_NET_F_MQ))
		*max_vqs = 2 * pairs;
	return 0;
}

static int check_config(struct mlx5v_func *func, const struct vdpa_dev_set_config *config)
{
	const u16 max_mtu = U16_MAX - MLX5V_FRAME_OVERHEAD;

	if (given(config, VDPA_ATTR_DEV_NET_CFG_MTU) &&
	    (config->net.mtu < ETH_MIN_MTU || config->net.mtu > max_mtu)) {
		dev_warn(func->mdev->device, "cannot have an MTU of %u, but %u to %u\n",
			 config->net.mtu, ETH_MIN_MTU, max_mtu);
		return -EINVAL;
	}
	if (given(config, VDPA_ATTR_DEV_NET_CFG_MACADDR) &&
	    is_multicast_ether_addr(config->net.mac)) {
		dev_warn(func->mdev->device, "cannot have a multicast address, %pM\n",
			 config->net.mac);
		return -EINVAL;
	}
	return 0;
}

static int set_port_mtu(struct mlx5v_dev *dev, u16 mtu)
{
	int inlen = MLX5_ST_SZ_BYTES(modify_nic_vport_context_in);
	u32 out[MLX5_ST_SZ_DW(modify_nic_vport_context_out)] = {};
	void *in = kvzalloc(inlen, GFP_KERNEL);
	int err;

	if (!in)
		return -ENOMEM;
	MLX5_SET(modify_nic_vport_context_in, in, opcode, MLX5_CMD_OP_MODIFY_NIC_VPORT_CONTEXT);
	MLX5_SET(modify_nic_vport_context_in, in, field_select.mtu, 1);
	MLX5_SET(modify_nic_vport_context_in, in, nic_vport_context.mtu,
		 mtu + MLX5V_FRAME_OVERHEAD);
	err = mlx5v_exec(dev, in, inlen, out, sizeof(out));
	kvfree(in);
	return err;
}

static int fill_mtu(struct mlx5v_dev *dev, const struct vdpa_dev_set_config *config)
{
	u16 mtu;
	int err;

	if (given(config, VDPA_ATTR_DEV_NET_CFG_MTU)) {
		err = set_port_mtu(dev, config->net.mtu);
		if (err)
			return err;
	}
	if (!(dev->offered & BIT_ULL(VIRTIO_NET_F_MTU)))
		return 0;
	err = mlx5_query_nic_vport_mtu(dev->mdev, &mtu);
	if (err)
		return err;
	mtu -= min_t(u16, mtu, MLX5V_FRAME_OVERHEAD);
	dev->config.mtu = (__virtio16 __force)cpu_to_le16(mtu);
	return 0;
}

/* An address that was not given is the function's own. A device may have none. */
static int fill_mac(struct mlx5v_dev *dev, const struct vdpa_dev_set_config *config)
{
	bool chosen = given(config, VDPA_ATTR_DEV_FEATURES);
	int err;

	if (given(config, VDPA_ATTR_DEV_NET_CFG_MACADDR)) {
		ether_addr_copy(dev->config.mac, config->net.mac);
	} else if (!chosen || dev->offered & BIT_ULL(VIRTIO_NET_F_MAC)) {
		err = mlx5_query_nic_vport_mac_address(dev->mdev, 0, false, dev->config.mac);
		if (err)
			return err;
	}
	if (!is_zero_ether_addr(dev->config.mac))
		return 0;
	if (chosen && dev->offered & BIT_ULL(VIRTIO_NET_F_MAC)) {
		dev_warn(dev->mdev->device, "the function has no address: give one, or do not provision VIRTIO_NET_F_MAC\n");
		return -EINVAL;
	}
	dev->offered &= ~BIT_ULL(VIRTIO_NET_F_MAC);
	return 0;
}

static int fill_config(struct mlx5v_dev *dev, const struct vdpa_dev_set_config *config)
{
	int err = fill_mtu(dev, config);

	if (!err)
		err = fill_mac(dev, config);
	if (err)
		return err;
	dev->config.max_virtqueue_pairs = (__virtio16 __force)cpu_to_le16(dev->max_vqs / 2);
	if (dev->offered & BIT_ULL(VIRTIO_NET_F_STATUS) && mlx5v_link_up(dev))
		dev->config.status = (__virtio16 __force)cpu_to_le16(VIRTIO_NET_S_LINK_UP);
	return 0;
}

/* What can neither fail nor needs to be undone. */
static void init_dev(struct mlx5v_dev *dev)
{
	mutex_init(&dev->map_lock);
	INIT_LIST_HEAD(&dev->tables);
	init_rwsem(&dev->lock);
	xa_init(&dev->rx.rules);
	mlx5v_call_init(&dev->config_call);
	dev->cvq_index = MLX5V_START_VQS;
	dev->cur_vqs = MLX5V_START_VQS;
}

static int alloc_queues(struct mlx5v_dev *dev)
{
	unsigned int i;

	dev->changes = kvcalloc(dev->max_vqs, sizeof(*dev->changes), GFP_KERNEL);
	if (!dev->changes)
		return -ENOMEM;
	/* teardown() takes queues that are there for queues that are set up. */
	dev->queues = kvcalloc(dev->max_vqs, sizeof(*dev->queues), GFP_KERNEL);
	if (!dev->queues)
		return -ENOMEM;
	for (i = 0; i < dev->max_vqs; i++) {
		struct mlx5v_queue *q = &dev->queues[i];

		q->dev = dev;
		q->index = i;
		q->state = MLX5V_STATE_NONE;
		mlx5v_call_init(&q->call);
		mlx5v_queue_defaults(q);
	}
	return 0;
}

/* The control queue is mapped with the vdpa device itself, see get_vq_map. */
static int init_dma(struct mlx5v_dev *dev)
{
	struct device *vdev = &dev->vdpa.dev;

	dev->vdpa.vmap.dma_dev = &dev->mdev->pdev->dev;
	vdev->dma_mask = &vdev->coherent_dma_mask;
	return dma_set_mask_and_coherent(vdev, DMA_BIT_MASK(64));
}

/*
 * Give back all there is, in the reverse of the order in which build() made it. For a device of
 * which nobody else knows any more; also for one that is not complete.
 */
static void teardown(struct mlx5v_dev *dev)
{
	mlx5v_debugfs_remove(dev);
	mlx5v_link_off(dev);
	if (dev->wq)
		destroy_workqueue(dev->wq);
	dev->wq = NULL;

	if (dev->queues) {
		down_write(&dev->lock);
		WRITE_ONCE(dev->status, 0);
		mlx5v_queues_destroy(dev);
		up_write(&dev->lock);
		mlx5v_irqs_free(dev);
	}
	mlx5v_rx_exit(dev);
	mlx5v_mpfs_del(dev);
	mlx5v_cvq_exit(dev);
	mutex_lock(&dev->map_lock);
	mlx5v_mr_exit(dev);
	mutex_unlock(&dev->map_lock);
	mlx5v_dma_exit(dev);
	mlx5v_window_exit(&dev->queue_win);
	mlx5v_window_exit(&dev->keys_win);
	mlx5v_res_free(dev);
}

static int build_queues(struct mlx5v_dev *dev)
{
	int err;

	mlx5v_irqs_alloc(dev);
	down_write(&dev->lock);
	mlx5v_cvq_bind(dev);
	err = mlx5v_queues_create(dev);
	up_write(&dev->lock);
	return err;
}

static int build(struct mlx5v_dev *dev, const struct vdpa_dev_set_config *config)
{
	int err;

	err = init_dma(dev);
	if (!err)
		err = fill_config(dev, config);
	if (!err)
		err = alloc_queues(dev);
	if (!err)
		err = mlx5v_res_alloc(dev);
	if (!err)
		err = mlx5v_window_init(&dev->keys_win, dev);
	if (!err)
		err = mlx5v_window_init(&dev->queue_win, dev);
	if (!err)
		err = mlx5v_dma_init(dev);
	if (!err)
		err = mlx5v_mr_init(dev);
	if (!err)
		err = mlx5v_cvq_init(dev);
	if (!err)
		err = mlx5v_mpfs_add(dev);
	if (!err)
		err = mlx5v_rx_init(dev);
	if (!err)
		err = build_queues(dev);
	if (err)
		return err;

	dev->wq = alloc_ordered_workqueue("mlx5_vdpa-%s", 0, dev_name(&dev->vdpa.dev));
	if (!dev->wq)
		return -ENOMEM;
	mlx5v_link_on(dev);
	mlx5v_debugfs_add(dev);
	return 0;
}

static int dev_add(struct vdpa_mgmt_dev *mgmt, const char *name,
		   const struct vdpa_dev_set_config *config)
{
	struct mlx5v_func *func = container_of(mgmt, struct mlx5v_func, mgmt);
	struct mlx5v_dev *dev;
	u64 features;
	u32 max_vqs;
	int err;

	if (func->dev)
		return -ENOSPC;
	err = check_config(func, config);
	if (!err)
		err = choose_features(func, config, &features);
	if (!err)
		err = choose_queues(func, config, features, &max_vqs);
	if (err)
		return err;

	dev = vdpa_alloc_device(struct mlx5v_dev, vdpa, func->mdev->device, &func->ops, NULL,
				MLX5V_GROUPS, MLX5V_SPACES, name, false);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	kref_get(&func->ref);
	dev->func = func;
	dev->mdev = func->mdev;
	dev->caps = &func->caps;
	dev->offered = features;
	dev->max_vqs = max_vqs;
	dev->vdpa.mdev = mgmt;
	init_dev(dev);

	err = build(dev, config);
	if (err)
		goto teardown;
	/* A driver may be bound, and at work, before this returns. */
	err = _vdpa_register_device(&dev->vdpa, max_vqs + 1);
	if (err)
		goto teardown;
	func->dev = dev;
	return 0;

teardown:
	teardown(dev);
	put_device(&dev->vdpa.dev);
	return err;
}

static void dev_del(struct vdpa_mgmt_dev *mgmt, struct vdpa_device *vdpa)
{
	struct mlx5v_func *func = container_of(mgmt, struct mlx5v_func, mgmt);
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);

	/* Somebody may hold a reference for longer than the function is there. */
	get_device(&vdpa->dev);
	_vdpa_unregister_device(vdpa);
	teardown(dev);
	func->dev = NULL;
	put_device(&vdpa->dev);
}

static int dev_set_attr(struct vdpa_mgmt_dev *mgmt, struct vdpa_device *vdpa,
			const struct vdpa_dev_set_config *config)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	int err;

	if (config->mask != BIT_ULL(VDPA_ATTR_DEV_NET_CFG_MACADDR))
		return -EOPNOTSUPP;
	if (!is_valid_ether_addr(config->net.mac))
		return -EINVAL;

	down_write(&dev->lock);
	if (dev->status & VIRTIO_CONFIG_S_DRIVER_OK) {
		mlx5v_warn(dev, "the address cannot be set while a driver runs\n");
		err = -EBUSY;
	} else {
		err = mlx5v_set_mac(dev, config->net.mac);
		if (!err) {
			WRITE_ONCE(dev->offered, dev->offered | BIT_ULL(VIRTIO_NET_F_MAC));
			mlx5v_config_changed(dev);
		}
	}
	up_write(&dev->lock);
	return err;
}

static const struct vdpa_mgmtdev_ops mgmt_ops = {
	.dev_add = dev_add,
	.dev_del = dev_del,
	.dev_set_attr = dev_set_attr,
};

static struct virtio_device_id net_ids[] = {
	{ VIRTIO_ID_NET, VIRTIO_DEV_ANY_ID },
	{ 0 },
};

/**
 * mlx5v_func_create() - offers a function as a management device
 * @mdev: the function, of the right kind
 *
 * Context: sleeps.
 * Return: the function; or ERR_PTR: -EOPNOTSUPP: it cannot do what is needed; -ENOMEM; or -errno of
 * a command.
 */
struct mlx5v_func *mlx5v_func_create(struct mlx5_core_dev *mdev)
{
	struct mlx5v_func *func = kzalloc(sizeof(*func), GFP_KERNEL);
	int err;

	if (!func)
		return ERR_PTR(-ENOMEM);
	kref_init(&func->ref);
	func->mdev = mdev;
	err = mlx5v_caps_query(mdev, &func->caps);
	if (err)
		goto free;
	if (!func->caps.split || func->caps.max_queues < MLX5V_START_VQS) {
		dev_info(mdev->device, "no vDPA: %u virtqueues%s\n", func->caps.max_queues,
			 func->caps.split ? "" : ", no split ones");
		err = -EOPNOTSUPP;
		goto free;
	}

	func->ops = mlx5v_ops;
	if (!func->caps.desc_mkey)
		func->ops.get_vq_desc_group = NULL;
	if (!func->caps.resumable)
		func->ops.resume = NULL;
	if (!mlx5v_persists()) {
		func->ops.reset_map = NULL;
		func->ops.compat_reset = NULL;
	}
	func->mgmt.device = mdev->device;
	func->mgmt.ops = &mgmt_ops;
	func->mgmt.id_table = net_ids;
	func->mgmt.config_attr_mask = BIT_ULL(VDPA_ATTR_DEV_NET_CFG_MACADDR) |
				      BIT_ULL(VDPA_ATTR_DEV_NET_CFG_MTU) |
				      BIT_ULL(VDPA_ATTR_DEV_NET_CFG_MAX_VQP) |
				      BIT_ULL(VDPA_ATTR_DEV_FEATURES);
	func->mgmt.supported_features = mlx5v_supported_features(&func->caps);
	func->mgmt.max_supported_vqs = func->caps.max_queues + 1;
	err = vdpa_mgmtdev_register(&func->mgmt);
	if (err)
		goto free;
	return func;

free:
	kfree(func);
	return ERR_PTR(err);
}

static void func_release(struct kref *ref)
{
	kfree(container_of(ref, struct mlx5v_func, ref));
}

void mlx5v_func_put(struct mlx5v_func *func)
{
	kref_put(&func->ref, func_release);
}

/**
 * mlx5v_func_destroy() - takes a function back, and its device
 * @func: the function
 *
 * Context: sleeps; waits for administrators' commands and for drivers.
 */
void mlx5v_func_destroy(struct mlx5v_func *func)
{
	vdpa_mgmtdev_unregister(&func->mgmt);
	mlx5v_func_put(func);
}
