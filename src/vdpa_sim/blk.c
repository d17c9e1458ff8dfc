// SPDX-License-Identifier: GPL-2.0-only
/*
 * blk.c - the simulated block device: creation, configuration space, management.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/string.h>
#include <uapi/linux/vdpa.h>
#include <uapi/linux/virtio_ids.h>

#include "blk.h"

static bool shared_backend;
module_param(shared_backend, bool, 0444);
MODULE_PARM_DESC(shared_backend, "All devices have the same data. Default N");

static unsigned int num_queues = 1;
module_param(num_queues, uint, 0444);
MODULE_PARM_DESC(num_queues, "Request queues of a device, 1 to 16. Default 1");

#define BLK_FEATURES_DEFAULT	(VDPASIM_FEATURES | \
				 BIT_ULL(VIRTIO_BLK_F_SIZE_MAX) | \
				 BIT_ULL(VIRTIO_BLK_F_SEG_MAX) | \
				 BIT_ULL(VIRTIO_BLK_F_BLK_SIZE) | \
				 BIT_ULL(VIRTIO_BLK_F_FLUSH) | \
				 BIT_ULL(VIRTIO_BLK_F_TOPOLOGY) | \
				 BIT_ULL(VIRTIO_BLK_F_MQ) | \
				 BIT_ULL(VIRTIO_BLK_F_DISCARD) | \
				 BIT_ULL(VIRTIO_BLK_F_WRITE_ZEROES))

#define BLK_FEATURES		(BLK_FEATURES_DEFAULT | VDPASIM_RING_FEATURES)

static struct vdpasim_blk_store *shared_store;

/* Fields are little-endian: without VERSION_1 a driver on a big-endian machine is not served. */
#define LE16(x) ((__virtio16 __force)cpu_to_le16(x))
#define LE32(x) ((__virtio32 __force)cpu_to_le32(x))
#define LE64(x) ((__virtio64 __force)cpu_to_le64(x))

static void blk_fill_config(struct vdpasim *sim)
{
	struct virtio_blk_config *cfg = sim->config;

	cfg->capacity = LE64(BLK_CAPACITY);
	cfg->size_max = LE32(BLK_SIZE_MAX);
	cfg->seg_max = LE32(BLK_SEG_MAX);
	cfg->blk_size = LE32(BLK_SECTOR_BYTES);
	cfg->min_io_size = LE16(1);
	cfg->opt_io_size = LE32(1);
	cfg->num_queues = LE16(sim->nvqs);
	cfg->max_discard_sectors = LE32(BLK_DWZ_MAX_SECTORS);
	cfg->max_discard_seg = LE32(1);
	/* In sectors: only whole pages give memory back. */
	cfg->discard_sector_alignment = LE32(PAGE_SIZE >> BLK_SECTOR_SHIFT);
	cfg->max_write_zeroes_sectors = LE32(BLK_DWZ_MAX_SECTORS);
	cfg->max_write_zeroes_seg = LE32(1);
	cfg->write_zeroes_may_unmap = 1;
}

static void blk_free(struct vdpasim *sim)
{
	struct vdpasim_blk *blk = sim_to_blk(sim);

	if (blk->own_store)
		vdpasim_blk_store_free(blk->store);
	blk->store = NULL;
}

static const struct vdpasim_type blk_type = {
	.id = VIRTIO_ID_BLOCK,
	.features = BLK_FEATURES,
	.features_default = BLK_FEATURES_DEFAULT,
	.size = sizeof(struct vdpasim_blk),
	.config_size = sizeof(struct virtio_blk_config),
	.nas = 1,
	.ngroups = 1,
	.work = vdpasim_blk_work,
	.free = blk_free,
};

static int blk_dev_add(struct vdpa_mgmt_dev *mdev, const char *name,
		       const struct vdpa_dev_set_config *config)
{
	struct vdpasim_blk *blk;
	struct vdpasim *sim;
	int err;

	sim = vdpasim_create(mdev, &blk_type, num_queues, name, config);
	if (IS_ERR(sim))
		return PTR_ERR(sim);
	blk_fill_config(sim);
	blk = sim_to_blk(sim);
	blk->own_store = !shared_store;
	blk->store = shared_store ? shared_store : vdpasim_blk_store_alloc();
	err = blk->store ? vdpasim_register(sim) : -ENOMEM;
	if (err)
		vdpasim_discard(sim);
	return err;
}

static void blk_dev_del(struct vdpa_mgmt_dev *mdev, struct vdpa_device *vdpa)
{
	vdpasim_unregister(vdpa_to_sim(vdpa));
}

static const struct vdpa_mgmtdev_ops blk_mgmtdev_ops = {
	.dev_add = blk_dev_add,
	.dev_del = blk_dev_del,
};

static struct virtio_device_id blk_ids[] = {
	{ VIRTIO_ID_BLOCK, VIRTIO_DEV_ANY_ID },
	{ 0 },
};

static struct vdpa_mgmt_dev blk_mgmtdev = {
	.ops = &blk_mgmtdev_ops,
	.id_table = blk_ids,
	.config_attr_mask = BIT_ULL(VDPA_ATTR_DEV_FEATURES),
	.supported_features = BLK_FEATURES,
};

static int __init vdpasim_blk_init(void)
{
	struct device *dev;
	int err;

	if (!num_queues || num_queues > BLK_MAX_QUEUES) {
		pr_err("vdpa_sim_blk: num_queues=%u is not possible, use 1 to %u\n", num_queues,
		       BLK_MAX_QUEUES);
		return -EINVAL;
	}
	dev = root_device_register("vdpasim_blk");
	if (IS_ERR(dev))
		return PTR_ERR(dev);

	/* The first device may be made as soon as the management device is known. */
	err = -ENOMEM;
	if (shared_backend) {
		shared_store = vdpasim_blk_store_alloc();
		if (!shared_store)
			goto unregister;
	}
	blk_mgmtdev.device = dev;
	blk_mgmtdev.max_supported_vqs = num_queues;
	err = vdpa_mgmtdev_register(&blk_mgmtdev);
	if (err)
		goto free_store;
	return 0;

free_store:
	vdpasim_blk_store_free(shared_store);
unregister:
	root_device_unregister(dev);
	return err;
}
module_init(vdpasim_blk_init);

static void __exit vdpasim_blk_exit(void)
{
	vdpa_mgmtdev_unregister(&blk_mgmtdev);
	vdpasim_blk_store_free(shared_store);
	root_device_unregister(blk_mgmtdev.device);
}
module_exit(vdpasim_blk_exit);

MODULE_VERSION(VDPA_DKMS_VERSION);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("vdpa-dkms developers");
MODULE_DESCRIPTION("vDPA device simulator: block device");
