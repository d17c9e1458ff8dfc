// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd.c - commands to the firmware, one by one and in batches.
 *
 * The firmware works on up to 31 commands at a time, if they are sent asynchronously. mlx5_core
 * then copies each command into memory that it allocates without sleeping, and lets any number
 * wait; so the window here is bounded, in commands and in bytes. It may also refuse: some kernels
 * do not take commands for general objects asynchronously at all (-EINVAL), others only as many as
 * they have tokens for (-EBUSY), and memory may be short. Whatever it refuses is sent synchronously
 * instead, which waits for a turn.
 */
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "mlx5_vdpa.h"

#define WINDOW_CMDS	31
#define WINDOW_BYTES	SZ_8M

int mlx5v_window_init(struct mlx5v_window *win, struct mlx5v_dev *dev)
{
	unsigned int i;

	INIT_LIST_HEAD(&win->free);
	INIT_LIST_HEAD(&win->done);
	spin_lock_init(&win->lock);
	init_waitqueue_head(&win->wait);
	win->dev = dev;
	win->cmds = kvcalloc(WINDOW_CMDS, sizeof(*win->cmds), GFP_KERNEL);
	if (!win->cmds)
		return -ENOMEM;
	for (i = 0; i < WINDOW_CMDS; i++) {
		win->cmds[i].win = win;
		list_add_tail(&win->cmds[i].node, &win->free);
	}
	mlx5_cmd_init_async_ctx(dev->mdev, &win->ctx);
	return 0;
}

/* Also for a window that was never initialised. */
void mlx5v_window_exit(struct mlx5v_window *win)
{
	if (!win->cmds)
		return;
	mlx5_cmd_cleanup_async_ctx(&win->ctx);
	kvfree(win->cmds);
	win->cmds = NULL;
}

/**
 * mlx5v_exec() - sends a command and waits for the answer
 * @dev: device
 * @in: the command
 * @inlen: its bytes
 * @out: the answer
 * @outlen: its bytes
 *
 * Context: sleeps.
 * Return: 0 or -errno; mlx5_core has logged what the firmware did not like.
 */
int mlx5v_exec(struct mlx5v_dev *dev, void *in, int inlen, void *out, int outlen)
{
	atomic64_inc(&dev->count.cmds);
	return mlx5_cmd_exec(dev->mdev, in, inlen, out, outlen);
}

/**
 * mlx5v_exec_free() - sends a command that frees something
 * @dev: device
 * @what: what it frees, for the log
 * @in: the command
 * @inlen: its bytes
 *
 * Tries more than once. If that fails, what the firmware was given for the object (memory, numbers)
 * must not be used for anything else.
 *
 * Context: sleeps.
 * Return: 0 or -errno.
 */
int mlx5v_exec_free(struct mlx5v_dev *dev, const char *what, void *in, int inlen)
{
	u32 out[MLX5_ST_SZ_DW(general_obj_out_cmd_hdr)];
	unsigned int tries = MLX5V_TRIES;
	int err;

	do {
		memset(out, 0, sizeof(out));
		err = mlx5v_exec(dev, in, inlen, out, sizeof(out));
	} while (err && --tries);
	if (err) {
		mlx5v_err(dev, "the firmware does not give back a %s: %d\n", what, err);
		atomic64_inc(&dev->count.leaks);
	}
	return err;
}

/* Atomic; @work is not mlx5_core's any more. */
static void cmd_callback(int status, struct mlx5_async_work *work)
{
	struct mlx5v_cmd *cmd = container_of(work, struct mlx5v_cmd, work);
	struct mlx5v_window *win = cmd->win;
	unsigned long flags;

	/* The window may be gone as soon as the last command is on the list and the lock free. */
	spin_lock_irqsave(&win->lock, flags);
	cmd->status = status;
	list_add_tail(&cmd->node, &win->done);
	wake_up(&win->wait);
	spin_unlock_irqrestore(&win->lock, flags);
}

static struct mlx5v_cmd *take_done(struct mlx5v_window *win)
{
	struct mlx5v_cmd *cmd;

	spin_lock_irq(&win->lock);
	cmd = list_first_entry_or_null(&win->done, struct mlx5v_cmd, node);
	if (cmd)
		list_del(&cmd->node);
	spin_unlock_irq(&win->lock);
	return cmd;
}

/* A batch that is being sent. */
struct run {
	struct mlx5v_window *win;
	const struct mlx5v_batch *batch;
	void *data;
	unsigned int in_flight;
	size_t bytes;
	int err;
};

