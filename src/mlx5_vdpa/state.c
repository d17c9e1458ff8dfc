// SPDX-License-Identifier: GPL-2.0-only
/*
 * state.c - vdpa ops that change what the device as a whole does: status, reset, suspend and
 * resume, mappings.
 *
 * A reset leaves tables and keys alone: what is mapped belongs to the memory of the driver, not to
 * the life cycle of the virtio device. Only if told so (VDPA_RESET_F_CLEAN_MAP), or with
 * persist_mapping=N, does it take address spaces back to their initial state.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/nospec.h>

#include "mlx5_vdpa.h"

/* From here on the driver's rings and buffers are used. dev->lock held for writing. */
static int start(struct mlx5v_dev *dev)
{
	int err;

	err = mlx5v_queues_start(dev);
	if (!err)
		err = mlx5v_cvq_start(dev);
	if (err) {
		mlx5v_rules_off(dev);
		mlx5v_queues_halt(dev);
	}
	return err;
}

/**
 * mlx5v_set_status() - see vdpa_config_ops.set_status
 * @vdpa: the device
 * @status: new status, not 0
 *
 * A device that cannot start sets FAILED instead of DRIVER_OK, and does no DMA.
 *
 * Context: sleeps; cf_lock held for writing.
 */
void mlx5v_set_status(struct vdpa_device *vdpa, u8 status)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	u8 old;
	int err;

	down_write(&dev->lock);
	old = dev->status;
	if (old & VIRTIO_CONFIG_S_DRIVER_OK) {
		/* What is set, only a reset clears. */
		WRITE_ONCE(dev->status, old | status);
	} else if (status & VIRTIO_CONFIG_S_DRIVER_OK) {
		WRITE_ONCE(dev->status, old | status);
		err = start(dev);
		if (err) {
			mlx5v_err(dev, "cannot start: %d\n", err);
			WRITE_ONCE(dev->status, old | VIRTIO_CONFIG_S_FAILED);
		}
	} else {
		WRITE_ONCE(dev->status, status);
	}
	up_write(&dev->lock);
}

static void clear_calls(struct mlx5v_dev *dev)
{
	unsigned int i;

	for (i = 0; i < dev->max_vqs; i++)
		mlx5v_call_set(&dev->queues[i].call, NULL);
	mlx5v_call_set(&dev->cvq.call, NULL);
	mlx5v_call_set(&dev->config_call, NULL);
}

static int clean_spaces(struct mlx5v_dev *dev)
{
	unsigned int asid;
	int err = 0;

	for (asid = 0; asid < MLX5V_SPACES; asid++) {
		int ret = mlx5v_space_switch(dev, asid, mlx5v_table_initial(dev, asid));

		if (!err)
			err = ret;
	}
	return err;
}

static int reset(struct mlx5v_dev *dev, bool clean)
{
	int err;

	mutex_lock(&dev->map_lock);
	down_write(&dev->lock);
	atomic64_inc(&dev->count.resets);
	/* From here on, no queue shall run. */
	WRITE_ONCE(dev->status, 0);
	mlx5v_cvq_reset(dev);
	err = mlx5v_queues_reset(dev);
	if (err) {
		/* Some queue may still do DMA: whoever asked must keep everything as it is. */
		mlx5v_err(dev, "cannot be reset: %d\n", err);
		WRITE_ONCE(dev->status, VIRTIO_CONFIG_S_NEEDS_RESET);
		goto unlock;
	}
	clear_calls(dev);
	dev->suspended = false;
	WRITE_ONCE(dev->features, 0);
	WRITE_ONCE(dev->cvq_index, MLX5V_START_VQS);
	memset(dev->group_asid, 0, sizeof(dev->group_asid));
	if (clean) {
		atomic64_inc(&dev->count.clean_resets);
		err = clean_spaces(dev);
	}
	mlx5v_cvq_bind(dev);
	atomic_inc(&dev->generation);
unlock:
	up_write(&dev->lock);
	mlx5v_tables_reap(dev);
	mutex_unlock(&dev->map_lock);
	return err;
}

/**
 * mlx5v_reset() - see vdpa_config_ops.reset
 * @vdpa: the device
 *
 * Context: sleeps; cf_lock held for writing.
 * Return: 0: no DMA any more; or -errno: there may be.
 */
int mlx5v_reset(struct vdpa_device *vdpa)
{
	return reset(vdpa_to_mlx5v(vdpa), !mlx5v_persists());
}

/**
 * mlx5v_compat_reset() - see vdpa_config_ops.compat_reset
 * @vdpa: the device
 * @flags: VDPA_RESET_F_...
 *
 * Context: sleeps; cf_lock held for writing.
 * Return: as mlx5v_reset().
 */
