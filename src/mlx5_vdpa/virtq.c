// SPDX-License-Identifier: GPL-2.0-only
/*
 * virtq.c - queue objects: making, modifying, asking, ending them. When to do so is for run.c.
 *
 * An object begins in INIT. From there it can become RDY, in which it uses the rings, and then
 * SUSPEND. If the firmware can (caps->resumable), SUSPEND leads back to RDY; otherwise only a new
 * object goes on where the old one stopped. All fields but the state can only be changed in INIT
 * and in SUSPEND. In INIT, firmware does not take fields and state RDY in the same command.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "mlx5_vdpa.h"

#define ALL_FIELDS (MLX5V_MOD_ADDRS | MLX5V_MOD_AVAIL_IDX | MLX5V_MOD_USED_IDX)

/* What buffers of a queue are in. dev->lock */
struct mlx5v_table *mlx5v_queue_table(const struct mlx5v_queue *q)
{
	return q->dev->spaces[q->dev->group_asid[MLX5V_GROUP_DATA]];
}

/* What its rings are in, or NULL if the firmware makes no difference. dev->lock */
struct mlx5v_table *mlx5v_queue_desc_table(const struct mlx5v_queue *q)
{
	if (!q->dev->caps->desc_mkey)
		return NULL;
	return q->dev->spaces[q->dev->group_asid[MLX5V_GROUP_DESC]];
}

static void replace_table(struct mlx5v_table **slot, struct mlx5v_table *t)
{
	if (t)
		mlx5v_table_get(t);
	if (*slot)
		mlx5v_table_put(*slot);
	*slot = t;
}

static void set_features(void *q_obj, u16 fw)
{
	MLX5_SET(mlx5v_net_q, q_obj, features_12_3, fw >> 3);
	MLX5_SET(mlx5v_net_q, q_obj, features_2_0, fw & 7);
}

static void set_addrs(const struct mlx5v_queue *q, void *virtq)
{
	MLX5_SET64(mlx5v_virtq, virtq, desc_addr, q->desc);
	MLX5_SET64(mlx5v_virtq, virtq, available_addr, q->driver);
	MLX5_SET64(mlx5v_virtq, virtq, used_addr, q->device);
}

static void fill_hdr(const struct mlx5v_queue *q, void *in, u16 opcode)
{
	MLX5_SET(general_obj_in_cmd_hdr, in, opcode, opcode);
	MLX5_SET(general_obj_in_cmd_hdr, in, uid, q->dev->uid);
	MLX5_SET(general_obj_in_cmd_hdr, in, obj_type, MLX5V_OBJ_VIRTIO_NET_Q);
	if (opcode != MLX5_CMD_OP_CREATE_GENERAL_OBJECT)
		MLX5_SET(general_obj_in_cmd_hdr, in, obj_id, q->obj);
}

/* What does not change as long as there is the object. */
static void fill_fixed(const struct mlx5v_queue *q, void *q_obj)
{
	void *virtq = MLX5_ADDR_OF(mlx5v_net_q, q_obj, virtq);
	void *umem = MLX5_ADDR_OF(mlx5v_virtq, virtq, umem);
	unsigned int i;

	/* Odd queues transmit. */
	if (q->index & 1)
		MLX5_SET(mlx5v_net_q, q_obj, tisn_or_qpn, q->dev->tisn);
	MLX5_SET(mlx5v_virtq, virtq, virtio_q_type, MLX5V_QUEUE_SPLIT);
	if (q->irq.virq) {
		MLX5_SET(mlx5v_virtq, virtq, event_mode, MLX5V_EVENT_MSIX);
		MLX5_SET(mlx5v_virtq, virtq, event_qpn_or_msix, q->irq.index);
	} else {
		MLX5_SET(mlx5v_virtq, virtq, event_mode, MLX5V_EVENT_QP);
		MLX5_SET(mlx5v_virtq, virtq, event_qpn_or_msix, q->fw.qpn);
	}
	MLX5_SET(mlx5v_virtq, virtq, queue_index, q->index);
	MLX5_SET(mlx5v_virtq, virtq, queue_size, q->num);
	MLX5_SET(mlx5v_virtq, virtq, pd, q->dev->pdn);
	if (q->counters_exist)
		MLX5_SET(mlx5v_virtq, virtq, counter_set_id, q->counters);
	for (i = 0; i < ARRAY_SIZE(q->umem); i++) {
		MLX5_SET(mlx5v_umem, umem, id, q->umem[i].id);
		MLX5_SET(mlx5v_umem, umem, size, q->umem[i].size);
		umem += MLX5_ST_SZ_BYTES(mlx5v_umem);
	}
}

