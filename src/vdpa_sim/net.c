// SPDX-License-Identifier: GPL-2.0-only
/*
 * net.c - the simulated network device: creation, configuration space, management.
 */
#include <linux/err.h>
#include <linux/etherdevice.h>
#include <linux/if_ether.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <uapi/linux/vdpa.h>
#include <uapi/linux/virtio_ids.h>

#include "net.h"

#define NET_FEATURES_DEFAULT	(VDPASIM_FEATURES | \
				 BIT_ULL(VIRTIO_NET_F_MAC) | \
				 BIT_ULL(VIRTIO_NET_F_STATUS) | \
				 BIT_ULL(VIRTIO_NET_F_MTU) | \
				 BIT_ULL(VIRTIO_NET_F_CTRL_VQ) | \
				 BIT_ULL(VIRTIO_NET_F_CTRL_MAC_ADDR))

#define NET_FEATURES		(NET_FEATURES_DEFAULT | \
				 VDPASIM_RING_FEATURES | \
				 BIT_ULL(VIRTIO_NET_F_MQ))

#define NET_MTU_DEFAULT 1500

static u32 net_vq_group(struct vdpasim *sim, u16 idx)
{
	return idx == vdpasim_net_ctrl_vq(sim_to_net(sim)) ? VDPASIM_NET_GROUP_CTRL :
							     VDPASIM_NET_GROUP_DATA;
}

static void net_get_config(struct vdpasim *sim, void *config)
{
	struct virtio_net_config *cfg = config;

	cfg->status = (__virtio16 __force)cpu_to_le16(VIRTIO_NET_S_LINK_UP);
}

/*
 * The MAC address is the one field a driver may write. With VIRTIO_NET_F_CTRL_MAC_ADDR it should
 * use the control queue (5.1.6.5.2), but what it writes is taken nevertheless, as by the kernel's
 * own simulator: a VMM passes such writes of its guest on.
 */
static void net_set_config(struct vdpasim *sim, unsigned int offset, const void *buf,
			   unsigned int len)
{
	struct virtio_net_config *cfg = sim->config;

	if (offset >= ETH_ALEN)
		return;
	memcpy(cfg->mac + offset, buf, min(len, ETH_ALEN - offset));
}

static void net_reset(struct vdpasim *sim)
{
	struct vdpasim_net *net = sim_to_net(sim);

	net->pairs = 1;
	vdpasim_net_wire_flush(net);
}

static void net_free(struct vdpasim *sim)
{
	struct vdpasim_net *net = sim_to_net(sim);

	kvfree(net->buf);
	net->buf = NULL;
}

static const struct vdpasim_type net_type = {
	.id = VIRTIO_ID_NET,
	.features = NET_FEATURES,
	.features_default = NET_FEATURES_DEFAULT,
	.size = sizeof(struct vdpasim_net),
	.config_size = sizeof(struct virtio_net_config),
	.nas = 2,
	.ngroups = 2,
	.vq_group = net_vq_group,
	.work = vdpasim_net_work,
	.get_config = net_get_config,
	.set_config = net_set_config,
	.get_stats = vdpasim_net_get_stats,
	.reset = net_reset,
	.free = net_free,
};