int mlx5v_compat_reset(struct vdpa_device *vdpa, u32 flags)
{
	return reset(vdpa_to_mlx5v(vdpa), flags & VDPA_RESET_F_CLEAN_MAP);
}

/**
 * mlx5v_suspend() - see vdpa_config_ops.suspend
 * @vdpa: the device
 *
 * Context: sleeps.
 * Return: 0; or -errno, with the device as before, or needing a reset.
 */
int mlx5v_suspend(struct vdpa_device *vdpa)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	int err = 0;

	down_write(&dev->lock);
	if (!mlx5v_running(dev))
		goto unlock;
	err = mlx5v_queues_stop(dev, true);
	if (!err) {
		mlx5v_cvq_stop(dev);
		dev->suspended = true;
	} else if (mlx5v_queues_start(dev)) {
		mlx5v_broken(dev);
	}
unlock:
	up_write(&dev->lock);
	return err;
}

/**
 * mlx5v_resume() - see vdpa_config_ops.resume
 * @vdpa: the device
 *
 * Context: sleeps.
 * Return: 0; or -errno, with the device still suspended.
 */
int mlx5v_resume(struct vdpa_device *vdpa)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	int err = 0;

	down_write(&dev->lock);
	if (!dev->suspended)
		goto unlock;
	dev->suspended = false;
	err = mlx5v_queues_start(dev);
	if (!err)
		err = mlx5v_cvq_start(dev);
	if (err) {
		dev->suspended = true;
		if (mlx5v_queues_halt(dev))
			mlx5v_broken(dev);
	} else {
		queue_work(dev->wq, &dev->link_work);
	}
unlock:
	up_write(&dev->lock);
	return err;
}

/**
 * mlx5v_set_map() - see vdpa_config_ops.set_map
 * @vdpa: the device
 * @asid: address space
 * @iotlb: its new table, by physical addresses
 *
 * Keys are made with the device at work; queues that run are stopped only to be told of them. On
 * return the firmware has no key to memory that only the old table had.
 *
 * Context: sleeps.
 * Return: 0; or -errno, with the old table in force.
 */
int mlx5v_set_map(struct vdpa_device *vdpa, unsigned int asid, struct vhost_iotlb *iotlb)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	struct mlx5v_table *t;
	int err;

	if (asid >= MLX5V_SPACES)
		return -EINVAL;
	asid = array_index_nospec(asid, MLX5V_SPACES);
	atomic64_inc(&dev->count.set_map);

	mutex_lock(&dev->map_lock);
	t = mlx5v_table_make(dev, iotlb, asid);
	if (IS_ERR(t)) {
		err = PTR_ERR(t);
	} else {
		down_write(&dev->lock);
		err = mlx5v_space_switch(dev, asid, t);
		up_write(&dev->lock);
		mlx5v_tables_reap(dev);
	}
	mutex_unlock(&dev->map_lock);
	if (err)
		mlx5v_err(dev, "address space %u cannot be mapped (%u ranges): %d\n", asid,
			  iotlb->nmaps, err);
	return err;
}

/**
 * mlx5v_reset_map() - see vdpa_config_ops.reset_map
 * @vdpa: the device
 * @asid: address space
 *
 * Context: sleeps.
 * Return: 0 or -errno.
 */
int mlx5v_reset_map(struct vdpa_device *vdpa, unsigned int asid)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	int err;

	if (asid >= MLX5V_SPACES)
		return -EINVAL;
	asid = array_index_nospec(asid, MLX5V_SPACES);
	atomic64_inc(&dev->count.reset_map);

	mutex_lock(&dev->map_lock);
	down_write(&dev->lock);
	err = mlx5v_space_switch(dev, asid, mlx5v_table_initial(dev, asid));
	up_write(&dev->lock);
	mlx5v_tables_reap(dev);
	mutex_unlock(&dev->map_lock);
	return err;
}

/**
 * mlx5v_set_group_asid() - see vdpa_config_ops.set_group_asid
 * @vdpa: the device
 * @group: enum mlx5v_group
 * @asid: address space it is to use
 *
 * Queues are told when they start.
 *
 * Context: sleeps.
 * Return: 0; -EINVAL: no such group or address space; -EBUSY: the device runs.
 */
int mlx5v_set_group_asid(struct vdpa_device *vdpa, unsigned int group, unsigned int asid)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	int err = 0;

	if (group >= MLX5V_GROUPS || asid >= MLX5V_SPACES)
		return -EINVAL;
	group = array_index_nospec(group, MLX5V_GROUPS);
	asid = array_index_nospec(asid, MLX5V_SPACES);

	down_write(&dev->lock);
	if (dev->status & VIRTIO_CONFIG_S_DRIVER_OK) {
		err = -EBUSY;
	} else {
		dev->group_asid[group] = asid;
		mlx5v_cvq_bind(dev);
	}
	up_write(&dev->lock);
	return err;
}