static int object_create(struct mlx5v_queue *q, bool filled)
{
	u64 features = filled ? q->dev->features : q->dev->offered;
	u32 in[MLX5_ST_SZ_DW(mlx5v_net_q_in)] = {};
	u32 out[MLX5_ST_SZ_DW(general_obj_out_cmd_hdr)] = {};
	void *q_obj = MLX5_ADDR_OF(mlx5v_net_q_in, in, q);
	void *virtq = MLX5_ADDR_OF(mlx5v_net_q, q_obj, virtq);
	struct mlx5v_table *t = mlx5v_queue_table(q), *dt = mlx5v_queue_desc_table(q);
	bool version_1 = features & BIT_ULL(VIRTIO_F_VERSION_1);
	u16 fw = mlx5v_fw_features(features);
	int err;

	fill_hdr(q, in, MLX5_CMD_OP_CREATE_GENERAL_OBJECT);
	fill_fixed(q, q_obj);
	set_features(q_obj, fw);
	MLX5_SET(mlx5v_virtq, virtq, virtio_version_1_0, version_1);
	if (filled) {
		set_addrs(q, virtq);
		MLX5_SET(mlx5v_net_q, q_obj, hw_available_index, q->index_pos);
		MLX5_SET(mlx5v_net_q, q_obj, hw_used_index, q->index_pos);
		MLX5_SET(mlx5v_virtq, virtq, virtio_q_mkey, t->mkey);
		if (dt)
			MLX5_SET(mlx5v_virtq, virtq, desc_group_mkey, dt->mkey);
	}
	err = mlx5v_exec(q->dev, in, sizeof(in), out, sizeof(out));
	if (err)
		return err;

	q->obj = MLX5_GET(general_obj_out_cmd_hdr, out, obj_id);
	q->obj_num = q->num;
	q->obj_features = fw;
	q->obj_version_1 = version_1;
	q->dirty = filled ? 0 : ALL_FIELDS;
	q->state = MLX5V_STATE_INIT;
	if (filled) {
		replace_table(&q->table, t);
		replace_table(&q->desc_table, dt);
	}
	atomic64_inc(&q->dev->count.queues_made);
	return 0;
}

/**
 * mlx5v_queue_create() - makes the object of a queue, and what it needs
 * @q: queue without an object
 * @filled: with what the driver set; else with what can be known before there is a driver
 *
 * Context: sleeps; dev->lock held for writing.
 * Return: 0; or -errno, with no object.
 */
int mlx5v_queue_create(struct mlx5v_queue *q, bool filled)
{
	int err;

	/* Remains of one that could not be taken apart. */
	err = mlx5v_umems_destroy(q);
	if (!err)
		err = mlx5v_channel_destroy(q);
	if (err)
		return err;
	err = mlx5v_channel_create(q);
	if (err)
		return err;
	err = mlx5v_umems_create(q);
	if (err)
		goto no_umems;
	err = object_create(q, filled);
	if (err)
		goto no_object;
	return 0;

no_object:
	mlx5v_umems_destroy(q);
no_umems:
	mlx5v_channel_destroy(q);
	return err;
}

/**
 * mlx5v_queue_destroy() - ends the object of a queue, whatever its state, and what it needed
 * @q: queue; its position must have been asked for before, if it is to be known
 *
 * Context: sleeps; dev->lock held for writing. On return the queue does no DMA.
 * Return: 0; or -errno: the object may still be at work (state MLX5V_STATE_LOST), and keeps what it
 * refers to.
 */
