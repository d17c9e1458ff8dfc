// SPDX-License-Identifier: GPL-2.0-only
/*
 * netlink.c - generic netlink family "vdpa": commands that create, remove, show and change devices.
 *
 * Commands run in parallel with each other (see core.h for the locks). What they answer is put
 * together in netlink_msg.c.
 */
#include <linux/ctype.h>
#include <linux/etherdevice.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>
#include <net/genetlink.h>
#include <uapi/linux/vdpa.h>

#include "core.h"
#include "netlink.h"

#define NET_ATTRS (BIT_ULL(VDPA_ATTR_DEV_NET_CFG_MACADDR) | \
		   BIT_ULL(VDPA_ATTR_DEV_NET_CFG_MTU) | \
		   BIT_ULL(VDPA_ATTR_DEV_NET_CFG_MAX_VQP))

/*
 * Feature bits whose meaning depends on the type of the device: all but the transport's, which are
 * 28 to 41 (virtio 6). The header's VIRTIO_TRANSPORT_F_END is what this kernel's drivers know.
 */
#define DEVICE_TYPE_FEATURES (~GENMASK_ULL(41, 28))

enum vdpa_mcgrp {
	VDPA_MCGRP_DEVICE,
};

static const struct genl_multicast_group vdpa_mcgrps[] = {
	[VDPA_MCGRP_DEVICE] = { .name = VDPA_GENL_MCGRP_DEVICE_NAME },
};

static const struct nla_policy vdpa_policy[VDPA_ATTR_MAX + 1] = {
	[VDPA_ATTR_MGMTDEV_BUS_NAME] = { .type = NLA_NUL_STRING, .len = NAME_MAX },
	[VDPA_ATTR_MGMTDEV_DEV_NAME] = { .type = NLA_NUL_STRING, .len = NAME_MAX },
	[VDPA_ATTR_DEV_NAME] = { .type = NLA_NUL_STRING, .len = NAME_MAX },
	[VDPA_ATTR_DEV_NET_CFG_MACADDR] = NLA_POLICY_ETH_ADDR,
	[VDPA_ATTR_DEV_NET_CFG_MAX_VQP] = { .type = NLA_U16 },
	/* virtio 5.1.4.1: the device must not offer less. */
	[VDPA_ATTR_DEV_NET_CFG_MTU] = NLA_POLICY_MIN(NLA_U16, ETH_MIN_MTU),
	[VDPA_ATTR_DEV_QUEUE_INDEX] = { .type = NLA_U32 },
	[VDPA_ATTR_DEV_FEATURES] = { .type = NLA_U64 },
};

/* A message that goes back to who sent the request; NULL: no memory. */
static bool new_reply(struct vdpa_nl_reply *to, struct genl_info *info)
{
	*to = (struct vdpa_nl_reply) {
		.skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL),
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.extack = info->extack,
	};
	return to->skb;
}

/* Sends @to if @ret is 0, else frees it. */
static int send_reply(struct vdpa_nl_reply *to, struct genl_info *info, int ret)
{
	if (!ret)
		return genlmsg_reply(to->skb, info);
	nlmsg_free(to->skb);
	return ret;
}

static void dump_to(struct vdpa_nl_reply *to, struct sk_buff *skb, struct netlink_callback *cb)
{
	*to = (struct vdpa_nl_reply) {
		.skb = skb,
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
	};
}

/*
 * After an item of a dump that was put with result @ret: whether to go on with the next one. It is
 * only left for the next buffer if there is something in this one, or else that would never end.
 */
static bool dump_goes_on(const struct vdpa_nl_reply *to, int ret)
{
	return ret != -EMSGSIZE || !to->skb->len;
}

/* The device that a command is about, with a reference, or ERR_PTR. */
static struct vdpa_device *find_named(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[VDPA_ATTR_DEV_NAME];
	struct vdpa_device *vdev;

	if (!attr) {
		NL_SET_ERR_MSG_MOD(info->extack, "attribute DEV_NAME is missing");
		return ERR_PTR(-EINVAL);
	}

	vdev = vdpa_device_get_by_name(nla_data(attr));
	if (vdev == ERR_PTR(-ENODEV))
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "device not found");
	else if (IS_ERR(vdev))
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "device was not made by a management device");
	return vdev;
}

