// SPDX-License-Identifier: GPL-2.0-only
/*
 * stats.c - statistics of queues (vdpa dev vstats show). Names are those of the in-tree driver.
 */
#include <linux/netlink.h>
#include <linux/nospec.h>
#include <net/netlink.h>
#include <uapi/linux/vdpa.h>

#include "mlx5_vdpa.h"

static int query_counters(struct mlx5v_queue *q, u64 *received, u64 *completed)
{
	u32 in[MLX5_ST_SZ_DW(general_obj_in_cmd_hdr)] = {};
	u32 out[MLX5_ST_SZ_DW(mlx5v_counters_out)] = {};
	void *counters;
	int err;

	if (!q->counters_exist)
		return q->dev->caps->counters ? -EAGAIN : -EOPNOTSUPP;
	MLX5_SET(general_obj_in_cmd_hdr, in, opcode, MLX5_CMD_OP_QUERY_GENERAL_OBJECT);
	MLX5_SET(general_obj_in_cmd_hdr, in, obj_type, MLX5V_OBJ_VIRTIO_Q_COUNTERS);
	MLX5_SET(general_obj_in_cmd_hdr, in, obj_id, q->counters);
	MLX5_SET(general_obj_in_cmd_hdr, in, uid, q->dev->uid);
	err = mlx5v_exec(q->dev, in, sizeof(in), out, sizeof(out));
	if (err)
		return err;
	counters = MLX5_ADDR_OF(mlx5v_counters_out, out, counters);
	*received = MLX5_GET64(mlx5v_counters, counters, received_desc);
	*completed = MLX5_GET64(mlx5v_counters, counters, completed_desc);
	return 0;
}

static int put_counter(struct sk_buff *msg, const char *name, u64 value)
{
	if (nla_put_string(msg, VDPA_ATTR_DEV_VENDOR_ATTR_NAME, name) ||
	    nla_put_u64_64bit(msg, VDPA_ATTR_DEV_VENDOR_ATTR_VALUE, value, VDPA_ATTR_PAD))
		return -EMSGSIZE;
	return 0;
}

/**
 * mlx5v_get_vq_stats() - see vdpa_config_ops.get_vendor_vq_stats
 * @vdpa: the device
 * @idx: queue
 * @msg: where to add the counters
 * @extack: for the reason of an error
 *
 * Context: sleeps; cf_lock held for reading.
 * Return: 0; -EINVAL: no such queue; -EOPNOTSUPP: the device does not count; -EAGAIN: there is no
 * counter now; -EMSGSIZE; or -errno of the command.
 */
int mlx5v_get_vq_stats(struct vdpa_device *vdpa, u16 idx, struct sk_buff *msg,
		       struct netlink_ext_ack *extack)
{
	struct mlx5v_dev *dev = vdpa_to_mlx5v(vdpa);
	u64 received = 0, completed = 0;
	int err = 0;

	down_read(&dev->lock);
	if (mlx5v_is_cvq(dev, idx)) {
		received = dev->cvq.received;
		completed = dev->cvq.completed;
	} else if (idx < dev->max_vqs) {
		err = query_counters(&dev->queues[array_index_nospec(idx, dev->max_vqs)],
				     &received, &completed);
		if (err)
			NL_SET_ERR_MSG_MOD(extack, "the device does not tell its counters");
	} else {
		NL_SET_ERR_MSG_MOD(extack, "there is no such virtqueue");
		err = -EINVAL;
	}
	up_read(&dev->lock);

	if (!err)
		err = put_counter(msg, "received_desc", received);
	if (!err)
		err = put_counter(msg, "completed_desc", completed);
	return err;
}
