// SPDX-License-Identifier: GPL-2.0-only
/*
 * vdpa_calls.c - changes the callbacks of a vdpa device while they run: what the device was told to
 * forget must not be running any more, and must not be called again.
 *
 * Something else has to make the device call: its hardware is a model. Binds to every vdpa device
 * that nobody else takes.
 *
 *   /sys/kernel/debug/vdpa_calls/<device>	write "queue N TIMES", "config TIMES" or
 *						"reset TIMES": sets a callback, waits until it runs,
 *						takes it away; read: calls, and those that came late
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vdpa.h>
#include <uapi/linux/virtio_config.h>
#include <uapi/linux/virtio_ring.h>

#include "text_file.h"

#define QUEUES		2
#define RING_NUM	16
#define AVAIL		1024
#define USED		2048
#define TARGETS		64
#define IN_CALLBACK_US	50
#define SEEN_MS		5
#define PATIENCE	(30 * HZ)

/* What a callback is given. After it was taken away it is only looked at to see if that held. */
struct target {
	struct calls *calls;
	bool inside;
	bool seen;
	bool gone;
};

struct calls {
	struct vdpa_device *vdev;
	struct mutex lock;	/* one command at a time */
	struct target targets[TARGETS];
	unsigned int next;
	atomic_t count, late;
	void *ring[QUEUES];
	dma_addr_t dma[QUEUES];
	struct dentry *file;
};

static struct dentry *root;

/*
 * Waits a moment for whoever is going to take it away to see it: the processors of a busy host do
 * not run at the same time. Then it must not wait any longer, as that one waits for it.
 */
static irqreturn_t called(void *private)
{
	struct target *t = private;
	unsigned int i;

	smp_store_mb(t->inside, true);
	atomic_inc(&t->calls->count);
	for (i = 0; i < SEEN_MS * 100 && !READ_ONCE(t->seen); i++)
		udelay(10);
	udelay(IN_CALLBACK_US);
	if (READ_ONCE(t->gone))
		atomic_inc(&t->calls->late);
	smp_store_release(&t->inside, false);
	return IRQ_HANDLED;
}

/* Of queue @n, or of the configuration if that is negative; NULL for nobody. */
static void set_target(struct calls *c, int n, struct target *t)
{
	struct vdpa_callback cb = { .callback = t ? called : NULL, .private = t };

	if (n < 0)
		c->vdev->config->set_config_cb(c->vdev, &cb);
	else
		c->vdev->config->set_vq_cb(c->vdev, n, &cb);
}

static struct target *next_target(struct calls *c)
{
	struct target *t = &c->targets[c->next++ % TARGETS];

	t->calls = c;
	WRITE_ONCE(t->seen, false);
	WRITE_ONCE(t->gone, false);
	return t;
}

static int wait_inside(struct target *t)
{
	unsigned long end = jiffies + PATIENCE;

	while (!READ_ONCE(t->inside)) {
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		cond_resched();
	}
	WRITE_ONCE(t->seen, true);
	return 0;
}

/* It was taken away: it must not be running, nor ever run again. */
static void is_gone(struct target *t)
{
	smp_store_mb(t->gone, true);
	if (READ_ONCE(t->inside))
		atomic_inc(&t->calls->late);
}

static int start(struct calls *c)
{
	const struct vdpa_config_ops *ops = c->vdev->config;
	u64 features = BIT_ULL(VIRTIO_F_VERSION_1) | BIT_ULL(VIRTIO_F_ACCESS_PLATFORM);
	u8 status = VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER;
	int i, err;

	ops->set_status(c->vdev, status);
	err = ops->set_driver_features(c->vdev, features);
	if (err)
		return err;
	status |= VIRTIO_CONFIG_S_FEATURES_OK;
	ops->set_status(c->vdev, status);
	for (i = 0; i < QUEUES; i++) {
		memset(c->ring[i], 0, PAGE_SIZE);
		err = ops->set_vq_address(c->vdev, i, c->dma[i], c->dma[i] + AVAIL,
					  c->dma[i] + USED);
		if (err)
			return err;
		ops->set_vq_num(c->vdev, i, RING_NUM);
		ops->set_vq_ready(c->vdev, i, true);
	}
	ops->set_status(c->vdev, status | VIRTIO_CONFIG_S_DRIVER_OK);
	return ops->get_status(c->vdev) & VIRTIO_CONFIG_S_DRIVER_OK ? 0 : -EIO;
}

