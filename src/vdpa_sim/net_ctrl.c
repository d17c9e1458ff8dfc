// SPDX-License-Identifier: GPL-2.0-only
/*
 * net_ctrl.c - the simulated network device: control queue (virtio 1.2, 5.1.6.5).
 */
#include <linux/etherdevice.h>
#include <linux/string.h>

#include "net.h"

#define ROUND_COMMANDS 16

static virtio_net_ctrl_ack ctrl_mac(struct vdpasim_net *net, struct vdpa_vring *cvq,
				    struct vdpa_vring_req *req, u8 cmd)
{
	struct virtio_net_config *cfg = net->sim.config;
	u8 mac[ETH_ALEN];

	if (cmd != VIRTIO_NET_CTRL_MAC_ADDR_SET ||
	    !vdpasim_has(&net->sim, VIRTIO_NET_F_CTRL_MAC_ADDR))
		return VIRTIO_NET_ERR;
	if (req->out_len != ETH_ALEN || vdpa_vring_pull(cvq, req, mac, ETH_ALEN) != ETH_ALEN)
		return VIRTIO_NET_ERR;
	memcpy(cfg->mac, mac, ETH_ALEN);
	return VIRTIO_NET_OK;
}

static virtio_net_ctrl_ack ctrl_mq(struct vdpasim_net *net, struct vdpa_vring *cvq,
				   struct vdpa_vring_req *req, u8 cmd)
{
	__le16 raw;
	u16 pairs;

	if (cmd != VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET || !vdpasim_has(&net->sim, VIRTIO_NET_F_MQ))
		return VIRTIO_NET_ERR;
	if (req->out_len != sizeof(raw) ||
	    vdpa_vring_pull(cvq, req, &raw, sizeof(raw)) != sizeof(raw))
		return VIRTIO_NET_ERR;
	pairs = le16_to_cpu(raw);
	if (!pairs || pairs > net->max_pairs)
		return VIRTIO_NET_ERR;
	net->pairs = pairs;
	return VIRTIO_NET_OK;
}

static virtio_net_ctrl_ack ctrl_command(struct vdpasim_net *net, struct vdpa_vring *cvq,
					struct vdpa_vring_req *req)
{
	struct virtio_net_ctrl_hdr hdr;

	if (vdpa_vring_pull(cvq, req, &hdr, sizeof(hdr)) != sizeof(hdr))
		return VIRTIO_NET_ERR;
	switch (hdr.class) {
	case VIRTIO_NET_CTRL_MAC:
		return ctrl_mac(net, cvq, req, hdr.cmd);
	case VIRTIO_NET_CTRL_MQ:
		return ctrl_mq(net, cvq, req, hdr.cmd);
	default:
		return VIRTIO_NET_ERR;
	}
}

/* Serve the control queue. What is left over is served in the next round. */
void vdpasim_net_serve_ctrl(struct vdpasim_net *net)
{
	struct vdpasim_vq *vq = &net->sim.vqs[vdpasim_net_ctrl_vq(net)];
	unsigned int budget = ROUND_COMMANDS;
	struct vdpa_vring_req req;
	int ret = 0;

	if (!vq->ready)
		return;
	while (budget-- && (ret = vdpa_vring_get(&vq->ring, &req)) > 0) {
		virtio_net_ctrl_ack ack = ctrl_command(net, &vq->ring, &req);
		ssize_t written = vdpa_vring_push(&vq->ring, &req, &ack, sizeof(ack));

		atomic64_inc(&net->ctrl.requests);
		if (ack == VIRTIO_NET_OK && written == sizeof(ack))
			atomic64_inc(&net->ctrl.successes);
		else
			atomic64_inc(&net->ctrl.errors);
		ret = vdpa_vring_put(&vq->ring, &req, max_t(ssize_t, written, 0));
		if (ret)
			break;
	}
	if (ret > 0)
		vdpasim_kick(&net->sim);
	vdpasim_check_ring(&net->sim, vq, ret);
	ret = vdpa_vring_flush(&vq->ring);
	if (vdpasim_check_ring(&net->sim, vq, ret) && ret)
		vdpasim_signal(&net->sim, vq);
	/* Commands are rare: kicks stay on, but the event index has to be moved. */
	ret = vdpa_vring_kick_enable(&vq->ring);
	if (vdpasim_check_ring(&net->sim, vq, ret) && ret)
		vdpasim_kick(&net->sim);
}