/* As find_named(), and the device stays as it is until put_named(). */
static struct vdpa_device *get_named(struct genl_info *info)
{
	struct vdpa_device *vdev;
	int ret;

	vdev = find_named(info);
	if (IS_ERR(vdev))
		return vdev;

	ret = vdpa_device_enter(vdev);
	if (ret) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[VDPA_ATTR_DEV_NAME],
				    "device is being removed");
		vdpa_device_put(vdev);
		return ERR_PTR(ret);
	}
	return vdev;
}

static void put_named(struct vdpa_device *vdev)
{
	vdpa_device_leave(vdev);
	vdpa_device_put(vdev);
}

/* The management device that a command is about, with a reference, or ERR_PTR. */
static struct vdpa_mgmt_dev *get_named_mgmtdev(struct genl_info *info)
{
	struct nlattr *bus = info->attrs[VDPA_ATTR_MGMTDEV_BUS_NAME];
	struct nlattr *dev = info->attrs[VDPA_ATTR_MGMTDEV_DEV_NAME];
	struct vdpa_mgmt_dev *mdev;

	if (!dev) {
		NL_SET_ERR_MSG_MOD(info->extack, "attribute MGMTDEV_DEV_NAME is missing");
		return ERR_PTR(-EINVAL);
	}

	mdev = vdpa_mgmtdev_get_by_name(bus ? nla_data(bus) : NULL, nla_data(dev));
	if (!mdev) {
		NL_SET_ERR_MSG_ATTR(info->extack, dev, "management device not found");
		return ERR_PTR(-ENODEV);
	}
	return mdev;
}

static int mgmtdev_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vdpa_mgmt_dev *mdev;
	struct vdpa_nl_reply to;
	int ret;

	mdev = get_named_mgmtdev(info);
	if (IS_ERR(mdev))
		return PTR_ERR(mdev);

	if (new_reply(&to, info))
		ret = send_reply(&to, info, vdpa_nl_put_mgmtdev(&to, mdev));
	else
		ret = -ENOMEM;
	vdpa_mgmtdev_put(mdev);
	return ret;
}

static int mgmtdev_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vdpa_mgmt_dev *mdev;
	struct vdpa_nl_reply to;
	int ret = 0;

	dump_to(&to, skb, cb);
	while ((mdev = vdpa_mgmtdev_get_next(cb->args[0]))) {
		ret = vdpa_nl_put_mgmtdev(&to, mdev);
		if (dump_goes_on(&to, ret))
			cb->args[0] = mdev->serial;
		vdpa_mgmtdev_put(mdev);
		if (!dump_goes_on(&to, ret))
			break;
	}
	return skb->len;
}

/*
 * A device name becomes the name of a folder in sysfs and part of uevents, which are lines of
 * text.
 */
static bool is_good_name(const char *name)
{
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (; *name; name++) {
		if (*name == '/' || iscntrl(*name))
			return false;
	}
	return true;
}