static int swap_often(struct calls *c, int n, unsigned int times)
{
	struct target *t, *other;
	int err = start(c);

	while (!err && times--) {
		t = next_target(c);
		other = next_target(c);
		set_target(c, n, t);
		err = wait_inside(t);
		/* Another one in its place, and then nobody. */
		set_target(c, n, other);
		is_gone(t);
		if (!err)
			err = wait_inside(other);
		set_target(c, n, NULL);
		is_gone(other);
	}
	return c->vdev->config->reset(c->vdev) ?: err;
}

static int reset_often(struct calls *c, unsigned int times)
{
	struct target *t;
	int err = 0, ret;

	while (!err && times--) {
		t = next_target(c);
		set_target(c, times % QUEUES, t);
		err = start(c);
		if (!err)
			err = wait_inside(t);
		ret = c->vdev->config->reset(c->vdev);
		is_gone(t);
		if (!err)
			err = ret;
	}
	return err;
}

static int calls_show(struct seq_file *s, void *unused)
{
	struct calls *c = s->private;

	seq_printf(s, "%d %d\n", atomic_read(&c->count), atomic_read(&c->late));
	return 0;
}

static int calls_store(struct calls *c, const char *text)
{
	unsigned int n, times;
	int err = -EINVAL;

	mutex_lock(&c->lock);
	atomic_set(&c->count, 0);
	atomic_set(&c->late, 0);
	if (sscanf(text, "queue %u %u", &n, &times) == 2 && n < QUEUES)
		err = swap_often(c, n, times);
	else if (sscanf(text, "config %u", &times) == 1)
		err = swap_often(c, -1, times);
	else if (sscanf(text, "reset %u", &times) == 1)
		err = reset_often(c, times);
	mutex_unlock(&c->lock);
	return err;
}
DEFINE_TEXT_FILE(calls);

static void rings_free(struct calls *c)
{
	int i;

	for (i = 0; i < QUEUES; i++)
		if (c->ring[i])
			dma_free_coherent(c->vdev->vmap.dma_dev, PAGE_SIZE, c->ring[i], c->dma[i]);
}

static int rings_alloc(struct calls *c)
{
	int i;

	for (i = 0; i < QUEUES; i++) {
		c->ring[i] = dma_alloc_coherent(c->vdev->vmap.dma_dev, PAGE_SIZE, &c->dma[i],
						GFP_KERNEL);
		if (!c->ring[i]) {
			rings_free(c);
			return -ENOMEM;
		}
	}
	return 0;
}

static int calls_probe(struct vdpa_device *vdev)
{
	struct calls *c;
	int err;

	if (vdev->nvqs < QUEUES)
		return -ENODEV;
	c = kzalloc(sizeof(*c), GFP_KERNEL);
	if (!c)
		return -ENOMEM;
	c->vdev = vdev;
	mutex_init(&c->lock);
	err = rings_alloc(c);
	if (err) {
		kfree(c);
		return err;
	}
	c->file = debugfs_create_file(dev_name(&vdev->dev), 0600, root, c, &calls_fops);
	vdpa_set_drvdata(vdev, c);
	return 0;
}

static void calls_remove(struct vdpa_device *vdev)
{
	struct calls *c = vdpa_get_drvdata(vdev);

	debugfs_remove(c->file);
	rings_free(c);
	kfree(c);
}

static struct vdpa_driver calls_driver = {
	.driver = { .name = "vdpa_calls" },
	.probe = calls_probe,
	.remove = calls_remove,
};

static int __init calls_init(void)
{
	int err;

	root = debugfs_create_dir("vdpa_calls", NULL);
	err = vdpa_register_driver(&calls_driver);
	if (err)
		debugfs_remove_recursive(root);
	return err;
}

static void __exit calls_exit(void)
{
	vdpa_unregister_driver(&calls_driver);
	debugfs_remove_recursive(root);
}

module_init(calls_init);
module_exit(calls_exit);
MODULE_DESCRIPTION("Changes callbacks of vdpa devices while they run, for tests");
MODULE_LICENSE("GPL");
