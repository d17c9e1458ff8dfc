/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * net.h - the simulated network device: what its files share.
 *
 * Queues 2p and 2p+1 receive and transmit for pair p; the control queue follows the pairs, or is
 * number 2 if the driver does not know multiqueue (virtio 1.2, 5.1.2). What is transmitted is
 * received by the device itself or, if it is wired to another one, by that one.
 *
 * The data path (net_data.c) and the control queue (net_ctrl.c) run in the device's thread, under
 * the locks described in vdpa_sim.h. Packets cross a wire by the receiver's in-queue, which has a
 * lock of its own (net_wire.c).
 */
#ifndef VDPA_SIM_NET_H
#define VDPA_SIM_NET_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <uapi/linux/virtio_net.h>

#include "vdpa_sim.h"

#define VDPASIM_NET_MAX_PAIRS 8
#define VDPASIM_NET_MAX_VQS (2 * VDPASIM_NET_MAX_PAIRS + 1)
#define VDPASIM_NET_GROUP_DATA 0
#define VDPASIM_NET_GROUP_CTRL 1

/*
 * Largest frame that is passed on. Sender and receiver may have headers of different lengths, so
 * it is the frame without one that counts.
 */
#define VDPASIM_NET_FRAME_MAX 65536u
#define VDPASIM_NET_BUF_SIZE \
	(VDPASIM_NET_FRAME_MAX + (unsigned int)sizeof(struct virtio_net_hdr_v1))

struct vdpasim_net_data_stats {
	atomic64_t packets;
	atomic64_t bytes;
	atomic64_t errors;
	atomic64_t drops;
	atomic64_t overruns;
};

struct vdpasim_net_ctrl_stats {
	atomic64_t requests;
	atomic64_t successes;
	atomic64_t errors;
};

/**
 * struct vdpasim_net_wire - what connects a device with another one; see net_wire.c
 * @all: node in the list of all devices; wire_mutex
 * @peer: the device at the other end, or NULL; written under wire_mutex and wire_lock
 * @lock: protects @in and @in_len
 * @in: packets that arrived and were not received yet
 * @in_len: their number
 */
struct vdpasim_net_wire {
	struct list_head all;
	struct vdpasim_net *peer;
	spinlock_t lock;	/* in and in_len */
	struct list_head in;
	unsigned int in_len;
};

/* A packet on its way over a wire; @data starts with the Ethernet header. */
struct vdpasim_net_packet {
	struct list_head node;
	unsigned int pair;
	unsigned int len;
	u8 data[];
};

/**
 * struct vdpasim_net - a simulated network device
 * @sim: the device; first member
 * @max_pairs: queue pairs it has, constant
 * @pairs: queue pairs in use, sim.lock
 * @rx: statistics of each receive queue
 * @tx: statistics of each transmit queue
 * @ctrl: statistics of the control queue
 * @buf: a frame on its way through, sim.lock
 * @wire: connection with another device
 */
struct vdpasim_net {
	struct vdpasim sim;
	unsigned int max_pairs;
	unsigned int pairs;
	struct vdpasim_net_data_stats rx[VDPASIM_NET_MAX_PAIRS];
	struct vdpasim_net_data_stats tx[VDPASIM_NET_MAX_PAIRS];
	struct vdpasim_net_ctrl_stats ctrl;
	void *buf;
	struct vdpasim_net_wire wire;
};

static inline struct vdpasim_net *sim_to_net(struct vdpasim *sim)
{
	return container_of(sim, struct vdpasim_net, sim);
}

/* Index of the control queue; without VIRTIO_NET_F_CTRL_VQ nobody asks. */
static inline u16 vdpasim_net_ctrl_vq(const struct vdpasim_net *net)
{
	return vdpasim_has(&net->sim, VIRTIO_NET_F_MQ) ? 2 * net->max_pairs : 2;
}

/* Without VERSION_1 and mergeable buffers the header has no num_buffers (5.1.6). */
static inline size_t vdpasim_net_hdr_len(const struct vdpasim_net *net)
{
	return vdpasim_has(&net->sim, VIRTIO_F_VERSION_1) ? sizeof(struct virtio_net_hdr_v1) :
							    sizeof(struct virtio_net_hdr);
}

/* net_data.c */
bool vdpasim_net_work(struct vdpasim *sim);

/* net_ctrl.c */
void vdpasim_net_serve_ctrl(struct vdpasim_net *net);

/* net_stats.c */
int vdpasim_net_get_stats(struct vdpasim *sim, u16 idx, struct sk_buff *msg,
			  struct netlink_ext_ack *extack);

/* net_wire.c */
int vdpasim_net_wire_init(struct device *dev);
void vdpasim_net_wire_exit(struct device *dev);
void vdpasim_net_wire_add(struct vdpasim_net *net);
void vdpasim_net_wire_remove(struct vdpasim_net *net);
void vdpasim_net_wire_flush(struct vdpasim_net *net);
struct vdpasim_net_packet *vdpasim_net_wire_packet(const void *data, unsigned int len,
						   unsigned int pair);
void vdpasim_net_wire_send(struct vdpasim_net *net, struct list_head *packets);
struct vdpasim_net_packet *vdpasim_net_wire_receive(struct vdpasim_net *net);
void vdpasim_net_wire_unreceive(struct vdpasim_net *net, struct vdpasim_net_packet *packet);

#endif /* VDPA_SIM_NET_H */
