/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd.h - commands to the firmware, one by one and in batches: cmd.c. Part of mlx5_vdpa.h.
 */
#ifndef MLX5_VDPA_CMD_H
#define MLX5_VDPA_CMD_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/mlx5/driver.h>

struct mlx5v_dev;
struct mlx5v_window;

/**
 * struct mlx5v_cmd - a command of a batch that is under way
 * @work: of mlx5_core
 * @win: the window it belongs to
 * @node: among those that are free, or done
 * @index: its number in the batch
 * @status: what the callback was told
 * @in: the command; @small, or something that kvfree() takes
 * @inlen: bytes of @in
 * @outlen: bytes of @out that are used
 * @small: room for a command
 * @out: the answer
 */
struct mlx5v_cmd {
	struct mlx5_async_work work;
	struct mlx5v_window *win;
	struct list_head node;
	unsigned int index;
	int status;
	void *in;
	u32 inlen;
	u32 outlen;
	u32 small[64];
	u32 out[64];
};

/**
 * struct mlx5v_window - what may be under way at the same time
 * @dev: the device
 * @ctx: of mlx5_core
 * @cmds: the slots
 * @free: slots that are not used. Its user only
 * @lock: @done, taken by callbacks
 * @done: commands that came back
 * @wait: its user waits for one
 *
 * One batch uses a window at a time; see the top of this file.
 */
struct mlx5v_window {
	struct mlx5v_dev *dev;
	struct mlx5_async_ctx ctx;
	struct mlx5v_cmd *cmds;
	struct list_head free;
	spinlock_t lock;	/* see above */
	struct list_head done;
	wait_queue_head_t wait;
};

/**
 * struct mlx5v_batch - commands of the same kind that do not depend on each other
 * @prepare: writes command @i of the batch into cmd->in, sets inlen and outlen. cmd->in is a zeroed
 *	cmd->small; it may be replaced by memory for kvfree(). Returns 0 or -errno
 * @done: command @i is done, or was not sent, with @err. In any order, once for each
 * @keep_going: go on after an error, which otherwise ends the batch: what was not sent is done
 *	with -ECANCELED
 * @tries: how often to send a command that fails
 */
struct mlx5v_batch {
	int (*prepare)(struct mlx5v_dev *dev, void *data, unsigned int i, struct mlx5v_cmd *cmd);
	void (*done)(struct mlx5v_dev *dev, void *data, unsigned int i, int err,
		     const struct mlx5v_cmd *cmd);
	bool keep_going;
	unsigned int tries;
};

int mlx5v_window_init(struct mlx5v_window *win, struct mlx5v_dev *dev);
void mlx5v_window_exit(struct mlx5v_window *win);
int mlx5v_exec(struct mlx5v_dev *dev, void *in, int inlen, void *out, int outlen);
int mlx5v_exec_free(struct mlx5v_dev *dev, const char *what, void *in, int inlen);
int mlx5v_exec_batch(struct mlx5v_window *win, const struct mlx5v_batch *batch, unsigned int n,
		     void *data);

#endif /* MLX5_VDPA_CMD_H */
