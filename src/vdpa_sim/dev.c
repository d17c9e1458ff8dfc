// SPDX-License-Identifier: GPL-2.0-only
/*
 * dev.c - simulated devices: creation, the thread that serves the queues, module parameters.
 */
#include <linux/bottom_half.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <uapi/linux/vdpa.h>

#include "vdpa_sim.h"

static int batch_mapping = 1;
module_param(batch_mapping, int, 0444);
MODULE_PARM_DESC(batch_mapping,
		 "1: devices take whole tables (set_map); 0: single ranges (dma_map). Default 1");

static int max_iotlb_entries;
module_param(max_iotlb_entries, int, 0444);
MODULE_PARM_DESC(max_iotlb_entries,
		 "Most translations in an address space, 0 for no limit, else at least 2. Default 0");

static bool use_va = true;
module_param(use_va, bool, 0444);
MODULE_PARM_DESC(use_va, "Devices can work on user virtual addresses. Default Y");

static bool iotlb_persist = true;
module_param(iotlb_persist, bool, 0444);
MODULE_PARM_DESC(iotlb_persist,
		 "Mappings outlive a reset. N: cleared at every reset, as by old kernels. Default Y");

static bool ring_features;
module_param(ring_features, bool, 0444);
MODULE_PARM_DESC(ring_features,
		 "Offer packed rings, event index and indirect descriptors without being provisioned to. Default N");

int vdpasim_iotlb_limit(void)
{
	return max_iotlb_entries;
}

bool vdpasim_persists(void)
{
	return iotlb_persist;
}

/**
 * vdpasim_kick - let the thread look at the queues
 * @sim: the device
 *
 * Context: any, also hard interrupts.
 */
void vdpasim_kick(struct vdpasim *sim)
{
	kthread_queue_work(sim->worker, &sim->work);
}
EXPORT_SYMBOL_GPL(vdpasim_kick);

/**
 * vdpasim_signal - interrupt the driver because of used buffers
 * @sim: the device
 * @vq: the queue
 *
 * Context: the thread, serving queues.
 */
void vdpasim_signal(struct vdpasim *sim, struct vdpasim_vq *vq)
{
	if (!vq->cb.callback)
		return;
	/* Drivers expect what an interrupt gives them: soft interrupts raised here run at once. */
	local_bh_disable();
	vq->cb.callback(vq->cb.private);
	local_bh_enable();
}
EXPORT_SYMBOL_GPL(vdpasim_signal);

/**
 * vdpasim_config_changed - tell the driver that the configuration space changed
 * @sim: the device, sim->lock held
 */
void vdpasim_config_changed(struct vdpasim *sim)
{
	atomic_inc(&sim->generation);
	if (!sim->config_cb.callback || !(sim->status & VIRTIO_CONFIG_S_DRIVER_OK))
		return;
	local_bh_disable();
	sim->config_cb.callback(sim->config_cb.private);
	local_bh_enable();
}
EXPORT_SYMBOL_GPL(vdpasim_config_changed);

/**
 * vdpasim_check_ring - report a ring that was just found to be broken
 * @sim: the device
 * @vq: the queue
 * @ret: what a vdpa_vring function returned
 *
 * Return: true if @ret is no error.
 */
bool vdpasim_check_ring(struct vdpasim *sim, struct vdpasim_vq *vq, int ret)
{
	if (likely(ret >= 0))
		return true;
	dev_warn_ratelimited(&sim->vdpa.dev,
			     "virtqueue %td does not work until the next reset: bad ring or descriptor (error %d)\n",
			     vq - sim->vqs, ret);
	return false;
}
EXPORT_SYMBOL_GPL(vdpasim_check_ring);

static void vdpasim_work_fn(struct kthread_work *work)
{
	struct vdpasim *sim = container_of(work, struct vdpasim, work);
	struct mm_struct *mm = NULL;
	bool more = false;

	mutex_lock(&sim->lock);
	if (!sim->running)
		goto unlock;
	if (sim->mm) {
		/* The process is gone, and with it all the memory the device could reach. */
		if (!mmget_not_zero(sim->mm))
			goto unlock;
		mm = sim->mm;
		kthread_use_mm(mm);
	}

	atomic64_inc(&sim->count.work);
	down_read(&sim->map_lock);
	more = sim->type->work(sim);
	up_read(&sim->map_lock);

	if (mm)
		kthread_unuse_mm(mm);
unlock:
	mutex_unlock(&sim->lock);
	/* Not under the lock: this may be the last reference. */
	if (mm)
		mmput(mm);
	if (more)
		vdpasim_kick(sim);
	cond_resched();
}

/* Undo vdpasim_create() but for the structure itself. Also for a device half created. */
void vdpasim_teardown(struct vdpasim *sim)
{
	unsigned int i;

	if (sim->worker) {
		/* A driver that left without a reset must not keep the thread busy. */
		mutex_lock(&sim->lock);
		WRITE_ONCE(sim->running, false);
		mutex_unlock(&sim->lock);
		kthread_destroy_worker(sim->worker);
		sim->worker = NULL;
		if (sim->type->free)
			sim->type->free(sim);
	}
	for (i = 0; sim->vqs && i < sim->nvqs; i++)
		vdpa_vring_cleanup(&sim->vqs[i].ring);
	kfree(sim->vqs);
	sim->vqs = NULL;
	if (sim->type)
		vdpasim_free_spaces(sim);
	kfree(sim->config);
	sim->config = NULL;
	if (sim->mm) {
		mmdrop(sim->mm);
		sim->mm = NULL;
	}
}

