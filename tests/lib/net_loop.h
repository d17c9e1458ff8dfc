/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * net_loop.h - makes a looping net device (vdpa_sim_net) read and write memory on demand.
 *
 * A frame that is sent comes back as received. With the payload of the sent frame at one IOVA and
 * the buffer for the received one at another, the device is a DMA engine: it reads exactly the
 * one and writes exactly the other. Headers, rings and slots for small reads and writes are in
 * memory of their own, which the caller maps like any other.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vdpa_client.h"
#include "vring_driver.h"

#define NET_LOOP_SLOTS		64
#define NET_LOOP_SLOT_BYTES	128
/* Two rings, then the transmit and the receive slots. */
#define NET_LOOP_BYTES		(2 * VRING_DRIVER_BYTES + \
				 2 * NET_LOOP_SLOTS * NET_LOOP_SLOT_BYTES)
/* Largest payload of a slot, and of one copy between other buffers. */
#define NET_LOOP_SMALL		64
#define NET_LOOP_MAX_COPY	2048

#define NET_LOOP_FEATURES	(VDPA_BIT(VIRTIO_F_VERSION_1) | VDPA_BIT(VIRTIO_F_ACCESS_PLATFORM))

/**
 * struct net_loop - rings and slots of queues 0 (receive) and 1 (transmit)
 * @c: client; set by net_loop_attach()
 * @mem: NET_LOOP_BYTES of page-aligned memory
 * @iova: where the device sees @mem
 * @timeout_ms: how long to wait for the device, 30 s after net_loop_init()
 * @packed: packed rings; takes effect in net_loop_rewind() and must then be negotiated
 * @rx: receive ring
 * @tx: transmit ring
 * @rx_base: what net_loop_attach() sets as base; that of a fresh ring after net_loop_rewind()
 * @tx_base: the same for the transmit ring
 * @rx_kick: eventfds of both rings
 */
struct net_loop {
	const struct vdpa_client *c;
	uint8_t *mem;
	uint64_t iova;
	unsigned int timeout_ms;
	bool packed;
	struct vring_driver rx;
	struct vring_driver tx;
	unsigned int rx_base;
	unsigned int tx_base;
	int rx_kick;
	int rx_call;
	int tx_kick;
	int tx_call;
	uint32_t seq;
	unsigned int rx_posted;
	unsigned int tx_posted;
	uint8_t rx_slot[VRING_DRIVER_MAX];
	uint8_t tx_slot[VRING_DRIVER_MAX];
	uint64_t rx_busy;
	uint64_t tx_busy;
};

/* Eventfds and fresh rings. */
int net_loop_init(struct net_loop *l, void *mem, uint64_t iova);
void net_loop_exit(struct net_loop *l);

/* Fresh rings after a reset; @iova may differ from the last one. */
void net_loop_rewind(struct net_loop *l, uint64_t iova);

/* One UPDATE for the memory of the loop itself. */
int net_loop_map(const struct net_loop *l, const struct vdpa_client *c);
int net_loop_unmap(const struct net_loop *l, const struct vdpa_client *c);

/* Ring ioctls for both queues; the device is in FEATURES_OK. */
int net_loop_attach(struct net_loop *l, const struct vdpa_client *c);

/* negotiate, attach, DRIVER_OK. The memory is mapped already, or is expected not to be. */
int net_loop_start(struct net_loop *l, const struct vdpa_client *c);

/*
 * The device reads @len bytes at @src and writes them at @dst.
 * 0: done. -EFAULT: it could not read. -EIO: it read, but could not write.
 * -ETIMEDOUT: the rings do not move at all.
 */
int net_loop_copy(struct net_loop *l, uint64_t src, uint64_t dst, uint32_t len);

/* The same with this process as one end; up to NET_LOOP_SMALL bytes. */
int net_loop_read(struct net_loop *l, uint64_t iova, void *buf, uint32_t len);
int net_loop_write(struct net_loop *l, uint64_t iova, const void *buf, uint32_t len);

/*
 * Reads 8 bytes at each of @n IOVAs with few kicks. @ok[i] tells whether it could be read, and
 * then @value[i] what. 0 or -ETIMEDOUT.
 */
int net_loop_peek(struct net_loop *l, const uint64_t *iova, unsigned int n, uint64_t *value,
		  bool *ok);

#endif /* NET_LOOP_H */
