// SPDX-License-Identifier: GPL-2.0-only
/*
 * netlink_msg.c - what vdpa's netlink messages say about management devices and devices.
 */
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>
#include <uapi/linux/vdpa.h>

#include "core.h"
#include "netlink.h"

/**
 * struct config_field - a field of a configuration space that has an attribute
 * @attr: the attribute
 * @offset: where the field is, in bytes
 * @size: bytes: 1, 2, 4, 8: little-endian number; else an array of bytes
 * @features: the field exists if one of these was offered; 0: always
 */
struct config_field {
	u16 attr;
	u8 offset;
	u8 size;
	u64 features;
};

#define FIELD(_attr, _type, _member, _features)		\
	{						\
		.attr = VDPA_ATTR_DEV_##_attr,		\
		.offset = offsetof(_type, _member),	\
		.size = sizeof(((_type *)NULL)->_member),	\
		.features = _features,			\
	}

#define NET_FIELD(_attr, _member, _features) \
	FIELD(NET_##_attr, struct virtio_net_config, _member, _features)

#define BLK_FIELD(_attr, _member, _features) \
	FIELD(BLK_CFG_##_attr, struct virtio_blk_config, _member, _features)

#define NET_PAIRS_FEATURES (BIT_ULL(VIRTIO_NET_F_MQ) | BIT_ULL(VIRTIO_NET_F_RSS))

static const struct config_field net_fields[] = {
	NET_FIELD(CFG_MTU, mtu, BIT_ULL(VIRTIO_NET_F_MTU)),
	NET_FIELD(CFG_MACADDR, mac, BIT_ULL(VIRTIO_NET_F_MAC)),
	NET_FIELD(STATUS, status, BIT_ULL(VIRTIO_NET_F_STATUS)),
	NET_FIELD(CFG_MAX_VQP, max_virtqueue_pairs, NET_PAIRS_FEATURES),
};

/* What statistics say beside the counters. */
static const struct config_field net_stats_fields[] = {
	NET_FIELD(CFG_MAX_VQP, max_virtqueue_pairs, NET_PAIRS_FEATURES),
};

static const struct config_field blk_fields[] = {
	BLK_FIELD(CAPACITY, capacity, 0),
	BLK_FIELD(SIZE_MAX, size_max, BIT_ULL(VIRTIO_BLK_F_SIZE_MAX)),
	BLK_FIELD(BLK_SIZE, blk_size, BIT_ULL(VIRTIO_BLK_F_BLK_SIZE)),
	BLK_FIELD(SEG_MAX, seg_max, BIT_ULL(VIRTIO_BLK_F_SEG_MAX)),
	BLK_FIELD(NUM_QUEUES, num_queues, BIT_ULL(VIRTIO_BLK_F_MQ)),
	BLK_FIELD(PHY_BLK_EXP, physical_block_exp, BIT_ULL(VIRTIO_BLK_F_TOPOLOGY)),
	BLK_FIELD(ALIGN_OFFSET, alignment_offset, BIT_ULL(VIRTIO_BLK_F_TOPOLOGY)),
	BLK_FIELD(MIN_IO_SIZE, min_io_size, BIT_ULL(VIRTIO_BLK_F_TOPOLOGY)),
	BLK_FIELD(OPT_IO_SIZE, opt_io_size, BIT_ULL(VIRTIO_BLK_F_TOPOLOGY)),
	BLK_FIELD(MAX_DISCARD_SEC, max_discard_sectors, BIT_ULL(VIRTIO_BLK_F_DISCARD)),
	BLK_FIELD(MAX_DISCARD_SEG, max_discard_seg, BIT_ULL(VIRTIO_BLK_F_DISCARD)),
	BLK_FIELD(DISCARD_SEC_ALIGN, discard_sector_alignment, BIT_ULL(VIRTIO_BLK_F_DISCARD)),
	BLK_FIELD(MAX_WRITE_ZEROES_SEC, max_write_zeroes_sectors,
		  BIT_ULL(VIRTIO_BLK_F_WRITE_ZEROES)),
	BLK_FIELD(MAX_WRITE_ZEROES_SEG, max_write_zeroes_seg, BIT_ULL(VIRTIO_BLK_F_WRITE_ZEROES)),
};

/* The part of a configuration space that has attributes. */
union config_space {
	struct virtio_net_config net;
	struct virtio_blk_config blk;
};

static int put_field(struct sk_buff *skb, const struct config_field *field, const u8 *config)
{
	union {
		u8 u8;
		__le16 le16;
		__le32 le32;
		__le64 le64;
	} v;

	config += field->offset;
	switch (field->size) {
	case sizeof(v.u8):
		return nla_put_u8(skb, field->attr, *config);
	case sizeof(v.le16):
		memcpy(&v.le16, config, sizeof(v.le16));
		return nla_put_u16(skb, field->attr, le16_to_cpu(v.le16));
	case sizeof(v.le32):
		memcpy(&v.le32, config, sizeof(v.le32));
		return nla_put_u32(skb, field->attr, le32_to_cpu(v.le32));
	case sizeof(v.le64):
		memcpy(&v.le64, config, sizeof(v.le64));
		return nla_put_u64_64bit(skb, field->attr, le64_to_cpu(v.le64), VDPA_ATTR_PAD);
	default:
		return nla_put(skb, field->attr, field->size, config);
	}
}

static int put_fields(struct sk_buff *skb, const struct config_field *fields, size_t n,
		      u64 features, const union config_space *config)
{
	size_t i;
	int ret;

	for (i = 0; i < n; i++) {
		if (fields[i].features && !(fields[i].features & features))
			continue;
		ret = put_field(skb, &fields[i], (const u8 *)config);
		if (ret)
			return ret;
	}
	return 0;
}

/* Reads what there is of the configuration space; the rest is 0. cf_lock is held. */
static void read_config(struct vdpa_device *vdev, union config_space *config)
{
	size_t size = vdev->config->get_config_size(vdev);

	lockdep_assert_held(&vdev->cf_lock);
	memset(config, 0, sizeof(*config));
	vdev->config->get_config(vdev, 0, config, min(size, sizeof(*config)));
}

static int put_mgmtdev_name(struct sk_buff *skb, const struct vdpa_mgmt_dev *mdev)
{
	const struct device *dev = mdev->device;

	if (dev->bus && nla_put_string(skb, VDPA_ATTR_MGMTDEV_BUS_NAME, dev->bus->name))
		return -EMSGSIZE;
	return nla_put_string(skb, VDPA_ATTR_MGMTDEV_DEV_NAME, dev_name(dev));
}

static void *put_header(struct vdpa_nl_reply *to, u8 cmd)
{
	return genlmsg_put(to->skb, to->portid, to->seq, &vdpa_genl_family, to->flags, cmd);
}

/* Ends the message that starts at @hdr, or takes it back if @ret says that it is incomplete. */
static int end_message(struct vdpa_nl_reply *to, void *hdr, int ret)
{
	if (ret)
		genlmsg_cancel(to->skb, hdr);
	else
		genlmsg_end(to->skb, hdr);
	return ret;
}

int vdpa_nl_put_mgmtdev(struct vdpa_nl_reply *to, const struct vdpa_mgmt_dev *mdev)
{
	struct sk_buff *skb = to->skb;
	void *hdr;
	int ret;

	hdr = put_header(to, VDPA_CMD_MGMTDEV_NEW);
	if (!hdr)
		return -EMSGSIZE;

	ret = put_mgmtdev_name(skb, mdev);
	if (!ret)
		ret = nla_put_u64_64bit(skb, VDPA_ATTR_MGMTDEV_SUPPORTED_CLASSES,
					vdpa_mgmtdev_classes(mdev, NULL), VDPA_ATTR_PAD);
	if (!ret)
		ret = nla_put_u32(skb, VDPA_ATTR_DEV_MGMTDEV_MAX_VQS, mdev->max_supported_vqs);
	if (!ret)
		ret = nla_put_u64_64bit(skb, VDPA_ATTR_DEV_SUPPORTED_FEATURES,
					mdev->supported_features, VDPA_ATTR_PAD);
	return end_message(to, hdr, ret);
}

int vdpa_nl_put_device(struct vdpa_nl_reply *to, struct vdpa_device *vdev)
{
	const struct vdpa_config_ops *ops = vdev->config;
	struct sk_buff *skb = to->skb;
	void *hdr;
	int ret;

	hdr = put_header(to, VDPA_CMD_DEV_NEW);
	if (!hdr)
		return -EMSGSIZE;

	ret = put_mgmtdev_name(skb, vdev->mdev);
	if (!ret)
		ret = nla_put_string(skb, VDPA_ATTR_DEV_NAME, dev_name(&vdev->dev));
	if (!ret)
		ret = nla_put_u32(skb, VDPA_ATTR_DEV_ID, ops->get_device_id(vdev));
	if (!ret)
		ret = nla_put_u32(skb, VDPA_ATTR_DEV_VENDOR_ID, ops->get_vendor_id(vdev));
	if (!ret)
		ret = nla_put_u32(skb, VDPA_ATTR_DEV_MAX_VQS, vdev->nvqs);
	if (!ret)
		ret = nla_put_u16(skb, VDPA_ATTR_DEV_MAX_VQ_SIZE, ops->get_vq_num_max(vdev));
	if (!ret)
		ret = nla_put_u16(skb, VDPA_ATTR_DEV_MIN_VQ_SIZE,
				  ops->get_vq_num_min ? ops->get_vq_num_min(vdev) : 1);
	return end_message(to, hdr, ret);
}

int vdpa_nl_put_removed(struct vdpa_nl_reply *to, struct vdpa_device *vdev)
{
	void *hdr;
	int ret;

	hdr = put_header(to, VDPA_CMD_DEV_DEL);
	if (!hdr)
		return -EMSGSIZE;

	ret = put_mgmtdev_name(to->skb, vdev->mdev);
	if (!ret)
		ret = nla_put_string(to->skb, VDPA_ATTR_DEV_NAME, dev_name(&vdev->dev));
	return end_message(to, hdr, ret);
}

/* Name and type, with which messages about one device begin. */
static int put_device_handle(struct sk_buff *skb, struct vdpa_device *vdev)
{
	if (nla_put_string(skb, VDPA_ATTR_DEV_NAME, dev_name(&vdev->dev)))
		return -EMSGSIZE;
	return nla_put_u32(skb, VDPA_ATTR_DEV_ID, vdev->config->get_device_id(vdev));
}

static int put_net_config(struct sk_buff *skb, u64 features, const union config_space *config)
{
	return put_fields(skb, net_fields, ARRAY_SIZE(net_fields), features, config);
}

static int put_blk_config(struct sk_buff *skb, u64 features, const union config_space *config)
{
	int ret;

	ret = put_fields(skb, blk_fields, ARRAY_SIZE(blk_fields), features, config);
	if (!ret)
		ret = nla_put_u8(skb, VDPA_ATTR_DEV_BLK_READ_ONLY,
				 !!(features & BIT_ULL(VIRTIO_BLK_F_RO)));
	if (!ret)
		ret = nla_put_u8(skb, VDPA_ATTR_DEV_BLK_FLUSH,
				 !!(features & BIT_ULL(VIRTIO_BLK_F_FLUSH)));
	return ret;
}

/* The attributes of VDPA_CMD_DEV_CONFIG_GET. cf_lock is held. */
static int put_config(struct vdpa_nl_reply *to, struct vdpa_device *vdev)
{
	int (*put_class_config)(struct sk_buff *skb, u64 features,
				const union config_space *config);
	const struct vdpa_config_ops *ops = vdev->config;
	struct sk_buff *skb = to->skb;
	union config_space config;
	u64 features;
	int ret;

	switch (ops->get_device_id(vdev)) {
	case VIRTIO_ID_NET:
		put_class_config = put_net_config;
		break;
	case VIRTIO_ID_BLOCK:
		put_class_config = put_blk_config;
		break;
	default:
		NL_SET_ERR_MSG_MOD(to->extack,
				   "configuration is shown of network and block devices only");
		return -EOPNOTSUPP;
	}

	ret = put_device_handle(skb, vdev);
	if (ret)
		return ret;

	/* What the driver accepts may still change until this is set. */
	if (ops->get_status(vdev) & VIRTIO_CONFIG_S_FEATURES_OK) {
		ret = nla_put_u64_64bit(skb, VDPA_ATTR_DEV_NEGOTIATED_FEATURES,
					ops->get_driver_features(vdev), VDPA_ATTR_PAD);
		if (ret)
			return ret;
	}

	features = ops->get_device_features(vdev);
	ret = nla_put_u64_64bit(skb, VDPA_ATTR_DEV_FEATURES, features, VDPA_ATTR_PAD);
	if (ret)
		return ret;

	read_config(vdev, &config);
	return put_class_config(skb, features, &config);
}

int vdpa_nl_put_config(struct vdpa_nl_reply *to, struct vdpa_device *vdev)
{
	void *hdr;
	int ret;

	hdr = put_header(to, VDPA_CMD_DEV_CONFIG_GET);
	if (!hdr)
		return -EMSGSIZE;

	down_read(&vdev->cf_lock);
	ret = put_config(to, vdev);
	up_read(&vdev->cf_lock);
	return end_message(to, hdr, ret);
}

/* The attributes of VDPA_CMD_DEV_VSTATS_GET. cf_lock is held. */
static int put_vstats(struct vdpa_nl_reply *to, struct vdpa_device *vdev, u16 index)
{
	const struct vdpa_config_ops *ops = vdev->config;
	struct sk_buff *skb = to->skb;
	union config_space config;
	u64 features;
	int ret;

	ret = put_device_handle(skb, vdev);
	if (ret)
		return ret;

	/* Which queue is which depends on the features. */
	if (!(ops->get_status(vdev) & VIRTIO_CONFIG_S_FEATURES_OK)) {
		NL_SET_ERR_MSG_MOD(to->extack, "feature negotiation not complete");
		return -EAGAIN;
	}

	features = ops->get_driver_features(vdev);
	ret = nla_put_u64_64bit(skb, VDPA_ATTR_DEV_NEGOTIATED_FEATURES, features, VDPA_ATTR_PAD);
	if (ret)
		return ret;

	read_config(vdev, &config);
	ret = put_fields(skb, net_stats_fields, ARRAY_SIZE(net_stats_fields), features, &config);
	if (ret)
		return ret;

	ret = nla_put_u32(skb, VDPA_ATTR_DEV_QUEUE_INDEX, index);
	if (ret)
		return ret;
	return ops->get_vendor_vq_stats(vdev, index, skb, to->extack);
}

int vdpa_nl_put_vstats(struct vdpa_nl_reply *to, struct vdpa_device *vdev, u32 index)
{
	const struct vdpa_config_ops *ops = vdev->config;
	void *hdr;
	int ret;

	if (ops->get_device_id(vdev) != VIRTIO_ID_NET || !ops->get_vendor_vq_stats) {
		NL_SET_ERR_MSG_MOD(to->extack, "the device has no statistics");
		return -EOPNOTSUPP;
	}
	if (index > VIRTIO_NET_CTRL_MQ_VQ_PAIRS_MAX) {
		NL_SET_ERR_MSG_MOD(to->extack, "queue index exceeds max value");
		return -ERANGE;
	}
	if (index >= vdev->nvqs) {
		NL_SET_ERR_MSG_MOD(to->extack, "the device has no queue with this index");
		return -EINVAL;
	}
	index = array_index_nospec(index, vdev->nvqs);

	hdr = put_header(to, VDPA_CMD_DEV_VSTATS_GET);
	if (!hdr)
		return -EMSGSIZE;

	down_read(&vdev->cf_lock);
	ret = put_vstats(to, vdev, index);
	up_read(&vdev->cf_lock);
	return end_message(to, hdr, ret);
}