/* Reads the attributes that configure a new device. */
static int parse_config(struct vdpa_dev_set_config *config, struct genl_info *info)
{
	struct nlattr *mac = info->attrs[VDPA_ATTR_DEV_NET_CFG_MACADDR];
	struct nlattr *mtu = info->attrs[VDPA_ATTR_DEV_NET_CFG_MTU];
	struct nlattr *pairs = info->attrs[VDPA_ATTR_DEV_NET_CFG_MAX_VQP];
	struct nlattr *features = info->attrs[VDPA_ATTR_DEV_FEATURES];

	memset(config, 0, sizeof(*config));

	if (mac) {
		ether_addr_copy(config->net.mac, nla_data(mac));
		config->mask |= BIT_ULL(VDPA_ATTR_DEV_NET_CFG_MACADDR);
	}
	if (mtu) {
		config->net.mtu = nla_get_u16(mtu);
		config->mask |= BIT_ULL(VDPA_ATTR_DEV_NET_CFG_MTU);
	}
	if (pairs) {
		config->net.max_vq_pairs = nla_get_u16(pairs);
		if (!config->net.max_vq_pairs) {
			NL_SET_ERR_MSG_ATTR(info->extack, pairs,
					    "at least one pair of VQs is required");
			return -EINVAL;
		}
		if (config->net.max_vq_pairs > VIRTIO_NET_CTRL_MQ_VQ_PAIRS_MAX) {
			NL_SET_ERR_MSG_ATTR(info->extack, pairs,
					    "a network device has 32768 pairs of VQs at most");
			return -ERANGE;
		}
		config->mask |= BIT_ULL(VDPA_ATTR_DEV_NET_CFG_MAX_VQP);
	}
	if (!features)
		return 0;

	config->device_features = nla_get_u64(features);
	config->mask |= BIT_ULL(VDPA_ATTR_DEV_FEATURES);

	/* What is configured must be visible to the driver. */
	if (mac && !(config->device_features & BIT_ULL(VIRTIO_NET_F_MAC))) {
		NL_SET_ERR_MSG_ATTR(info->extack, mac,
				    "a MAC address needs VIRTIO_NET_F_MAC among the features");
		return -EINVAL;
	}
	if (mtu && !(config->device_features & BIT_ULL(VIRTIO_NET_F_MTU))) {
		NL_SET_ERR_MSG_ATTR(info->extack, mtu,
				    "an MTU needs VIRTIO_NET_F_MTU among the features");
		return -EINVAL;
	}
	if (config->net.max_vq_pairs > 1 &&
	    !(config->device_features & BIT_ULL(VIRTIO_NET_F_MQ))) {
		NL_SET_ERR_MSG_ATTR(info->extack, pairs,
				    "several pairs of VQs need VIRTIO_NET_F_MQ among the features");
		return -EINVAL;
	}
	return 0;
}

/* Whether @mdev can do what @config asks for. */
static int check_config(const struct vdpa_mgmt_dev *mdev, const struct vdpa_dev_set_config *config,
			struct genl_info *info)
{
	static const u16 attrs[] = {
		VDPA_ATTR_DEV_NET_CFG_MACADDR,
		VDPA_ATTR_DEV_NET_CFG_MTU,
		VDPA_ATTR_DEV_NET_CFG_MAX_VQP,
		VDPA_ATTR_DEV_FEATURES,
	};
	u64 unsupported = config->mask & ~mdev->config_attr_mask;
	unsigned int nclasses;
	u64 classes;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(attrs); i++) {
		if (unsupported & BIT_ULL(attrs[i])) {
			NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attrs[i]],
					    "not supported by the management device");
			return -EOPNOTSUPP;
		}
	}

	classes = vdpa_mgmtdev_classes(mdev, &nclasses);
	if ((config->mask & NET_ATTRS) && !(classes & BIT_ULL(VIRTIO_ID_NET))) {
		NL_SET_ERR_MSG_MOD(info->extack,
				   "the management device has no network devices");
		return -EINVAL;
	}

	if (!(config->mask & BIT_ULL(VDPA_ATTR_DEV_FEATURES)))
		return 0;

	/*
	 * Without a network attribute it is not known what type is to be created if there are
	 * several, and so not what these bits mean.
	 */
	if (!(config->mask & NET_ATTRS) && (classes & BIT_ULL(VIRTIO_ID_NET)) && nclasses > 1 &&
	    (config->device_features & DEVICE_TYPE_FEATURES)) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[VDPA_ATTR_DEV_FEATURES],
				    "ambiguous: the management device has several types");
		return -EINVAL;
	}

	if (mdev->supported_features && (config->device_features & ~mdev->supported_features)) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[VDPA_ATTR_DEV_FEATURES],
				    "features that the management device does not support");
		return -EINVAL;
	}
	return 0;
}

static int dev_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[VDPA_ATTR_DEV_NAME];
	struct vdpa_dev_set_config config;
	struct vdpa_mgmt_dev *mdev;
	const char *name;
	int ret;

	if (!attr) {
		NL_SET_ERR_MSG_MOD(info->extack, "attribute DEV_NAME is missing");
		return -EINVAL;
	}
	name = nla_data(attr);
	if (!is_good_name(name)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "not a name for a device");
		return -EINVAL;
	}

	ret = parse_config(&config, info);
	if (ret)
		return ret;

	mdev = get_named_mgmtdev(info);
	if (IS_ERR(mdev))
		return PTR_ERR(mdev);

	ret = check_config(mdev, &config, info);
	if (ret)
		goto out;

	switch (vdpa_name_use(name)) {
	case VDPA_NAME_FREE:
		ret = vdpa_mgmtdev_add_device(mdev, name, &config);
		if (ret == -ENOSPC)
			NL_SET_ERR_MSG_MOD(info->extack,
					   "the management device has no room for another device");
		break;
	case VDPA_NAME_GOING:
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "a device of this name is still being removed");
		ret = -EEXIST;
		break;
	case VDPA_NAME_TAKEN:
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "a device of this name exists");
		ret = -EEXIST;
		break;
	}