static void finish(struct run *r, struct mlx5v_cmd *cmd, int err)
{
	struct mlx5v_dev *dev = r->win->dev;
	unsigned int tries = r->batch->tries;

	while (err && tries-- > 1)
		err = mlx5v_exec(dev, cmd->in, cmd->inlen, cmd->out, cmd->outlen);
	if (err && !r->err)
		r->err = err;
	r->batch->done(dev, r->data, cmd->index, err, cmd);
	if (cmd->in != cmd->small)
		kvfree(cmd->in);
	list_add(&cmd->node, &r->win->free);
}

/* Wait for one of those under way. */
static void reap(struct run *r)
{
	struct mlx5v_cmd *cmd;

	wait_event(r->win->wait, (cmd = take_done(r->win)));
	r->in_flight--;
	r->bytes -= cmd->inlen;
	finish(r, cmd, mlx5_cmd_check(r->win->dev->mdev, cmd->status, cmd->in, cmd->out));
}

static bool is_object_cmd(const struct mlx5v_cmd *cmd)
{
	switch (MLX5_GET(general_obj_in_cmd_hdr, cmd->in, opcode)) {
	case MLX5_CMD_OP_CREATE_GENERAL_OBJECT:
	case MLX5_CMD_OP_MODIFY_GENERAL_OBJECT:
	case MLX5_CMD_OP_QUERY_GENERAL_OBJECT:
	case MLX5_CMD_OP_DESTROY_GENERAL_OBJECT:
		return true;
	default:
		return false;
	}
}

static int send_async(struct run *r, struct mlx5v_cmd *cmd)
{
	struct mlx5v_dev *dev = r->win->dev;
	int err;

	while (r->in_flight && r->bytes + cmd->inlen > WINDOW_BYTES)
		reap(r);
	for (;;) {
		err = mlx5_cmd_exec_cb(&r->win->ctx, cmd->in, cmd->inlen, cmd->out, cmd->outlen,
				       cmd_callback, &cmd->work);
		if (err != -EBUSY || !r->in_flight)
			break;
		reap(r);
	}
	if (err == -EINVAL && is_object_cmd(cmd) && &dev->queue_win == r->win)
		dev->sync_objects = true;
	if (err)
		return err;
	atomic64_inc(&dev->count.cmds);
	atomic64_inc(&dev->count.async_cmds);
	r->in_flight++;
	r->bytes += cmd->inlen;
	return 0;
}

static void send(struct run *r, struct mlx5v_cmd *cmd, unsigned int i, bool async)
{
	struct mlx5v_dev *dev = r->win->dev;
	int err;

	cmd->index = i;
	cmd->in = cmd->small;
	cmd->inlen = 0;
	cmd->outlen = 0;
	memset(cmd->small, 0, sizeof(cmd->small));
	memset(cmd->out, 0, sizeof(cmd->out));
	err = r->batch->prepare(dev, r->data, i, cmd);
	if (err) {
		if (!r->err)
			r->err = err;
		r->batch->done(dev, r->data, i, err, cmd);
		if (cmd->in != cmd->small)
			kvfree(cmd->in);
		list_add(&cmd->node, &r->win->free);
		return;
	}
	if (async && !(is_object_cmd(cmd) && dev->sync_objects)) {
		if (!send_async(r, cmd))
			return;
		atomic64_inc(&dev->count.sync_fallbacks);
	}
	finish(r, cmd, mlx5v_exec(dev, cmd->in, cmd->inlen, cmd->out, cmd->outlen));
}

/**
 * mlx5v_exec_batch() - sends commands that do not depend on each other
 * @win: window, which the caller has for itself
 * @batch: what the commands are
 * @n: how many
 * @data: argument of @batch's functions
 *
 * Context: sleeps; the functions are called from here.
 * Return: 0, or the first error. Nothing is under way any more.
 */
int mlx5v_exec_batch(struct mlx5v_window *win, const struct mlx5v_batch *batch, unsigned int n,
		     void *data)
{
	struct run r = { .win = win, .batch = batch, .data = data };
	struct mlx5v_cmd *cmd;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (list_empty(&win->free))
			reap(&r);
		/* What came back meanwhile may have been an error. */
		if (r.err && !batch->keep_going)
			break;
		cmd = list_first_entry(&win->free, struct mlx5v_cmd, node);
		list_del(&cmd->node);
		send(&r, cmd, i, n > 1);
		cond_resched();
	}
	while (r.in_flight)
		reap(&r);
	for (; i < n; i++)
		batch->done(win->dev, data, i, -ECANCELED, NULL);
	return r.err;
}
