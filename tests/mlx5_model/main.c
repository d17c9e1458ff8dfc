// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - a stand-in for mlx5_core in test VMs: the PCI driver, its functions, the wire.
 *
 * Binds to ivshmem-plain (1af4:1110), whose BAR 2 is RAM. A doorbell that is RAM traps nobody, so
 * one thread looks at the doorbell pages and then at all queues of the function: which one rang
 * does not matter, only that one did. It also binds to QEMU's NVMe controller (1b36:0010), for its
 * MSI-X vectors; writes to registers of that, which is never switched on, go nowhere, and queues
 * are looked at all the time.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "model.h"

LIST_HEAD(models);
DEFINE_MUTEX(model_lock);

static bool uid0 = true, resume = true, desc_mkey = true, counters = true;
module_param(uid0, bool, 0600);
MODULE_PARM_DESC(uid0, "objects need no user context");
module_param(resume, bool, 0600);
MODULE_PARM_DESC(resume, "a suspended virtqueue can be made ready again");
module_param(desc_mkey, bool, 0600);
MODULE_PARM_DESC(desc_mkey, "the rings of a virtqueue can have a key of their own");
module_param(counters, bool, 0600);
MODULE_PARM_DESC(counters, "virtqueue counter sets");
static unsigned int max_vqs = 16;
module_param(max_vqs, uint, 0600);
MODULE_PARM_DESC(max_vqs, "virtqueues of a function");
static unsigned int log_klm = 17, max_mkeys = 65536;
module_param(log_klm, uint, 0600);
MODULE_PARM_DESC(log_klm, "log2 of the longest list of keys");
module_param(max_mkeys, uint, 0600);
MODULE_PARM_DESC(max_mkeys, "keys of a function");
static unsigned int features = 1 << 2 | 1 << 10;
module_param(features, uint, 0600);
MODULE_PARM_DESC(features, "device_features_bits_mask");
static bool lenient;
module_param(lenient, bool, 0600);
MODULE_PARM_DESC(lenient, "what cards must let pass is done, and counted as an error");
char *model_aname = "vnet";
module_param_named(aname, model_aname, charp, 0400);
MODULE_PARM_DESC(aname, "name of the auxiliary device: vnet, eth, rdma");
bool model_synthetic;
module_param_named(synthetic, model_synthetic, bool, 0600);
MODULE_PARM_DESC(synthetic, "keys may name memory that does not exist");
static bool pause = true;
module_param(pause, bool, 0600);
MODULE_PARM_DESC(pause, "frames wait for a receive queue that is suspended, instead of being lost");

static struct task_struct *wire;
static unsigned int next_index;

#define BELL_IDLE 0xffff
#define IVSHMEM	0x1110

static bool model_send(struct m5_dev *dev, const u8 *frame, u32 len)
{
	struct model *m;

	list_for_each_entry(m, &models, list) {
		if (pause && (&m->dev != dev || m->loopback) && m5_paused(&m->dev, frame, len))
			return false;
	}
	list_for_each_entry(m, &models, list) {
		if (&m->dev != dev || m->loopback)
			m5_receive(&m->dev, frame, len);
	}
	return true;
}

static const struct m5_host model_host = {
	.page = model_page,
	.irq = model_irq,
	.msix = model_msix,
	.send = model_send,
};

/* Frames that wait, anywhere, for somebody to receive may find that changed. Under model_lock. */
void model_wake_all(void)
{
	struct model *m;

	list_for_each_entry(m, &models, list)
		m->work = true;
}

/* Virtqueues that run signal, although nothing happened. */
static bool storm(struct model *m)
{
	struct m5_obj *obj;
	bool any = false;

	list_for_each_entry(obj, &m->dev.objs[M5_T_VQ], node) {
		struct m5_vq *vq = (struct m5_vq *)obj;

		if (vq->state != M5_VQ_RDY)
			continue;
		m5_event(&m->dev, vq);
		any = true;
	}
	return any;
}

static int wire_thread(void *unused)
{
	while (!kthread_should_stop()) {
		bool busy = false;
		struct model *m;

		mutex_lock(&model_lock);
		list_for_each_entry(m, &models, list) {
			/* First the page, then the queues: what rings in between is seen. */
			if (!m->bell) {
				m->work = true;
			} else if (readw(m->bell) != BELL_IDLE) {
				writew(BELL_IDLE, m->bell);
				m->work = true;
			}
			if (m->work) {
				m->work = m5_poll(&m->dev);
				busy |= m->work;
			} else if (!m->dev.dead) {
				m5_cq_poll(&m->dev);
			}
			if (m->storm)
				busy |= storm(m);
		}
		mutex_unlock(&model_lock);
		if (busy)
			cond_resched();
		else
			usleep_range(200, 400);
	}
	return 0;
}