int mlx5v_queue_destroy(struct mlx5v_queue *q)
{
	u32 in[MLX5_ST_SZ_DW(general_obj_in_cmd_hdr)] = {};
	int err, ret;

	WRITE_ONCE(q->kickable, false);
	if (q->state != MLX5V_STATE_NONE) {
		fill_hdr(q, in, MLX5_CMD_OP_DESTROY_GENERAL_OBJECT);
		err = mlx5v_exec_free(q->dev, "virtqueue", in, sizeof(in));
		if (err) {
			q->state = MLX5V_STATE_LOST;
			return err;
		}
		q->state = MLX5V_STATE_NONE;
		if (q->pos == MLX5V_POS_OBJECT)
			q->pos = MLX5V_POS_LOST;
	}
	replace_table(&q->table, NULL);
	replace_table(&q->desc_table, NULL);
	/* No DMA to memory of the driver any more; whoever is next tries what is left again. */
	err = mlx5v_umems_destroy(q);
	ret = mlx5v_channel_destroy(q);
	if (err || ret)
		mlx5v_warn(q->dev, "virtqueue %u: parts of it are left behind\n", q->index);
	return 0;
}

/**
 * mlx5v_queue_defaults() - forgets what the driver set
 * @q: queue that is not running
 *
 * Context: dev->lock held for writing.
 */
void mlx5v_queue_defaults(struct mlx5v_queue *q)
{
	q->desc = 0;
	q->driver = 0;
	q->device = 0;
	q->num = MLX5V_QUEUE_SIZE;
	q->index_pos = 0;
	q->pos = MLX5V_POS_KNOWN;
	q->ready = false;
	q->dirty = ALL_FIELDS;
}

/*
 * Batches
 */

static int prepare_modify(struct mlx5v_dev *dev, void *data, unsigned int i,
			  struct mlx5v_cmd *cmd)
{
	struct mlx5v_change *c = &dev->changes[i];
	struct mlx5v_queue *q = c->q;
	void *q_obj = MLX5_ADDR_OF(mlx5v_net_q_in, cmd->in, q);
	void *virtq = MLX5_ADDR_OF(mlx5v_net_q, q_obj, virtq);

	BUILD_BUG_ON(MLX5_ST_SZ_BYTES(mlx5v_net_q_in) > sizeof(cmd->small));
	cmd->inlen = MLX5_ST_SZ_BYTES(mlx5v_net_q_in);
	cmd->outlen = MLX5_ST_SZ_BYTES(general_obj_out_cmd_hdr);
	fill_hdr(q, cmd->in, MLX5_CMD_OP_MODIFY_GENERAL_OBJECT);
	MLX5_SET64(mlx5v_net_q, q_obj, modify_select, c->mask);
	if (c->mask & MLX5V_MOD_STATE)
		MLX5_SET(mlx5v_net_q, q_obj, state, c->state);
	if (c->mask & MLX5V_MOD_ADDRS)
		set_addrs(q, virtq);
	if (c->mask & MLX5V_MOD_AVAIL_IDX)
		MLX5_SET(mlx5v_net_q, q_obj, hw_available_index, q->index_pos);
	if (c->mask & MLX5V_MOD_USED_IDX)
		MLX5_SET(mlx5v_net_q, q_obj, hw_used_index, q->index_pos);
	if (c->mask & MLX5V_MOD_VERSION)
		MLX5_SET(mlx5v_virtq, virtq, virtio_version_1_0,
			 mlx5v_has(dev, VIRTIO_F_VERSION_1));
	if (c->mask & MLX5V_MOD_FEATURES)
		set_features(q_obj, mlx5v_fw_features(dev->features));
	if (c->mask & MLX5V_MOD_MKEY)
		MLX5_SET(mlx5v_virtq, virtq, virtio_q_mkey, mlx5v_queue_table(q)->mkey);
	if (c->mask & MLX5V_MOD_DESC_MKEY)
		MLX5_SET(mlx5v_virtq, virtq, desc_group_mkey, mlx5v_queue_desc_table(q)->mkey);
	return 0;
}