static int vdpasim_setup(struct vdpasim *sim)
{
	struct device *dev = &sim->vdpa.dev;
	struct kthread_worker *worker;
	unsigned int i;
	int err;

	mutex_init(&sim->lock);
	kthread_init_work(&sim->work, vdpasim_work_fn);

	dev->dma_mask = &dev->coherent_dma_mask;
	err = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64));
	if (err)
		return err;
	sim->vdpa.vmap.dma_dev = dev;

	err = vdpasim_init_spaces(sim);
	if (err)
		return err;
	sim->config = kzalloc(sim->type->config_size, GFP_KERNEL);
	sim->vqs = kcalloc(sim->nvqs, sizeof(*sim->vqs), GFP_KERNEL);
	if (!sim->config || !sim->vqs)
		return -ENOMEM;
	for (i = 0; i < sim->nvqs; i++) {
		err = vdpa_vring_init(&sim->vqs[i].ring, VDPASIM_QUEUE_MAX);
		if (err)
			return err;
		sim->vqs[i].num = VDPASIM_QUEUE_MAX;
	}
	vdpasim_bind_queues(sim);

	worker = kthread_run_worker(0, "vdpa_sim-%s", dev_name(dev));
	if (IS_ERR(worker))
		return PTR_ERR(worker);
	sim->worker = worker;
	return 0;
}

/**
 * vdpasim_create - make a device, not yet on the bus
 * @mdev: management device it is made by
 * @type: its type
 * @nvqs: number of queues
 * @name: its name
 * @config: what was provisioned; only the features are looked at
 *
 * Context: sleeps.
 * Return: the device, zeroed where it belongs to the type; or ERR_PTR: -EINVAL if the type cannot
 * offer the features, or max_iotlb_entries is not possible; -ENOMEM; what __vdpa_alloc_device()
 * returns.
 */
struct vdpasim *vdpasim_create(struct vdpa_mgmt_dev *mdev, const struct vdpasim_type *type,
			       u32 nvqs, const char *name,
			       const struct vdpa_dev_set_config *config)
{
	u64 features = type->features_default;
	struct vdpa_device *vdpa;
	struct vdpasim *sim;
	int err;

	if (max_iotlb_entries < 0 || max_iotlb_entries == 1) {
		pr_err("vdpa_sim: max_iotlb_entries=%d is not possible, use 0 or at least 2\n",
		       max_iotlb_entries);
		return ERR_PTR(-EINVAL);
	}
	if (config->mask & BIT_ULL(VDPA_ATTR_DEV_FEATURES)) {
		if (config->device_features & ~type->features)
			return ERR_PTR(-EINVAL);
		features = config->device_features;
	} else if (ring_features) {
		features |= VDPASIM_RING_FEATURES;
	}

	vdpa = __vdpa_alloc_device(NULL, vdpasim_choose_ops(batch_mapping, iotlb_persist), NULL,
				   type->ngroups, type->nas, type->size, name, use_va);
	if (IS_ERR(vdpa))
		return ERR_CAST(vdpa);
	sim = vdpa_to_sim(vdpa);
	sim->type = type;
	sim->nvqs = nvqs;
	sim->supported = features;
	sim->vdpa.mdev = mdev;

	err = vdpasim_setup(sim);
	if (err) {
		vdpasim_discard(sim);
		return ERR_PTR(err);
	}
	return sim;
}
EXPORT_SYMBOL_GPL(vdpasim_create);

/**
 * vdpasim_discard - get rid of a device that was not registered
 * @sim: the device
 */
void vdpasim_discard(struct vdpasim *sim)
{
	vdpasim_teardown(sim);
	put_device(&sim->vdpa.dev);
}
EXPORT_SYMBOL_GPL(vdpasim_discard);

/**
 * vdpasim_register - put a device onto the vdpa bus, from vdpa_mgmtdev_ops.dev_add
 * @sim: the device, ready for use: drivers may bind to it at once
 *
 * Return: 0, or -errno; the device then has to be discarded.
 */
int vdpasim_register(struct vdpasim *sim)
{
	int err = _vdpa_register_device(&sim->vdpa, sim->nvqs);

	if (!err)
		vdpasim_debugfs_add(sim);
	return err;
}
EXPORT_SYMBOL_GPL(vdpasim_register);

/**
 * vdpasim_unregister - take a device off the bus, from vdpa_mgmtdev_ops.dev_del
 * @sim: the device
 *
 * When this returns, no code of the device's type runs or will be called: whoever still has a
 * reference to the device holds on to its memory only.
 */
void vdpasim_unregister(struct vdpasim *sim)
{
	get_device(&sim->vdpa.dev);
	vdpasim_debugfs_remove(sim);
	_vdpa_unregister_device(&sim->vdpa);
	vdpasim_teardown(sim);
	put_device(&sim->vdpa.dev);
}
EXPORT_SYMBOL_GPL(vdpasim_unregister);

static int __init vdpasim_init(void)
{
	vdpasim_debugfs_init();
	return 0;
}
module_init(vdpasim_init);

static void __exit vdpasim_exit(void)
{
	vdpasim_debugfs_exit();
}
module_exit(vdpasim_exit);

MODULE_VERSION(VDPA_DKMS_VERSION);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("vdpa-dkms developers");
MODULE_DESCRIPTION("vDPA device simulator");
