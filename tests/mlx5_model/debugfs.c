// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs.c - what tests read and write.
 *
 *   mlx5_model/errors, faults, log	of functions that have gone
 *   mlx5_model/clear			write: forget those
 *   mlx5_model/<pci>/stats		"name value" lines: complaints, commands, objects, frames;
 *					span_ns from the first command to the end of the last
 *   mlx5_model/<pci>/log		complaints in words
 *   mlx5_model/<pci>/reset		write: all counters and the log start again
 *   mlx5_model/<pci>/inject		faults, see model_fault_parse()
 *   mlx5_model/<pci>/audit		read: check every page of every key, print how many are bad
 *   mlx5_model/<pci>/translate	write: an address; read: where the newest list of keys leads with it
 *   mlx5_model/<pci>/link, loopback, storm, dead	0 or 1
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "../kmod/text_file.h"
#include "model.h"

static struct dentry *root;
/* Under model_lock. */
static u64 past_errors, past_faults;
static char past_log[2 * M5_LOG_BYTES];

/* Pseudo files are one number; this is the other kind. */
static int stats_show(struct seq_file *s, void *unused)
{
	struct model *m = s->private;
	struct m5_dev *dev = &m->dev;
	int i;

	mutex_lock(&model_lock);
	seq_printf(s, "errors %llu\nfaults %llu\n", dev->errors, dev->faults);
	for (i = 0; i < M5_OP_STATS && dev->ops[i].opcode; i++) {
		const struct m5_op_stat *op = &dev->ops[i];

		if (op->general)
			seq_printf(s, "op_%x_%x %llu\n", op->opcode, op->general, op->count);
		else
			seq_printf(s, "op_%x %llu\n", op->opcode, op->count);
	}
	for (i = 1; i < M5_TYPES; i++) {
		const char *p = m5_type_name(i);

		seq_puts(s, "live_");
		for (; *p; p++)
			seq_putc(s, *p == ' ' ? '_' : *p);
		seq_printf(s, " %u\n", dev->live[i]);
	}
	seq_printf(s, "live %u\nbuffers %u\n", m5_dev_leaks(dev, false), atomic_read(&m->buffers));
	seq_printf(s, "mkeys_peak %u\npayload %llu\n", dev->mkeys_peak, dev->payload);
	seq_printf(s, "switch_macs %u\n", model_switch_macs(m));
	seq_printf(s, "tx_frames %llu\nrx_frames %llu\nrx_dropped %llu\n", dev->tx_frames,
		   dev->rx_frames, dev->rx_dropped);
	mutex_unlock(&model_lock);
	model_cmd_show(s, m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static int log_show(struct seq_file *s, void *unused)
{
	struct model *m = s->private;

	mutex_lock(&model_lock);
	seq_puts(s, m ? m->dev.log : past_log);
	mutex_unlock(&model_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(log);

static int inject_show(struct seq_file *s, void *unused)
{
	model_fault_show(s, s->private);
	return 0;
}

static int inject_store(struct model *m, char *text)
{
	return model_fault_parse(m, text);
}
DEFINE_TEXT_FILE(inject);

static int audit_get(void *data, u64 *val)
{
	struct model *m = data;

	mutex_lock(&model_lock);
	*val = m5_audit(&m->dev);
	mutex_unlock(&model_lock);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(audit_fops, audit_get, NULL, "%llu\n");

static int translate_show(struct seq_file *s, void *unused)
{
	struct model *m = s->private;
	u64 dma;

	mutex_lock(&model_lock);
	if (m5_translate(&m->dev, m->translate, &dma))
		seq_printf(s, "%llu\n", dma);
	else
		seq_puts(s, "-1\n");
	mutex_unlock(&model_lock);
	return 0;
}

static int translate_store(struct model *m, char *text)
{
	return kstrtou64(strim(text), 0, &m->translate);
}
DEFINE_TEXT_FILE(translate);

static int reset_set(void *data, u64 val)
{
	struct model *m = data;
	struct m5_dev *dev = &m->dev;

	mutex_lock(&model_lock);
	memset(dev->ops, 0, sizeof(dev->ops));
	dev->errors = 0;
	dev->faults = 0;
	dev->log_len = 0;
	dev->log[0] = 0;
	dev->payload = 0;
	dev->mkeys_peak = dev->mkeys_live;
	dev->tx_frames = 0;
	dev->rx_frames = 0;
	dev->rx_dropped = 0;
	mutex_unlock(&model_lock);
	model_cmd_forget(m);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(reset_fops, NULL, reset_set, "%llu\n");

static int link_get(void *data, u64 *val)
{
	*val = ((struct model *)data)->dev.link_up;
	return 0;
}

static int link_set(void *data, u64 val)
{
	model_link(data, val);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(link_fops, link_get, link_set, "%llu\n");

static int dead_get(void *data, u64 *val)
{
	*val = ((struct model *)data)->dev.dead;
	return 0;
}

static int dead_set(void *data, u64 val)
{
	if (!val)
		return -EINVAL;
	mutex_lock(&model_lock);
	model_die(data);
	mutex_unlock(&model_lock);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(dead_fops, dead_get, dead_set, "%llu\n");

static int clear_set(void *data, u64 val)
{
	mutex_lock(&model_lock);
	past_errors = 0;
	past_faults = 0;
	past_log[0] = 0;
	mutex_unlock(&model_lock);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(clear_fops, NULL, clear_set, "%llu\n");

void model_debugfs_add(struct model *m)
{
	m->dir = debugfs_create_dir(pci_name(m->mdev->pdev), root);
	m->driver_dir = debugfs_create_dir("driver", m->dir);
	debugfs_create_file("stats", 0400, m->dir, m, &stats_fops);
	debugfs_create_file("log", 0400, m->dir, m, &log_fops);
	debugfs_create_file("inject", 0600, m->dir, m, &inject_fops);
	debugfs_create_file("audit", 0400, m->dir, m, &audit_fops);
	debugfs_create_file("translate", 0600, m->dir, m, &translate_fops);
	debugfs_create_file("reset", 0200, m->dir, m, &reset_fops);
	debugfs_create_file("link", 0600, m->dir, m, &link_fops);
	debugfs_create_file("dead", 0600, m->dir, m, &dead_fops);
	debugfs_create_bool("loopback", 0600, m->dir, &m->loopback);
	debugfs_create_bool("storm", 0600, m->dir, &m->storm);
}

void model_debugfs_del(struct model *m)
{
	debugfs_remove_recursive(m->dir);
	mutex_lock(&model_lock);
	past_errors += m->dev.errors;
	past_faults += m->dev.faults;
	strncat(past_log, m->dev.log, sizeof(past_log) - strlen(past_log) - 1);
	mutex_unlock(&model_lock);
}

void model_debugfs_init(void)
{
	root = debugfs_create_dir("mlx5_model", NULL);
	debugfs_create_u64("errors", 0400, root, &past_errors);
	debugfs_create_u64("faults", 0400, root, &past_faults);
	debugfs_create_file("log", 0400, root, NULL, &log_fops);
	debugfs_create_file("clear", 0200, root, NULL, &clear_fops);
}

void model_debugfs_exit(void)
{
	debugfs_remove_recursive(root);
}
