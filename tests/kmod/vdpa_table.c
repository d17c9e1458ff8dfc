// SPDX-License-Identifier: GPL-2.0-only
/*
 * vdpa_table.c - gives a vdpa device tables of memory that does not exist, of any size and any kind
 * of pages, and measures how long the device takes.
 *
 * For devices that translate by themselves and whose hardware is a model: nothing behind the
 * addresses is ever touched. Binds to every vdpa device; load it where no other driver of the bus
 * is.
 *
 *   /sys/kernel/debug/vdpa_table/<device>	write "map GIB LOG2_OF_PAGE", "change", "reset" or
 *						"close"; read: nanoseconds the last one took.
 *						For other tables: "clear", "add IOVA SIZE ADDRESS"
 *						(hexadecimal) and "set"
 */
#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vdpa.h>
#include <linux/vhost_iotlb.h>
#include <uapi/linux/vhost_types.h>

#include "text_file.h"

/* Far above any memory of a test VM; "change" plugs memory in at this IOVA. */
#define NOWHERE		(1ULL << 42)
#define PLUGGED		(1ULL << 41)

struct table {
	struct vdpa_device *vdev;
	struct vhost_iotlb *iotlb;
	struct mutex lock;	/* one command at a time */
	struct dentry *file;
	u64 ns;
};

static struct dentry *root;

/* @gib GiB from IOVA 0 in pieces of 2^@log bytes, no two of them next to each other. */
static int fill(struct table *t, u32 gib, u32 log)
{
	u64 size = (u64)gib << 30, piece = 1ULL << log, at;
	int err;

	vhost_iotlb_reset(t->iotlb);
	for (at = 0; at < size; at += piece) {
		err = vhost_iotlb_add_range(t->iotlb, at, at + piece - 1, NOWHERE + 2 * at,
					    VHOST_MAP_RW);
		if (err)
			return err;
	}
	return 0;
}

static int command(struct table *t, const char *text)
{
	const struct vdpa_config_ops *ops = t->vdev->config;
	u64 begun, iova, size, addr;
	u32 gib, log;
	int err;

	if (sscanf(text, "map %u %u", &gib, &log) == 2) {
		if (log < PAGE_SHIFT || log > 30)
			return -EINVAL;
		err = fill(t, gib, log);
		if (err)
			return err;
		begun = ktime_get_ns();
		err = ops->set_map(t->vdev, 0, t->iotlb);
	} else if (!strncmp(text, "change", 6)) {
		err = vhost_iotlb_add_range(t->iotlb, PLUGGED, PLUGGED + SZ_2M - 1, NOWHERE / 2,
					    VHOST_MAP_RW);
		if (err)
			return err;
		begun = ktime_get_ns();
		err = ops->set_map(t->vdev, 0, t->iotlb);
	} else if (!strncmp(text, "clear", 5)) {
		vhost_iotlb_reset(t->iotlb);
		return 0;
	} else if (sscanf(text, "add %llx %llx %llx", &iova, &size, &addr) == 3) {
		return vhost_iotlb_add_range(t->iotlb, iova, iova + size - 1, addr, VHOST_MAP_RW);
	} else if (!strncmp(text, "set", 3)) {
		begun = ktime_get_ns();
		err = ops->set_map(t->vdev, 0, t->iotlb);
	} else if (!strncmp(text, "reset", 5)) {
		begun = ktime_get_ns();
		err = ops->reset(t->vdev);
	} else if (!strncmp(text, "close", 5)) {
		begun = ktime_get_ns();
		err = ops->reset_map(t->vdev, 0);
	} else {
		return -EINVAL;
	}
	t->ns = ktime_get_ns() - begun;
	return err;
}

static int table_show(struct seq_file *s, void *unused)
{
	seq_printf(s, "%llu\n", ((struct table *)s->private)->ns);
	return 0;
}

static int table_store(struct table *t, const char *text)
{
	int err;

	mutex_lock(&t->lock);
	err = command(t, text);
	mutex_unlock(&t->lock);
	return err;
}
DEFINE_TEXT_FILE(table);

static int table_probe(struct vdpa_device *vdev)
{
	struct table *t;

	if (!vdev->config->set_map || !vdev->config->reset_map)
		return -ENODEV;
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	t->iotlb = vhost_iotlb_alloc(UINT_MAX, 0);
	if (!t->iotlb) {
		kfree(t);
		return -ENOMEM;
	}
	t->vdev = vdev;
	mutex_init(&t->lock);
	t->file = debugfs_create_file(dev_name(&vdev->dev), 0600, root, t, &table_fops);
	vdpa_set_drvdata(vdev, t);
	return 0;
}

static void table_remove(struct vdpa_device *vdev)
{
	struct table *t = vdpa_get_drvdata(vdev);

	debugfs_remove(t->file);
	vhost_iotlb_free(t->iotlb);
	kfree(t);
}

static struct vdpa_driver table_driver = {
	.driver = { .name = "vdpa_table" },
	.probe = table_probe,
	.remove = table_remove,
};

static int __init table_init(void)
{
	int err;

	root = debugfs_create_dir("vdpa_table", NULL);
	err = vdpa_register_driver(&table_driver);
	if (err)
		debugfs_remove_recursive(root);
	return err;
}

static void __exit table_exit(void)
{
	vdpa_unregister_driver(&table_driver);
	debugfs_remove_recursive(root);
}

module_init(table_init);
module_exit(table_exit);
MODULE_DESCRIPTION("Tables of synthetic memory for vdpa devices, for tests");
MODULE_LICENSE("GPL");
