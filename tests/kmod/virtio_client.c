// SPDX-License-Identifier: GPL-2.0-only
/*
 * virtio_client.c - a virtio driver without a function, to test what virtio_vdpa makes of a device.
 *
 * Takes devices with the made-up id 32512 (vdpa_mock,device_id=32512), asks for two virtqueues and
 * sends when it is told to. Knobs and results are module parameters in
 * /sys/module/virtio_client/parameters/.
 */
#include <linux/interrupt.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>

#define CLIENT_ID	32512
#define CLIENT_VQS	2

/* Take effect when a device is found: virtqueues to ask for, and how many may run anywhere. */
static unsigned int queues = CLIENT_VQS;
module_param(queues, uint, 0600);
static unsigned int anywhere;
module_param(anywhere, uint, 0600);

static unsigned int config_changes;
module_param(config_changes, uint, 0600);
static int find_error;
module_param(find_error, int, 0600);

/* The device; written under the lock of the module's parameters, which their users hold. */
static struct virtio_device *client;
static struct virtqueue *client_vqs[CLIENT_VQS];
static struct page *client_page;

static void client_callback(struct virtqueue *vq)
{
}

/* Send on queue N. */
static int set_send(const char *val, const struct kernel_param *kp)
{
	struct scatterlist sg;
	unsigned int n;
	int r;

	r = kstrtouint(val, 0, &n);
	if (r)
		return r;
	if (!client || n >= CLIENT_VQS || !client_vqs[n])
		return -ENODEV;

	sg_init_table(&sg, 1);
	sg_set_page(&sg, client_page, 64, 0);
	r = virtqueue_add_outbuf(client_vqs[n], &sg, 1, client_page, GFP_KERNEL);
	if (r)
		return r;
	return virtqueue_kick(client_vqs[n]) ? 0 : -EIO;
}

static const struct kernel_param_ops send_ops = { .set = set_send };
module_param_cb(send, &send_ops, NULL, 0200);

/* Have queue 1 run on processor N, or anywhere (-1). */
static int set_pin(const char *val, const struct kernel_param *kp)
{
	int cpu, r;

	r = kstrtoint(val, 0, &cpu);
	if (r)
		return r;
	if (!client || !client_vqs[1] || cpu >= (int)nr_cpu_ids)
		return -ENODEV;
	return virtqueue_set_affinity(client_vqs[1], cpu < 0 ? NULL : cpumask_of(cpu));
}

static const struct kernel_param_ops pin_ops = { .set = set_pin };
module_param_cb(pin, &pin_ops, NULL, 0200);

static int get_negotiated(char *buf, const struct kernel_param *kp)
{
	return client ? sprintf(buf, "%llu\n", client->features) : -ENODEV;
}

static const struct kernel_param_ops negotiated_ops = { .get = get_negotiated };
module_param_cb(negotiated, &negotiated_ops, NULL, 0400);

static int client_probe(struct virtio_device *vdev)
{
	struct irq_affinity desc = { .pre_vectors = anywhere };
	struct virtqueue_info info[CLIENT_VQS] = {
		{ .name = "first", .callback = client_callback },
		{ .name = "second", .callback = client_callback },
	};

	if (client)
		return -EBUSY;
	memset(client_vqs, 0, sizeof(client_vqs));
	find_error = virtio_find_vqs(vdev, min_t(unsigned int, queues, CLIENT_VQS), client_vqs,
				     info, &desc);
	if (find_error)
		return find_error;
	virtio_device_ready(vdev);
	client = vdev;
	return 0;
}

static void client_remove(struct virtio_device *vdev)
{
	unsigned int i;

	client = NULL;
	vdev->config->reset(vdev);
	for (i = 0; i < CLIENT_VQS; i++) {
		if (client_vqs[i])
			while (virtqueue_detach_unused_buf(client_vqs[i]))
				;
	}
	vdev->config->del_vqs(vdev);
}

static void client_config_changed(struct virtio_device *vdev)
{
	WRITE_ONCE(config_changes, config_changes + 1);
}

static const struct virtio_device_id client_ids[] = {
	{ CLIENT_ID, VIRTIO_DEV_ANY_ID },
	{ 0 },
};

static struct virtio_driver client_driver = {
	.driver.name = "virtio_client",
	.driver.owner = THIS_MODULE,
	.id_table = client_ids,
	.probe = client_probe,
	.remove = client_remove,
	.config_changed = client_config_changed,
};

static int __init client_init(void)
{
	int r;

	client_page = alloc_page(GFP_KERNEL | GFP_DMA);
	if (!client_page)
		return -ENOMEM;
	r = register_virtio_driver(&client_driver);
	if (r)
		__free_page(client_page);
	return r;
}

static void __exit client_exit(void)
{
	unregister_virtio_driver(&client_driver);
	__free_page(client_page);
}

module_init(client_init);
module_exit(client_exit);
MODULE_LICENSE("GPL");
MODULE_VERSION(VDPA_DKMS_VERSION);
MODULE_AUTHOR("vdpa-dkms developers");
MODULE_DESCRIPTION("virtio driver for tests of virtio_vdpa");