out:
	vdpa_mgmtdev_put(mdev);
	return ret;
}

static int dev_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vdpa_device *vdev;
	int ret;

	vdev = find_named(info);
	if (IS_ERR(vdev))
		return PTR_ERR(vdev);

	ret = vdpa_mgmtdev_remove_device(vdev);
	switch (ret) {
	case 0:
		return 0;
	case -EINPROGRESS:
		NL_SET_ERR_MSG_MOD(info->extack, "removal continues in the background");
		return ret;
	case -EBUSY:
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[VDPA_ATTR_DEV_NAME],
				    "device is being removed already");
		break;
	}
	vdpa_device_put(vdev);
	return ret;
}

static int dev_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vdpa_device *vdev;
	struct vdpa_nl_reply to;
	int ret;

	vdev = get_named(info);
	if (IS_ERR(vdev))
		return PTR_ERR(vdev);

	if (new_reply(&to, info))
		ret = send_reply(&to, info, vdpa_nl_put_device(&to, vdev));
	else
		ret = -ENOMEM;
	put_named(vdev);
	return ret;
}

/*
 * Puts messages about all devices, from where the last buffer ended. A device about which there is
 * nothing to say, or which is being added or removed, is left out; the others are still shown.
 */
static int dump_devices(struct sk_buff *skb, struct netlink_callback *cb,
			int (*put)(struct vdpa_nl_reply *to, struct vdpa_device *vdev))
{
	struct vdpa_device *vdev;
	struct vdpa_nl_reply to;
	bool go_on = true;

	dump_to(&to, skb, cb);
	while (go_on && (vdev = vdpa_device_get_next(cb->args[0]))) {
		if (vdpa_device_try_enter(vdev)) {
			go_on = dump_goes_on(&to, put(&to, vdev));
			vdpa_device_leave(vdev);
		}
		if (go_on)
			cb->args[0] = vdev->serial;
		vdpa_device_put(vdev);
	}
	return skb->len;
}

static int dev_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_devices(skb, cb, vdpa_nl_put_device);
}

static int dev_config_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vdpa_device *vdev;
	struct vdpa_nl_reply to;
	int ret;

	vdev = get_named(info);
	if (IS_ERR(vdev))
		return PTR_ERR(vdev);

	if (new_reply(&to, info))
		ret = send_reply(&to, info, vdpa_nl_put_config(&to, vdev));
	else
		ret = -ENOMEM;
	put_named(vdev);
	return ret;
}

static int dev_config_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_devices(skb, cb, vdpa_nl_put_config);
}

static int dev_vstats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *index = info->attrs[VDPA_ATTR_DEV_QUEUE_INDEX];
	struct vdpa_device *vdev;
	struct vdpa_nl_reply to;
	int ret;

	if (!index) {
		NL_SET_ERR_MSG_MOD(info->extack, "attribute DEV_QUEUE_INDEX is missing");
		return -EINVAL;
	}

	vdev = get_named(info);
	if (IS_ERR(vdev))
		return PTR_ERR(vdev);

	if (new_reply(&to, info))
		ret = send_reply(&to, info, vdpa_nl_put_vstats(&to, vdev, nla_get_u32(index)));
	else
		ret = -ENOMEM;
	put_named(vdev);
	return ret;
}