static void modify_done(struct mlx5v_dev *dev, void *data, unsigned int i, int err,
			const struct mlx5v_cmd *cmd)
{
	struct mlx5v_change *c = &dev->changes[i];
	struct mlx5v_queue *q = c->q;

	c->err = err;
	if (err) {
		mlx5v_err(dev, "virtqueue %u: cannot be changed from state %u (fields 0x%llx): %d\n",
			  q->index, q->state, c->mask, err);
		return;
	}
	if (c->mask & MLX5V_MOD_MKEY)
		replace_table(&q->table, mlx5v_queue_table(q));
	if (c->mask & MLX5V_MOD_DESC_MKEY)
		replace_table(&q->desc_table, mlx5v_queue_desc_table(q));
	if (c->mask & MLX5V_MOD_FEATURES)
		q->obj_features = mlx5v_fw_features(dev->features);
	if (c->mask & MLX5V_MOD_VERSION)
		q->obj_version_1 = mlx5v_has(dev, VIRTIO_F_VERSION_1);
	q->dirty &= ~c->mask;
	if (c->mask & MLX5V_MOD_STATE) {
		q->state = c->state;
		q->pos = MLX5V_POS_OBJECT;
		WRITE_ONCE(q->kickable, c->state == MLX5V_STATE_RDY);
	}
}

/**
 * mlx5v_modify() - carries out dev->changes
 * @dev: device
 * @n: how many
 *
 * Fields get what the driver set, and the keys of the address spaces. All changes are tried, also
 * after an error; change.err tells about each.
 *
 * Context: sleeps; dev->lock held for writing.
 * Return: 0 or the first error.
 */
int mlx5v_modify(struct mlx5v_dev *dev, unsigned int n)
{
	static const struct mlx5v_batch modify = {
		.prepare = prepare_modify,
		.done = modify_done,
		.keep_going = true,
	};

	return mlx5v_exec_batch(&dev->queue_win, &modify, n, NULL);
}

static int prepare_query(struct mlx5v_dev *dev, void *data, unsigned int i,
			 struct mlx5v_cmd *cmd)
{
	BUILD_BUG_ON(MLX5_ST_SZ_BYTES(mlx5v_net_q_out) > sizeof(cmd->out));
	cmd->inlen = MLX5_ST_SZ_BYTES(general_obj_in_cmd_hdr);
	cmd->outlen = MLX5_ST_SZ_BYTES(mlx5v_net_q_out);
	fill_hdr(dev->changes[i].q, cmd->in, MLX5_CMD_OP_QUERY_GENERAL_OBJECT);
	return 0;
}

/*
 * The firmware reports a wrong available index. It works in order, so the used index says where it
 * stands; what it had fetched beyond is fetched again.
 */
static void query_done(struct mlx5v_dev *dev, void *data, unsigned int i, int err,
		       const struct mlx5v_cmd *cmd)
{
	struct mlx5v_change *c = &dev->changes[i];
	void *q_obj;

	c->err = err;
	if (err) {
		mlx5v_err(dev, "virtqueue %u: its position cannot be read: %d\n", c->q->index, err);
		return;
	}
	q_obj = MLX5_ADDR_OF(mlx5v_net_q_out, cmd->out, q);
	c->q->index_pos = MLX5_GET(mlx5v_net_q, q_obj, hw_used_index);
	/* Without having been told to, a queue only goes into the error state. */
	if (MLX5_GET(mlx5v_net_q, q_obj, state) == MLX5V_STATE_ERR) {
		c->q->state = MLX5V_STATE_ERR;
		WRITE_ONCE(c->q->kickable, false);
	}
	if (c->q->state != MLX5V_STATE_RDY)
		c->q->pos = MLX5V_POS_KNOWN;
}

/**
 * mlx5v_query_positions() - reads the ring positions of the queues in dev->changes, and sees errors
 * @dev: device
 * @n: how many
 *
 * Context: sleeps; dev->lock held for writing.
 * Return: 0 or the first error.
 */
int mlx5v_query_positions(struct mlx5v_dev *dev, unsigned int n)
{
	static const struct mlx5v_batch query = {
		.prepare = prepare_query,
		.done = query_done,
		.keep_going = true,
	};

	return mlx5v_exec_batch(&dev->queue_win, &query, n, NULL);
}

/**
 * mlx5v_queue_position() - brings index_pos of one queue up to date
 * @q: queue
 *
 * Context: sleeps; dev->lock held for writing; dev->changes is overwritten.
 * Return: 0; -EIO: the object ended before it told; or -errno of the command.
 */
int mlx5v_queue_position(struct mlx5v_queue *q)
{
	switch (q->pos) {
	case MLX5V_POS_KNOWN:
		return 0;
	case MLX5V_POS_OBJECT:
		q->dev->changes[0].q = q;
		return mlx5v_query_positions(q->dev, 1);
	default:
		return -EIO;
	}
}
