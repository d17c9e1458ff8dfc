// SPDX-License-Identifier: GPL-2.0-only
/*
 * run.c - which data queues run, and with which keys.
 *
 * A queue shall run if the device runs, the driver enabled the queue, and uses that many.
 * Everything that changes one of these, or a table, comes here to bring the objects in line.
 *
 * Objects exist from the creation of the device on, in INIT, so that DRIVER_OK only takes two
 * commands for a queue that is used. What has left INIT and cannot go on where it is, is made anew;
 * the table of receive queues refers to objects, and has to go first then.
 *
 * Context of everything here: sleeps; dev->lock held for writing.
 */
#include <linux/io.h>

#include "mlx5_vdpa.h"

/* Features that the firmware only takes when an object is made. */
#define FIXED_FEATURES	(MLX5V_FEAT_MRG_RXBUF | MLX5V_FEAT_CSUM)

static bool shall_run(const struct mlx5v_queue *q)
{
	return mlx5v_running(q->dev) && q->ready && q->index < q->dev->cur_vqs;
}

static void add_change(struct mlx5v_dev *dev, unsigned int *n, struct mlx5v_queue *q, u64 mask,
		       enum mlx5v_queue_state state)
{
	dev->changes[(*n)++] = (struct mlx5v_change) { .q = q, .mask = mask, .state = state };
}

/* Whether the receive side refers to an object. */
static bool in_rx(const struct mlx5v_queue *q)
{
	return q->dev->rx.rqt_exists && !(q->index & 1) && q->index < 2 * q->dev->rx.pairs;
}

/* The device is not as the driver thinks, and only a reset helps. */
void mlx5v_broken(struct mlx5v_dev *dev)
{
	mlx5v_err(dev, "the device does not work until it is reset\n");
	WRITE_ONCE(dev->status, dev->status | VIRTIO_CONFIG_S_NEEDS_RESET);
	mlx5v_config_changed(dev);
}

static int stop_side(struct mlx5v_dev *dev, bool all, unsigned int side)
{
	unsigned int i, n = 0;
	int err, ret;

	for (i = side; i < dev->max_vqs; i += 2) {
		struct mlx5v_queue *q = &dev->queues[i];

		if (q->state == MLX5V_STATE_RDY && (all || !shall_run(q)))
			add_change(dev, &n, q, MLX5V_MOD_STATE, MLX5V_STATE_SUSPEND);
	}
	if (!n)
		return 0;
	err = mlx5v_modify(dev, n);
	ret = mlx5v_query_positions(dev, n);
	if (ret)
		return ret;
	/* One that the firmware had stopped for an error cannot be suspended, and need not be. */
	for (i = 0; i < n && err; i++)
		if (dev->changes[i].q->state == MLX5V_STATE_RDY)
			return err;
	return 0;
}

/**
 * mlx5v_queues_stop() - suspends queues that run
 * @dev: device
 * @all: all of them; else those that shall not
 *
 * The positions of stopped queues are known afterwards.
 *
 * Return: 0 or the first error. A queue that could not be stopped still runs.
 */
int mlx5v_queues_stop(struct mlx5v_dev *dev, bool all)
{
	/* A stopped queue drops what it receives: at least nothing the device sends to itself. */
	int err = stop_side(dev, all, 1);
	int ret = stop_side(dev, all, 0);

	return err ? err : ret;
}

static bool needs_new_object(const struct mlx5v_queue *q)
{
	switch (q->state) {
	case MLX5V_STATE_RDY:
		return false;
	case MLX5V_STATE_INIT:
		break;
	case MLX5V_STATE_SUSPEND:
		if (q->dev->caps->resumable)
			break;
		return true;
	default:
		return true;
	}
	return q->obj_num != q->num ||
	       q->obj_version_1 != mlx5v_has(q->dev, VIRTIO_F_VERSION_1) ||
	       (q->obj_features ^ mlx5v_fw_features(q->dev->features)) & FIXED_FEATURES;
}

/* Ends the object of one queue, for which the receive side may have to go. */
static int drop_object(struct mlx5v_queue *q)
{
	int err;

	if (in_rx(q)) {
		err = mlx5v_rx_down(q->dev);
		if (err)
			return err;
	}
	return mlx5v_queue_destroy(q);
}

/* Receive queues are listed whether they run or not. */
static bool missed_by_rx(const struct mlx5v_queue *q)
{
	return q->state == MLX5V_STATE_NONE && !(q->index & 1) && q->index < q->dev->cur_vqs;
}

static int renew_objects(struct mlx5v_dev *dev)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < dev->max_vqs && !err; i++) {
		struct mlx5v_queue *q = &dev->queues[i];

		if (shall_run(q) && q->state != MLX5V_STATE_RDY) {
			err = mlx5v_queue_position(q);
			if (err)
				break;
		}
		if (shall_run(q) ? !needs_new_object(q) : !missed_by_rx(q))
			continue;
		err = drop_object(q);
		if (!err)
			err = mlx5v_queue_create(q, shall_run(q));
	}
	return err;
}

