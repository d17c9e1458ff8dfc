// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs.c - what a device did and holds.
 *
 *   mlx5_vdpa/NAME/stats	counters, one "name value" per line
 *   mlx5_vdpa/NAME/queues	objects of queues, and how packets find them
 *   mlx5_vdpa/NAME/map		address spaces, and the keys of each
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "mlx5_vdpa.h"

static struct dentry *root;

static int stats_show(struct seq_file *s, void *unused)
{
	struct mlx5v_dev *dev = s->private;
	const struct mlx5v_count *c = &dev->count;
	const struct {
		const char *name;
		const atomic64_t *value;
	} counters[] = {
		{ "cmds", &c->cmds },
		{ "async_cmds", &c->async_cmds },
		{ "sync_fallbacks", &c->sync_fallbacks },
		{ "keys_made", &c->keys_made },
		{ "keys_shared", &c->keys_shared },
		{ "keys_ended", &c->keys_ended },
		{ "key_bytes", &c->key_bytes },
		{ "set_map_calls", &c->set_map },
		{ "reset_map_calls", &c->reset_map },
		{ "resets", &c->resets },
		{ "clean_resets", &c->clean_resets },
		{ "queues_made", &c->queues_made },
		{ "leaks", &c->leaks },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counters); i++)
		seq_printf(s, "%s %lld\n", counters[i].name, atomic64_read(counters[i].value));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static const char *state_name(enum mlx5v_queue_state state)
{
	switch (state) {
	case MLX5V_STATE_INIT:
		return "init";
	case MLX5V_STATE_RDY:
		return "ready";
	case MLX5V_STATE_SUSPEND:
		return "suspended";
	case MLX5V_STATE_NONE:
		return "none";
	case MLX5V_STATE_LOST:
		return "lost";
	default:
		return "error";
	}
}

static int queues_show(struct seq_file *s, void *unused)
{
	struct mlx5v_dev *dev = s->private;
	unsigned int i;

	down_read(&dev->lock);
	seq_printf(s, "rqt 0x%x tir 0x%x pairs %u\n", dev->rx.rqtn, dev->rx.tirn, dev->rx.pairs);
	for (i = 0; i < dev->max_vqs; i++) {
		const struct mlx5v_queue *q = &dev->queues[i];

		seq_printf(s, "%u %s object 0x%x size %u irq %d\n", i, state_name(q->state),
			   q->obj, q->obj_num, q->irq.virq);
	}
	up_read(&dev->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(queues);

static void show_table(struct seq_file *s, unsigned int asid, const struct mlx5v_table *t)
{
	static const char * const kinds[] = {
		[MLX5V_TABLE_EMPTY] = "empty",
		[MLX5V_TABLE_ALL] = "all",
		[MLX5V_TABLE_LIST] = "list",
	};
	u32 i;

	seq_printf(s, "%u %s key 0x%x keys %u entries %u\n", asid, kinds[t->kind], t->mkey,
		   t->nkeys, t->nklms);
	for (i = 0; i < t->nkeys; i++) {
		const struct mlx5v_key *key = t->keys[i];

		seq_printf(s, "  0x%llx 0x%llx key 0x%x access %u page 0x%llx segments %u tables %u\n",
			   key->start, key->end - 1, key->mkey, key->perm,
			   BIT_ULL(key->log_page), key->nsegs, key->users);
	}
}

static int map_show(struct seq_file *s, void *unused)
{
	struct mlx5v_dev *dev = s->private;
	unsigned int asid;

	mutex_lock(&dev->map_lock);
	for (asid = 0; asid < MLX5V_SPACES; asid++)
		show_table(s, asid, dev->spaces[asid]);
	mutex_unlock(&dev->map_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(map);

void mlx5v_debugfs_add(struct mlx5v_dev *dev)
{
	dev->debugfs = debugfs_create_dir(dev_name(&dev->vdpa.dev), root);
	debugfs_create_file("stats", 0400, dev->debugfs, dev, &stats_fops);
	debugfs_create_file("queues", 0400, dev->debugfs, dev, &queues_fops);
	debugfs_create_file("map", 0400, dev->debugfs, dev, &map_fops);
}

void mlx5v_debugfs_remove(struct mlx5v_dev *dev)
{
	debugfs_remove_recursive(dev->debugfs);
	dev->debugfs = NULL;
}

void mlx5v_debugfs_init(void)
{
	root = debugfs_create_dir("mlx5_vdpa", NULL);
}

void mlx5v_debugfs_exit(void)
{
	debugfs_remove_recursive(root);
}