static int dev_attr_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *mac = info->attrs[VDPA_ATTR_DEV_NET_CFG_MACADDR];
	struct vdpa_dev_set_config config;
	struct vdpa_device *vdev;
	u32 id;
	int ret;

	vdev = get_named(info);
	if (IS_ERR(vdev))
		return PTR_ERR(vdev);
	id = vdev->config->get_device_id(vdev);
	vdpa_device_leave(vdev);

	ret = parse_config(&config, info);
	if (ret)
		goto out;

	ret = -EOPNOTSUPP;
	if (id != VIRTIO_ID_NET) {
		NL_SET_ERR_MSG_MOD(info->extack, "only network devices have attributes to change");
	} else if (config.mask != BIT_ULL(VDPA_ATTR_DEV_NET_CFG_MACADDR)) {
		NL_SET_ERR_MSG_MOD(info->extack,
				   "attribute DEV_NET_CFG_MACADDR, and no other, can be changed");
	} else if (!is_valid_ether_addr(config.net.mac)) {
		NL_SET_ERR_MSG_ATTR(info->extack, mac, "not the address of a single station");
		ret = -EINVAL;
	} else {
		ret = vdpa_mgmtdev_set_attr(vdev, &config);
		if (ret == -EOPNOTSUPP)
			NL_SET_ERR_MSG_ATTR(info->extack, mac,
					    "operation not supported by the device");
	}
out:
	vdpa_device_put(vdev);
	return ret;
}

static const struct genl_ops vdpa_ops[] = {
	{
		.cmd = VDPA_CMD_MGMTDEV_GET,
		.doit = mgmtdev_get_doit,
		.dumpit = mgmtdev_get_dumpit,
	},
	{
		.cmd = VDPA_CMD_DEV_NEW,
		.doit = dev_new_doit,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = VDPA_CMD_DEV_DEL,
		.doit = dev_del_doit,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = VDPA_CMD_DEV_GET,
		.doit = dev_get_doit,
		.dumpit = dev_get_dumpit,
	},
	{
		.cmd = VDPA_CMD_DEV_CONFIG_GET,
		.doit = dev_config_get_doit,
		.dumpit = dev_config_get_dumpit,
	},
	{
		.cmd = VDPA_CMD_DEV_VSTATS_GET,
		.doit = dev_vstats_get_doit,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = VDPA_CMD_DEV_ATTR_SET,
		.doit = dev_attr_set_doit,
		.flags = GENL_ADMIN_PERM,
	},
};

/*
 * parallel_ops: generic netlink's own lock would make everybody wait for a removal. No network
 * namespaces: the family exists in the initial one only, as in mainline.
 */
struct genl_family vdpa_genl_family __ro_after_init = {
	.name = VDPA_GENL_NAME,
	.version = VDPA_GENL_VERSION,
	.maxattr = VDPA_ATTR_MAX,
	.policy = vdpa_policy,
	.netnsok = false,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = vdpa_ops,
	.n_ops = ARRAY_SIZE(vdpa_ops),
	VC_GENL_RESV_START_OP(VDPA_CMD_DEV_VSTATS_GET + 1)
	.mcgrps = vdpa_mcgrps,
	.n_mcgrps = ARRAY_SIZE(vdpa_mcgrps),
};

static void notify(struct vdpa_device *vdev,
		   int (*put)(struct vdpa_nl_reply *to, struct vdpa_device *vdev))
{
	struct vdpa_nl_reply to = {};

	/* Without a management device netlink does not know the device. */
	if (!vdev->mdev || !genl_has_listeners(&vdpa_genl_family, &init_net, VDPA_MCGRP_DEVICE))
		return;

	to.skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!to.skb)
		return;
	if (put(&to, vdev))
		nlmsg_free(to.skb);
	else
		genlmsg_multicast(&vdpa_genl_family, to.skb, 0, VDPA_MCGRP_DEVICE, GFP_KERNEL);
}

/* Tells listeners that a device was added. Its life_lock is held. Sleeps. */
void vdpa_netlink_notify_added(struct vdpa_device *vdev)
{
	notify(vdev, vdpa_nl_put_device);
}

/* Tells listeners that a device is gone. The caller has a reference. Sleeps. */
void vdpa_netlink_notify_removed(struct vdpa_device *vdev)
{
	notify(vdev, vdpa_nl_put_removed);
}

int __init vdpa_netlink_init(void)
{
	return genl_register_family(&vdpa_genl_family);
}

void vdpa_netlink_exit(void)
{
	genl_unregister_family(&vdpa_genl_family);
}