/* What an object does not have of what it needs to run. */
static u64 missing_fields(const struct mlx5v_queue *q)
{
	struct mlx5v_table *dt = mlx5v_queue_desc_table(q);
	u64 mask = q->dirty;

	if (q->table != mlx5v_queue_table(q))
		mask |= MLX5V_MOD_MKEY;
	if (dt && q->desc_table != dt)
		mask |= MLX5V_MOD_DESC_MKEY;
	if (q->obj_features != mlx5v_fw_features(q->dev->features))
		mask |= MLX5V_MOD_FEATURES | MLX5V_MOD_VERSION;
	return mask;
}

/* Fields of queues in INIT, which cannot be sent together with the state. */
static int set_fields(struct mlx5v_dev *dev)
{
	unsigned int i, n = 0;

	for (i = 0; i < dev->max_vqs; i++) {
		struct mlx5v_queue *q = &dev->queues[i];

		if (shall_run(q) && q->state == MLX5V_STATE_INIT && missing_fields(q))
			add_change(dev, &n, q, missing_fields(q), MLX5V_STATE_INIT);
	}
	return mlx5v_modify(dev, n);
}

static int set_side_ready(struct mlx5v_dev *dev, unsigned int side)
{
	unsigned int i, n = 0;
	int err;

	for (i = side; i < dev->max_vqs; i += 2) {
		struct mlx5v_queue *q = &dev->queues[i];

		if (shall_run(q) && q->state != MLX5V_STATE_RDY)
			add_change(dev, &n, q, MLX5V_MOD_STATE | missing_fields(q),
				   MLX5V_STATE_RDY);
	}
	err = mlx5v_modify(dev, n);
	/* Buffers may be waiting, whose kicks came too early. */
	for (i = 0; i < n; i++)
		if (!dev->changes[i].err)
			iowrite16(dev->changes[i].q->index, dev->kick);
	return err;
}

/* Queues that receive first, see mlx5v_queues_stop(). */
static int set_ready(struct mlx5v_dev *dev)
{
	int err = set_side_ready(dev, 0);

	return err ? err : set_side_ready(dev, 1);
}

/**
 * mlx5v_queues_start() - makes all queues run that shall, and lets packets in
 * @dev: device that runs
 *
 * Return: 0 or -errno: some of them do not run, mlx5v_queues_stop() is of use.
 */
int mlx5v_queues_start(struct mlx5v_dev *dev)
{
	int err;

	err = renew_objects(dev);
	if (!err)
		err = mlx5v_rx_up(dev);
	if (!err)
		err = set_fields(dev);
	/* Before there is anything that is sent, which may be answered, or come back. */
	if (!err)
		err = mlx5v_rules_on(dev);
	if (!err)
		err = set_ready(dev);
	return err;
}

/**
 * mlx5v_queue_end() - ends a queue that does not stop
 * @q: queue that shall not run
 *
 * Where it stood is lost.
 *
 * Return: 0; or -errno: it may still do DMA, or others do not run any more.
 */
int mlx5v_queue_end(struct mlx5v_queue *q)
{
	int err = drop_object(q);

	if (!err && mlx5v_running(q->dev))
		err = mlx5v_queues_start(q->dev);
	return err;
}

/**
 * mlx5v_queues_halt() - stops all queues, whatever that takes
 * @dev: device
 *
 * One that does not stop ends; where it stood is lost.
 *
 * Return: 0: no queue does DMA; or -errno: some may.
 */
int mlx5v_queues_halt(struct mlx5v_dev *dev)
{
	unsigned int i;
	int err = 0;

	if (!mlx5v_queues_stop(dev, true))
		return 0;
	for (i = 0; i < dev->max_vqs; i++) {
		struct mlx5v_queue *q = &dev->queues[i];
		int ret;

		if (q->state != MLX5V_STATE_RDY && q->state != MLX5V_STATE_LOST)
			continue;
		ret = drop_object(q);
		if (!err)
			err = ret;
	}
	return err;
}

/**
 * mlx5v_queues_create() - makes the objects of a new device
 * @dev: device
 *
 * Return: 0 or -errno, with mlx5v_queues_destroy() to be called.
 */
int mlx5v_queues_create(struct mlx5v_dev *dev)
{
	unsigned int i;
	int err;

	for (i = 0; i < dev->max_vqs; i++) {
		err = mlx5v_queue_create(&dev->queues[i], false);
		if (err)
			return err;
	}
	return mlx5v_rx_up(dev);
}

/**
 * mlx5v_queues_destroy() - ends all objects
 * @dev: device
 *
 * Return: 0 or the first error; then some are left.
 */
int mlx5v_queues_destroy(struct mlx5v_dev *dev)
{
	int i, err, ret;

	mlx5v_rules_off(dev);
	err = mlx5v_rx_down(dev);
	for (i = dev->max_vqs - 1; i >= 0; i--) {
		ret = mlx5v_queue_destroy(&dev->queues[i]);
		if (!err)
			err = ret;
	}
	return err;
}