static int net_dev_add(struct vdpa_mgmt_dev *mdev, const char *name,
		       const struct vdpa_dev_set_config *config)
{
	struct virtio_net_config *cfg;
	struct vdpasim_net *net;
	struct vdpasim *sim;
	unsigned int pairs = 1;
	u16 mtu = NET_MTU_DEFAULT;
	int err;

	if (config->mask & BIT_ULL(VDPA_ATTR_DEV_NET_CFG_MAX_VQP)) {
		pairs = config->net.max_vq_pairs;
		if (!pairs || pairs > VDPASIM_NET_MAX_PAIRS)
			return -EINVAL;
	}
	if (config->mask & BIT_ULL(VDPA_ATTR_DEV_NET_CFG_MTU)) {
		mtu = config->net.mtu;
		if (mtu < ETH_MIN_MTU)
			return -EINVAL;
	}

	sim = vdpasim_create(mdev, &net_type, 2 * pairs + 1, name, config);
	if (IS_ERR(sim))
		return PTR_ERR(sim);
	net = sim_to_net(sim);
	net->max_pairs = pairs;
	net->pairs = 1;
	if (pairs > 1 && !(config->mask & BIT_ULL(VDPA_ATTR_DEV_FEATURES)))
		sim->supported |= BIT_ULL(VIRTIO_NET_F_MQ);

	cfg = sim->config;
	if (config->mask & BIT_ULL(VDPA_ATTR_DEV_NET_CFG_MACADDR))
		ether_addr_copy(cfg->mac, config->net.mac);
	cfg->mtu = (__virtio16 __force)cpu_to_le16(mtu);
	cfg->max_virtqueue_pairs = (__virtio16 __force)cpu_to_le16(pairs);

	net->buf = kvmalloc(VDPASIM_NET_BUF_SIZE, GFP_KERNEL);
	if (!net->buf) {
		vdpasim_discard(sim);
		return -ENOMEM;
	}

	vdpasim_net_wire_add(net);
	err = vdpasim_register(sim);
	if (err) {
		vdpasim_net_wire_remove(net);
		vdpasim_discard(sim);
	}
	return err;
}

static void net_dev_del(struct vdpa_mgmt_dev *mdev, struct vdpa_device *vdpa)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);

	vdpasim_net_wire_remove(sim_to_net(sim));
	vdpasim_unregister(sim);
}

static int net_dev_set_attr(struct vdpa_mgmt_dev *mdev, struct vdpa_device *vdpa,
			    const struct vdpa_dev_set_config *config)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);
	struct virtio_net_config *cfg = sim->config;

	if (config->mask != BIT_ULL(VDPA_ATTR_DEV_NET_CFG_MACADDR))
		return -EOPNOTSUPP;
	mutex_lock(&sim->lock);
	ether_addr_copy(cfg->mac, config->net.mac);
	vdpasim_config_changed(sim);
	mutex_unlock(&sim->lock);
	return 0;
}

static const struct vdpa_mgmtdev_ops net_mgmtdev_ops = {
	.dev_add = net_dev_add,
	.dev_del = net_dev_del,
	.dev_set_attr = net_dev_set_attr,
};

static struct virtio_device_id net_ids[] = {
	{ VIRTIO_ID_NET, VIRTIO_DEV_ANY_ID },
	{ 0 },
};

static struct vdpa_mgmt_dev net_mgmtdev = {
	.ops = &net_mgmtdev_ops,
	.id_table = net_ids,
	.config_attr_mask = BIT_ULL(VDPA_ATTR_DEV_NET_CFG_MACADDR) |
			    BIT_ULL(VDPA_ATTR_DEV_NET_CFG_MTU) |
			    BIT_ULL(VDPA_ATTR_DEV_NET_CFG_MAX_VQP) |
			    BIT_ULL(VDPA_ATTR_DEV_FEATURES),
	.supported_features = NET_FEATURES,
	.max_supported_vqs = VDPASIM_NET_MAX_VQS,
};

static int __init vdpasim_net_init(void)
{
	struct device *dev = root_device_register("vdpasim_net");
	int err;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	err = vdpasim_net_wire_init(dev);
	if (err)
		goto unregister;
	net_mgmtdev.device = dev;
	err = vdpa_mgmtdev_register(&net_mgmtdev);
	if (err)
		goto wire_exit;
	return 0;

wire_exit:
	vdpasim_net_wire_exit(dev);
unregister:
	root_device_unregister(dev);
	return err;
}
module_init(vdpasim_net_init);

static void __exit vdpasim_net_exit(void)
{
	vdpa_mgmtdev_unregister(&net_mgmtdev);
	vdpasim_net_wire_exit(net_mgmtdev.device);
	root_device_unregister(net_mgmtdev.device);
}
module_exit(vdpasim_net_exit);

MODULE_VERSION(VDPA_DKMS_VERSION);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("vdpa-dkms developers");
MODULE_DESCRIPTION("vDPA device simulator: network device");
