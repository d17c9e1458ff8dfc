/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * netlink.h - what netlink.c (commands) and netlink_msg.c (messages) share.
 */
#ifndef VDPA_NETLINK_H
#define VDPA_NETLINK_H

#include <net/genetlink.h>

struct vdpa_device;
struct vdpa_mgmt_dev;

extern struct genl_family vdpa_genl_family;

/**
 * struct vdpa_nl_reply - where a message is to be put, and what its header says
 * @skb: the buffer
 * @portid: netlink port of the receiver, 0 for a multicast
 * @seq: sequence number of the request, 0 for a multicast
 * @flags: NLM_F_...
 * @extack: for the reason of an error other than lack of room; may be NULL
 */
struct vdpa_nl_reply {
	struct sk_buff *skb;
	u32 portid;
	u32 seq;
	int flags;
	struct netlink_ext_ack *extack;
};

/*
 * Each puts one message into @to. Returns 0, -EMSGSIZE if it does not fit, or another -errno; then
 * nothing was put. The caller has a reference to the (management) device; a device is entered,
 * except for vdpa_nl_put_removed(). All sleep.
 */
int vdpa_nl_put_mgmtdev(struct vdpa_nl_reply *to, const struct vdpa_mgmt_dev *mdev);
int vdpa_nl_put_device(struct vdpa_nl_reply *to, struct vdpa_device *vdev);
int vdpa_nl_put_removed(struct vdpa_nl_reply *to, struct vdpa_device *vdev);
int vdpa_nl_put_config(struct vdpa_nl_reply *to, struct vdpa_device *vdev);
int vdpa_nl_put_vstats(struct vdpa_nl_reply *to, struct vdpa_device *vdev, u32 index);

#endif /* VDPA_NETLINK_H */