/**
 * mlx5v_queues_reset() - takes queues back to the state they began in
 * @dev: device, whose status is 0 already
 *
 * Only objects that were used are made anew. If that fails, there is another chance at DRIVER_OK.
 *
 * Return: 0: no queue does DMA; or -errno: some may.
 */
int mlx5v_queues_reset(struct mlx5v_dev *dev)
{
	unsigned int i;
	int err = 0;

	mlx5v_rules_off(dev);
	dev->cur_vqs = MLX5V_START_VQS;
	/* Destroying stops a queue as well, so that an error does not matter. */
	mlx5v_queues_stop(dev, true);
	for (i = 0; i < dev->max_vqs; i++) {
		struct mlx5v_queue *q = &dev->queues[i];

		if (q->state != MLX5V_STATE_INIT && q->state != MLX5V_STATE_NONE) {
			int ret = drop_object(q);

			if (!err)
				err = ret;
		}
		mlx5v_queue_defaults(q);
	}
	if (err)
		return err;

	for (i = 0; i < dev->max_vqs; i++)
		if (dev->queues[i].state == MLX5V_STATE_NONE &&
		    mlx5v_queue_create(&dev->queues[i], false))
			mlx5v_warn(dev, "virtqueue %u: to be made at DRIVER_OK\n", i);
	if (mlx5v_rx_set_pairs(dev, dev->cur_vqs / 2))
		mlx5v_rx_down(dev);
	mlx5v_rx_up(dev);
	return 0;
}

/*
 * Objects that are not going to run now, but still refer to a table that is replaced. Those that
 * cannot take another key end.
 */
static int rekey_stopped(struct mlx5v_dev *dev)
{
	unsigned int i, n = 0;
	int err = 0, ret;

	for (i = 0; i < dev->max_vqs; i++) {
		struct mlx5v_queue *q = &dev->queues[i];
		struct mlx5v_table *dt = mlx5v_queue_desc_table(q);
		u64 mask = 0;

		if (q->table && q->table != mlx5v_queue_table(q))
			mask |= MLX5V_MOD_MKEY;
		if (dt && q->desc_table && q->desc_table != dt)
			mask |= MLX5V_MOD_DESC_MKEY;
		if (!mask)
			continue;
		if (q->state == MLX5V_STATE_INIT ||
		    (q->state == MLX5V_STATE_SUSPEND && dev->caps->resumable)) {
			if (!shall_run(q))
				add_change(dev, &n, q, mask, q->state);
			continue;
		}
		ret = drop_object(q);
		if (!err)
			err = ret;
	}
	ret = mlx5v_modify(dev, n);
	return err ? err : ret;
}

/* Whether an object refers to a table, or will as soon as it runs again. */
static bool table_in_use(const struct mlx5v_dev *dev, const struct mlx5v_table *t)
{
	unsigned int i;

	for (i = 0; i < dev->max_vqs; i++)
		if (dev->queues[i].table == t || dev->queues[i].desc_table == t)
			return true;
	return false;
}

static void set_space(struct mlx5v_dev *dev, unsigned int asid, struct mlx5v_table *t)
{
	mlx5v_table_get(t);
	mlx5v_table_put(dev->spaces[asid]);
	dev->spaces[asid] = t;
	mlx5v_cvq_bind(dev);
}

/* Gives stopped queues the keys of the present tables, and starts those that shall run. */
static int use_tables(struct mlx5v_dev *dev)
{
	int err = rekey_stopped(dev);

	if (!err && mlx5v_running(dev))
		err = mlx5v_queues_start(dev);
	return err;
}

/* The last resort: objects that refer to a table end. */
static void drop_users(struct mlx5v_dev *dev, const struct mlx5v_table *t)
{
	unsigned int i;

	for (i = 0; i < dev->max_vqs; i++)
		if (dev->queues[i].table == t || dev->queues[i].desc_table == t)
			drop_object(&dev->queues[i]);
}

/**
 * mlx5v_space_switch() - gives an address space another table
 * @dev: device
 * @asid: address space
 * @t: the table
 *
 * map_lock is held as well.
 *
 * Return: 0: no queue refers to the old table, unless other address spaces have it; or -errno, with
 * the old table in force, or with a device that needs a reset. Only a queue that the firmware does
 * not give back can refer to @t then.
 */
int mlx5v_space_switch(struct mlx5v_dev *dev, unsigned int asid, struct mlx5v_table *t)
{
	struct mlx5v_table *old = dev->spaces[asid];
	int err;

	if (old == t)
		return 0;
	if (!table_in_use(dev, old)) {
		set_space(dev, asid, t);
		return 0;
	}

	mlx5v_table_get(old);
	err = mlx5v_queues_stop(dev, true);
	if (!err) {
		set_space(dev, asid, t);
		err = use_tables(dev);
		if (err) {
			mlx5v_queues_halt(dev);
			set_space(dev, asid, old);
		}
	}
	if (err && use_tables(dev)) {
		drop_users(dev, t);
		mlx5v_broken(dev);
	}
	mlx5v_table_put(old);
	return err;
}
