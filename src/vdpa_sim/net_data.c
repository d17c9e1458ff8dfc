// SPDX-License-Identifier: GPL-2.0-only
/*
 * net_data.c - the simulated network device: transmission and reception.
 *
 * A round serves each pair for a limited number of packets, so that reset and changes of the
 * mapping, which wait for the end of the round, do not wait long. Used buffers are published and
 * the driver is interrupted once per pair and round.
 */
#include <linux/etherdevice.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "net.h"

#define ROUND_PACKETS 64

/* What happened to one queue in a round. */
struct round {
	unsigned int packets;
	u64 bytes;
	unsigned int errors;
	unsigned int drops;
	unsigned int overruns;
};

static void count(struct vdpasim_net_data_stats *stats, const struct round *r)
{
	if (r->packets) {
		atomic64_add(r->packets, &stats->packets);
		atomic64_add(r->bytes, &stats->bytes);
	}
	if (r->errors)
		atomic64_add(r->errors, &stats->errors);
	if (r->drops)
		atomic64_add(r->drops, &stats->drops);
	if (r->overruns)
		atomic64_add(r->overruns, &stats->overruns);
}

static void finish(struct vdpasim_net *net, struct vdpasim_vq *vq)
{
	int ret = vdpa_vring_flush(&vq->ring);

	if (vdpasim_check_ring(&net->sim, vq, ret) && ret)
		vdpasim_signal(&net->sim, vq);
}

static bool is_for(const struct vdpasim_net *net, const u8 *eth)
{
	const struct virtio_net_config *cfg = net->sim.config;

	/* Broadcast is a kind of multicast. Neither address is aligned. */
	return is_multicast_ether_addr(eth) || !memcmp(eth, cfg->mac, ETH_ALEN);
}

enum delivery { DELIVERED, REFUSED, NO_BUFFER };

/*
 * Receive the frame that lies in net->buf behind a header, @len bytes in all. The header is ours:
 * no offload is offered, so there is nothing to say in it.
 */
static enum delivery receive(struct vdpasim_net *net, unsigned int pair, size_t len,
			     struct round *r)
{
	struct vdpasim_vq *rx = &net->sim.vqs[2 * pair];
	size_t hdr_len = vdpasim_net_hdr_len(net);
	struct vdpa_vring_req req;
	ssize_t ret;

	if (len < hdr_len + ETH_HLEN || !is_for(net, net->buf + hdr_len)) {
		r->drops++;
		return REFUSED;
	}
	ret = vdpa_vring_get(&rx->ring, &req);
	if (ret <= 0) {
		vdpasim_check_ring(&net->sim, rx, ret);
		return NO_BUFFER;
	}

	memset(net->buf, 0, hdr_len);
	if (hdr_len == sizeof(struct virtio_net_hdr_v1)) {
		struct virtio_net_hdr_v1 *hdr = net->buf;

		hdr->num_buffers = (__virtio16 __force)cpu_to_le16(1);
	}
	if (req.in_len < len) {
		/* Too small a buffer is of no use for this frame, but may be for the next. */
		vdpa_vring_unget(&rx->ring, &req);
		r->errors++;
		return REFUSED;
	}
	ret = vdpa_vring_push(&rx->ring, &req, net->buf, len);
	if (ret < 0) {
		r->errors++;
		ret = 0;
	} else {
		r->packets++;
		r->bytes += ret;
	}
	vdpasim_check_ring(&net->sim, rx, vdpa_vring_put(&rx->ring, &req, ret));
	return DELIVERED;
}

/* Serve the transmit queue of a pair. True if there is more to do. */
static bool transmit(struct vdpasim_net *net, unsigned int pair, bool wired)
{
	struct vdpasim_vq *tx = &net->sim.vqs[2 * pair + 1], *rx = &net->sim.vqs[2 * pair];
	struct vdpasim_net_packet *packet;
	size_t hdr_len = vdpasim_net_hdr_len(net);
	struct round r = {}, t = {};
	unsigned int budget = ROUND_PACKETS;
	struct vdpa_vring_req req;
	LIST_HEAD(out);
	int ret = 0;

	if (!tx->ready || !rx->ready)
		return false;

	vdpa_vring_kick_disable(&tx->ring);
	if (!wired)
		vdpa_vring_kick_disable(&rx->ring);
	while (budget && (ret = vdpa_vring_get(&tx->ring, &req)) > 0) {
		ssize_t len = vdpa_vring_pull(&tx->ring, &req, net->buf,
					      hdr_len + VDPASIM_NET_FRAME_MAX);

		budget--;
		if (len <= (ssize_t)hdr_len || req.out_len) {
			t.errors++;
		} else {
			t.packets++;
			t.bytes += len;
			if (!wired) {
				if (receive(net, pair, len, &r) == NO_BUFFER)
					r.overruns++;
			} else {
				packet = vdpasim_net_wire_packet(net->buf + hdr_len, len - hdr_len,
								 pair);
				if (packet)
					list_add_tail(&packet->node, &out);
				else
					t.drops++;
			}
		}
		ret = vdpa_vring_put(&tx->ring, &req, 0);
		if (ret)
			break;
	}
	if (!vdpasim_check_ring(&net->sim, tx, ret))
		t.errors++;
	if (wired)
		vdpasim_net_wire_send(net, &out);
	else
		finish(net, rx);
	finish(net, tx);
	count(&net->tx[pair], &t);
	count(&net->rx[pair], &r);
	if (!budget)
		return true;
	ret = vdpa_vring_kick_enable(&tx->ring);
	return vdpasim_check_ring(&net->sim, tx, ret) && ret;
}

/*
 * Receive what came over the wire. What finds no buffer waits for the driver to supply one; the
 * length of the in-queue is limited. True if there is more to do.
 */
static bool receive_wire(struct vdpasim_net *net)
{
	size_t hdr_len = vdpasim_net_hdr_len(net);
	struct round r[VDPASIM_NET_MAX_PAIRS] = {};
	struct vdpasim_net_packet *packet;
	unsigned int budget = ROUND_PACKETS, i;
	bool more = true;

	while (budget && (packet = vdpasim_net_wire_receive(net))) {
		unsigned int pair = packet->pair % net->pairs;
		struct vdpasim_vq *rx = &net->sim.vqs[2 * pair];

		budget--;
		memcpy(net->buf + hdr_len, packet->data, packet->len);
		if (receive(net, pair, hdr_len + packet->len, &r[pair]) != NO_BUFFER) {
			kfree(packet);
			continue;
		}
		vdpasim_net_wire_unreceive(net, packet);
		more = vdpa_vring_kick_enable(&rx->ring) > 0;
		if (!more)
			break;
	}
	for (i = 0; i < net->pairs; i++) {
		if (r[i].packets || r[i].errors)
			finish(net, &net->sim.vqs[2 * i]);
		count(&net->rx[i], &r[i]);
	}
	return !budget && more;
}

bool vdpasim_net_work(struct vdpasim *sim)
{
	struct vdpasim_net *net = sim_to_net(sim);
	bool wired = READ_ONCE(net->wire.peer);
	bool more = false;
	unsigned int i;

	if (vdpasim_has(sim, VIRTIO_NET_F_CTRL_VQ))
		vdpasim_net_serve_ctrl(net);
	for (i = 0; i < net->pairs; i++)
		more |= transmit(net, i, wired);
	more |= receive_wire(net);
	return more;
}