/* The firmware is gone, from one command to the next. Under model_lock. */
void model_die(struct model *m)
{
	m->dev.dead = true;
	m->mdev->state = MLX5_DEVICE_STATE_INTERNAL_ERROR;
	m5_dev_wipe(&m->dev);
	model_wake_all();
}

static void set_caps(struct model *m)
{
	struct m5_caps *caps = &m->dev.caps;
	int i;

	caps->uid0 = uid0;
	caps->resume = resume;
	caps->desc_mkey = desc_mkey;
	caps->counters = counters;
	caps->features = features;
	caps->max_queues = max_vqs;
	caps->log_klm = log_klm;
	caps->max_mkeys = max_mkeys;
	caps->lenient = lenient;
	if (m->mdev->pdev->msix_enabled)
		caps->vectors = pci_msix_vec_count(m->mdev->pdev);
	for (i = 0; i < 3; i++) {
		caps->umem_a[i] = 16 << i;
		caps->umem_b[i] = 4096 + 64 * i;
	}
}

/* What mlx5_core asks the firmware at probe and keeps for the macros of linux/mlx5/device.h. */
static int read_caps(struct model *m)
{
	static const struct { int type, kind; } kinds[] = {
		{ MLX5_CAP_GENERAL, 0x00 }, { MLX5_CAP_VDPA_EMULATION, 0x13 },
	};
	size_t len = M5_HEADER + M5_CAP_BYTES;
	u8 in[M5_HEADER] = {}, *out = kvzalloc(len, GFP_KERNEL);
	int i;

	if (!out)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		m5_put(in, M5_IN_OPCODE, M5_QUERY_HCA_CAP);
		m5_put(in, M5_IN_OP_MOD, kinds[i].kind << 1 | 1);
		m5_exec(&m->dev, in, sizeof(in), out, len);
		memcpy(m5_caps_cur(m->mdev, kinds[i].type), out + M5_HEADER, M5_CAP_BYTES);
		memcpy(m5_caps_max(m->mdev, kinds[i].type), out + M5_HEADER, M5_CAP_BYTES);
	}
	kvfree(out);
	memset(m->dev.ops, 0, sizeof(m->dev.ops));
	return 0;
}

static void model_free(struct model *m)
{
	int i;

	for (i = 0; i < MLX5_CAP_NUM; i++)
		m5_caps_free(m->mdev, i);
	kvfree(container_of(m->mdev, struct model_mdev, mdev));
	kvfree(m);
}

static bool has_memory(struct pci_dev *pdev)
{
	return pdev->device == IVSHMEM;
}

static struct model *model_alloc(struct pci_dev *pdev)
{
	struct model *m = kvzalloc(sizeof(*m), GFP_KERNEL);
	struct model_mdev *mm = kvzalloc(sizeof(*mm), GFP_KERNEL);
	int i;

	if (!m || !mm) {
		kvfree(m);
		kvfree(mm);
		return NULL;
	}
	m->mdev = &mm->mdev;
	mm->model = m;
	for (i = 0; i < MLX5_CAP_NUM; i++) {
		if (!m5_caps_alloc(m->mdev, i)) {
			model_free(m);
			return NULL;
		}
	}
	m->mdev->pdev = pdev;
	m->mdev->device = &pdev->dev;
	m->mdev->coredev_type = MLX5_COREDEV_VF;
	m->mdev->bar_addr = pci_resource_start(pdev, has_memory(pdev) ? 2 : 0);
	m->mdev->state = MLX5_DEVICE_STATE_UP;
	m->mdev->priv.numa_node = NUMA_NO_NODE;
	ATOMIC_INIT_NOTIFIER_HEAD(&m->notifiers);
	INIT_LIST_HEAD(&m->cqs);
	m->loopback = true;
	m->dev.host = &model_host;
	m->dev.priv = m;
	m->dev.eqn = 7;
	m->dev.mtu = 1500;
	m->dev.link_up = true;
	return m;
}

