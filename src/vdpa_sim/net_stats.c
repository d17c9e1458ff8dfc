// SPDX-License-Identifier: GPL-2.0-only
/*
 * net_stats.c - the simulated network device: statistics of its queues (vdpa dev vstats show).
 *
 * Names and their order are those of the kernel's own simulator.
 */
#include <linux/kernel.h>
#include <linux/netlink.h>
#include <linux/nospec.h>
#include <net/netlink.h>
#include <uapi/linux/vdpa.h>

#include "net.h"

struct named_count {
	const char *name;
	const atomic64_t *value;
};

static int put_stats(struct sk_buff *msg, const struct named_count *stats, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (nla_put_string(msg, VDPA_ATTR_DEV_VENDOR_ATTR_NAME, stats[i].name) ||
		    nla_put_u64_64bit(msg, VDPA_ATTR_DEV_VENDOR_ATTR_VALUE,
				      atomic64_read(stats[i].value), VDPA_ATTR_PAD))
			return -EMSGSIZE;
	return 0;
}

static int put_rx_stats(struct sk_buff *msg, const struct vdpasim_net_data_stats *rx)
{
	const struct named_count stats[] = {
		{ "rx packets", &rx->packets },
		{ "rx bytes", &rx->bytes },
		{ "rx errors", &rx->errors },
		{ "rx overruns", &rx->overruns },
		{ "rx drops", &rx->drops },
	};

	return put_stats(msg, stats, ARRAY_SIZE(stats));
}

static int put_tx_stats(struct sk_buff *msg, const struct vdpasim_net_data_stats *tx)
{
	const struct named_count stats[] = {
		{ "tx packets", &tx->packets },
		{ "tx bytes", &tx->bytes },
		{ "tx errors", &tx->errors },
		{ "tx drops", &tx->drops },
	};

	return put_stats(msg, stats, ARRAY_SIZE(stats));
}

static int put_ctrl_stats(struct sk_buff *msg, const struct vdpasim_net_ctrl_stats *ctrl)
{
	const struct named_count stats[] = {
		{ "cvq requests", &ctrl->requests },
		{ "cvq successes", &ctrl->successes },
		{ "cvq errors", &ctrl->errors },
	};

	return put_stats(msg, stats, ARRAY_SIZE(stats));
}

int vdpasim_net_get_stats(struct vdpasim *sim, u16 idx, struct sk_buff *msg,
			  struct netlink_ext_ack *extack)
{
	struct vdpasim_net *net = sim_to_net(sim);
	unsigned int pair = idx / 2;

	if (idx >= sim->nvqs) {
		NL_SET_ERR_MSG_MOD(extack, "the device has no such virtqueue");
		return -EINVAL;
	}
	if (idx == vdpasim_net_ctrl_vq(net))
		return put_ctrl_stats(msg, &net->ctrl);
	if (pair >= net->max_pairs) {
		NL_SET_ERR_MSG_MOD(extack, "this virtqueue is not in use without multiqueue");
		return -EINVAL;
	}
	pair = array_index_nospec(pair, VDPASIM_NET_MAX_PAIRS);
	if (idx % 2)
		return put_tx_stats(msg, &net->tx[pair]);
	return put_rx_stats(msg, &net->rx[pair]);
}