/* The doorbell page, or the interrupts of a function without one. */
static void release_bell(struct model *m)
{
	if (m->bell)
		iounmap(m->bell);
	else
		pci_free_irq_vectors(m->mdev->pdev);
}

static int model_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	static const u8 mac[6] = { 0x02, 0x4d, 0x35, 0, 0, 0 };
	struct model *m;
	int err;

	err = pcim_enable_device(pdev);
	if (err)
		return err;
	pci_set_master(pdev);
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (err)
		return err;
	dma_set_max_seg_size(&pdev->dev, 2U * 1024 * 1024 * 1024);
	m = model_alloc(pdev);
	if (!m)
		return -ENOMEM;
	model_dma_init(&pdev->dev);
	if (has_memory(pdev)) {
		m->bell = ioremap(pci_resource_start(pdev, 2), PAGE_SIZE);
		if (!m->bell) {
			err = -ENOMEM;
			goto err_free;
		}
		writew(BELL_IDLE, m->bell);
	} else {
		/* The vector of event queues; virtqueues get others. */
		err = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSIX);
		if (err < 0)
			goto err_free;
	}
	set_caps(m);
	err = m5_dev_init(&m->dev);
	if (err)
		goto err_unmap;
	err = read_caps(m);
	if (err)
		goto err_exit;
	memcpy(m->mac, mac, sizeof(mac));
	pci_set_drvdata(pdev, m->mdev);

	mutex_lock(&model_lock);
	m->index = next_index++;
	m5_set_adev_idx(m->mdev, m->index);
	m->mac[5] = m->index;
	list_add_tail(&m->list, &models);
	mutex_unlock(&model_lock);
	model_cmd_forget(m);
	model_debugfs_add(m);
	err = model_front_add(m);
	if (err)
		goto err_list;
	return 0;

err_list:
	model_debugfs_del(m);
	mutex_lock(&model_lock);
	list_del(&m->list);
	mutex_unlock(&model_lock);
err_exit:
	m5_dev_exit(&m->dev);
err_unmap:
	release_bell(m);
err_free:
	model_dma_exit(&pdev->dev);
	model_free(m);
	return err;
}

static void model_remove(struct pci_dev *pdev)
{
	struct model *m = to_model(pci_get_drvdata(pdev));
	struct model_cq *entry, *n;

	model_front_del(m);
	mutex_lock(&model_lock);
	list_del(&m->list);
	if (!m->dev.dead)
		m5_dev_leaks(&m->dev, true);
	if (atomic_read(&m->buffers))
		m5_error(&m->dev, "%d buffers or doorbell records are left behind",
			 atomic_read(&m->buffers));
	if (model_switch_macs(m))
		m5_error(&m->dev, "%u addresses are left in the switch", model_switch_macs(m));
	m5_dev_wipe(&m->dev);
	model_wake_all();
	list_for_each_entry_safe(entry, n, &m->cqs, list)
		kfree(entry);
	mutex_unlock(&model_lock);
	model_fault_parse(m, "clear");
	model_debugfs_del(m);
	m5_dev_exit(&m->dev);
	release_bell(m);
	model_dma_exit(&pdev->dev);
	model_free(m);
}

static const struct pci_device_id model_ids[] = {
	{ PCI_DEVICE(0x1af4, IVSHMEM) },
	{ PCI_DEVICE(0x1b36, 0x0010) },
	{}
};
MODULE_DEVICE_TABLE(pci, model_ids);

static struct pci_driver model_driver = {
	.name = KBUILD_MODNAME,
	.id_table = model_ids,
	.probe = model_probe,
	.remove = model_remove,
};

static int __init model_init(void)
{
	int err;

	err = model_cmd_init();
	if (err)
		return err;
	model_debugfs_init();
	wire = kthread_run(wire_thread, NULL, "mlx5_model");
	if (IS_ERR(wire)) {
		err = PTR_ERR(wire);
		goto err_cmd;
	}
	err = pci_register_driver(&model_driver);
	if (err)
		goto err_wire;
	return 0;

err_wire:
	kthread_stop(wire);
err_cmd:
	model_debugfs_exit();
	model_cmd_exit();
	return err;
}

static void __exit model_exit(void)
{
	pci_unregister_driver(&model_driver);
	kthread_stop(wire);
	model_debugfs_exit();
	model_cmd_exit();
}

module_init(model_init);
module_exit(model_exit);
MODULE_DESCRIPTION("A model of the virtio emulation of ConnectX, for tests");
MODULE_LICENSE("GPL");
